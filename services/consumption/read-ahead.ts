import type { Queryable } from '#infra/postgres.ts';
import type { RegisterSample } from './judge.ts';
import type { SampleSource } from './samples.ts';

/**
 * Samples of many counters over one range, read by one statement before their lines are asked for: a question per counter
 * costs more than what it answers. They come in arrays, as the server keeps them: a row a sample costs several times as much.
 */
export interface ReadAhead {
  readonly fromUs: number;
  readonly toUs: number;
  /** Nothing before it was read. */
  readonly sinceUs: number;
  /** Counters that have more samples than could be read are not in it. */
  readonly byPoint: ReadonlyMap<number, SamplesAround>;
}

interface SamplesAround {
  readonly lead: readonly RegisterSample[];
  readonly inner: readonly RegisterSample[];
  readonly tail: readonly RegisterSample[];
}

export interface AheadQuery {
  readonly pointIds: readonly number[];
  readonly fromUs: number;
  readonly toUs: number;
  readonly sinceUs: number;
  /** Of each counter. */
  readonly mostSamples: number;
  readonly page: SampleSource['page'];
}

const instant = (place: string) =>
  `coalesce(timestamptz 'epoch' + nullif(${place}::float8, '-infinity') * interval '1 microsecond', '-infinity')`;
const part = (name: string, where: string, order: string) => `cross join lateral (
    select array_agg(time) as times, array_agg(value) as values, array_agg(quality) as qualities
    from (select time, value, quality from reading where point_id = p.id and ${where} order by time ${order}) s) ${name}`;
const columns = (name: string) =>
  ['times', 'values', 'qualities'].map((column) => `array_send(${name}.${column})`).join(', ');

/** Raw readings around and within a range, counter by counter inside the server. */
export async function readAhead(db: Queryable, query: AheadQuery): Promise<ReadAhead> {
  const { pointIds, fromUs, toUs, sinceUs, mostSamples, page } = query;
  const statement = {
    name: 'consumption-read-ahead',
    text: `select p.id, ${columns('lead')}, ${columns('inside')}, ${columns('tail')}
      from unnest($1::int[]) p (id)
      ${part('lead', `time >= ${instant('$4')} and time < ${instant('$2')}`, 'desc limit $6')}
      ${part('inside', `time >= ${instant('$2')} and time < ${instant('$3')}`, 'limit $5')}
      ${part('tail', `time >= ${instant('$3')}`, 'limit $7')}`,
    values: [pointIds, fromUs, toUs, sinceUs, mostSamples + 1, page.lead, page.tail],
    rowMode: 'array' as const,
  };
  const { rows } = await db.query<[number, ...(Buffer | null)[]]>(statement);
  const byPoint = new Map<number, SamplesAround>();
  for (const [id, ...arrays] of rows) {
    const [lead, inner, tail] = [0, 3, 6].map((at) => samplesOf(arrays.slice(at, at + 3)));
    if (inner === undefined || inner.length > mostSamples) continue;
    byPoint.set(id, { lead: (lead ?? []).toReversed(), inner, tail: tail ?? [] });
  }
  return { fromUs, toUs, sinceUs, byPoint };
}

/** The same source, which answers what was read ahead without asking the server. */
export function withAhead(source: SampleSource, ahead: ReadAhead): SampleSource {
  const { fromUs, toUs, sinceUs, byPoint } = ahead;
  const { page } = source;
  return {
    page,
    between: (range, most) => {
      const known = range.fromUs === fromUs && range.toUs === toUs ? byPoint.get(range.pointId) : undefined;
      return known === undefined ? source.between(range, most) : Promise.resolve(known.inner.slice(0, most));
    },
    before: (range, most) => {
      const isKnown = range.fromUs === sinceUs && range.toUs === fromUs && most === page.lead;
      const known = isKnown ? byPoint.get(range.pointId) : undefined;
      return known === undefined ? source.before(range, most) : Promise.resolve(known.lead);
    },
    from: (pointId, timeUs, most) => {
      const known = timeUs === toUs && most === page.tail ? byPoint.get(pointId) : undefined;
      return known === undefined ? source.from(pointId, timeUs, most) : Promise.resolve(known.tail);
    },
  };
}

/** How the server sends an array: its number of dimensions, a flag, its type, length and lower bound, 4 bytes each. */
const arrayHeadBytes = 20;
const lengthAt = 12;
/** Before each element stands its length. */
const elementHeadBytes = 4;
/** The server counts µs since 2000. */
const serverEpochUs = 946_684_800_000_000;
const word = 2 ** 32;

function samplesOf([times, values, qualities]: readonly (Buffer | null)[]): RegisterSample[] {
  // An array of nothing is null.
  if (!times || !values || !qualities) return [];
  return Array.from({ length: times.readInt32BE(lengthAt) }, (_, at) => {
    const wide = arrayHeadBytes + at * (elementHeadBytes + 8) + elementHeadBytes;
    const narrow = arrayHeadBytes + at * (elementHeadBytes + 2) + elementHeadBytes;
    return {
      timeUs: times.readInt32BE(wide) * word + times.readUInt32BE(wide + 4) + serverEpochUs,
      value: values.readDoubleBE(wide),
      quality: qualityOf(qualities.readInt16BE(narrow)),
    };
  });
}

function qualityOf(code: number): RegisterSample['quality'] {
  return code === 0 || code === 1 ? code : 2;
}
