import type { Queryable } from '#infra/postgres.ts';
import { sentDouble, sentLength, sentSmallInt, sentTimeUs } from '#infra/sent-array.ts';
import type { RegisterSample } from './judge.ts';
import type { SampleSource } from './samples.ts';

/**
 * Samples of many counters over one range, read by two statements before their lines are asked for: a question per counter
 * costs more than what it answers. They come in arrays, as the server keeps them: a row a sample costs several times as
 * much. They are unpacked when they are asked for, counter by counter.
 */
export interface ReadAhead {
  readonly fromUs: number;
  readonly toUs: number;
  /** Nothing before it was read. */
  readonly sinceUs: number;
  readonly byPoint: ReadonlyMap<number, SamplesAround>;
}

interface SamplesAround {
  readonly lead: Packed;
  readonly inner: Packed;
  readonly tail: Packed;
}

export interface AheadQuery {
  readonly pointIds: readonly number[];
  readonly fromUs: number;
  readonly toUs: number;
  readonly sinceUs: number;
  /** Of all counters together; where there are more, nothing is read ahead. */
  readonly mostSamples: number;
  readonly page: SampleSource['page'];
}

const instant = (place: string) =>
  `coalesce(timestamptz 'epoch' + nullif(${place}::float8, '-infinity') * interval '1 microsecond', '-infinity')`;
const packed = `array_send(array_agg(time)) as times, array_send(array_agg(value)) as values,
  array_send(array_agg(quality)) as qualities`;

/** The last samples before a range, and the first after it: few of each counter, each by a walk along the key. */
const endsSql = (() => {
  const part = (name: string, where: string, order: string) => `cross join lateral (select ${packed}
    from (select time, value, quality from reading where point_id = p.id and ${where} order by time ${order}) s) ${name}`;
  return `select p.id, lead.*, tail.* from unnest($1::int[]) p (id)
    ${part('lead', `time >= ${instant('$4')} and time < ${instant('$2')}`, 'desc limit $5')}
    ${part('tail', `time >= ${instant('$3')}`, 'limit $6')}`;
})();

/**
 * The range itself, in whatever order the server finds it: readings lie in the order in which they came, so those of one
 * counter are on as many pages as there are of them, and a walk along the key of each reads every page once for every
 * counter.
 */
const innerSql = `select point_id, ${packed} from (select point_id, time, value, quality from reading
    where point_id = any($1::int[]) and time >= ${instant('$2')} and time < ${instant('$3')} limit $4) r
  group by point_id`;

type PackedRow = [pointId: number, ...columns: (Buffer | null)[]];

/** Raw readings around and within a range. */
export async function readAhead(db: Queryable, query: AheadQuery): Promise<ReadAhead> {
  const { pointIds, fromUs, toUs, sinceUs, mostSamples, page } = query;
  // Without a name: how many counters are asked for decides how it is best read.
  const read = async (text: string, more: readonly number[]) => {
    const values = [pointIds, fromUs, toUs, ...more];
    return (await db.query<PackedRow>({ text, values, rowMode: 'array' })).rows;
  };
  const inner = await read(innerSql, [mostSamples + 1]);
  const byPoint = new Map<number, SamplesAround>();
  const range = { fromUs, toUs, sinceUs, byPoint };
  const innerOf = new Map(inner.map(([id, ...columns]) => [id, columns]));
  const count = inner.reduce((sum, [, times]) => sum + sentLength(times), 0);
  if (count > mostSamples) return range;
  for (const [id, ...columns] of await read(endsSql, [sinceUs, page.lead, page.tail])) {
    byPoint.set(id, {
      lead: columns.slice(0, 3),
      inner: innerOf.get(id) ?? [],
      tail: columns.slice(3),
    });
  }
  return range;
}

/** The same source, which answers what was read ahead without asking the server. */
export function withAhead(source: SampleSource, ahead: ReadAhead): SampleSource {
  const { fromUs, toUs, sinceUs, byPoint } = ahead;
  const { page } = source;
  return {
    page,
    between: (range, most) => {
      const known = range.fromUs === fromUs && range.toUs === toUs ? byPoint.get(range.pointId) : undefined;
      if (known === undefined) return source.between(range, most);
      return Promise.resolve(samplesOf(known.inner).slice(0, most));
    },
    before: (range, most) => {
      const isKnown = range.fromUs === sinceUs && range.toUs === fromUs && most === page.lead;
      const known = isKnown ? byPoint.get(range.pointId) : undefined;
      return known === undefined ? source.before(range, most) : Promise.resolve(samplesOf(known.lead));
    },
    from: (pointId, timeUs, most) => {
      const known = timeUs === toUs && most === page.tail ? byPoint.get(pointId) : undefined;
      return known === undefined
        ? source.from(pointId, timeUs, most)
        : Promise.resolve(samplesOf(known.tail));
    },
  };
}

/** Times, values and qualities, each as the server sends an array; null, or absent, where there are none. */
type Packed = readonly (Buffer | null)[];

/** In order of time. */
function samplesOf([times, values, qualities]: Packed): RegisterSample[] {
  if (!times || !values || !qualities) return [];
  let isInOrder = true;
  let beforeUs = -Infinity;
  const samples = Array.from({ length: sentLength(times) }, (_, at): RegisterSample => {
    const timeUs = sentTimeUs(times, at);
    isInOrder &&= timeUs >= beforeUs;
    beforeUs = timeUs;
    return { timeUs, value: sentDouble(values, at), quality: qualityOf(sentSmallInt(qualities, at)) };
  });
  return isInOrder ? samples : samples.toSorted((a, b) => a.timeUs - b.timeUs);
}

function qualityOf(code: number): RegisterSample['quality'] {
  return code === 0 || code === 1 ? code : 2;
}
