import type { Queryable } from '#infra/postgres.ts';
import type { MetricDefinition } from '#schemas/device-class.ts';
import type { Provenance } from '#schemas/reading.ts';
import { readRawKeptSince } from '#services/rollup/journal-store.ts';
import type { RegisterSample } from './judge.ts';
import { withAhead, type ReadAhead } from './read-ahead.ts';
import { joinSources, withLate, type SampleSource } from './samples.ts';

/** SQL of counters: their samples, what is known of them, and the tree of meters. */

type SampleTable = 'reading' | 'register_knot' | 'reading_late';

type SampleRow = [seconds: number, value: number, quality: 0 | 1 | 2, coveredUs: number | string | null];

/** µs since the epoch as a time, without the rounding of a floating second. */
const instant = (place: string) => `(timestamptz 'epoch' + ${place}::float8 * interval '1 microsecond')`;

const samplesSql = (table: SampleTable) => {
  const covered = table === 'register_knot' ? 'covered_us' : 'null';
  const columns = `date_part('epoch', time), value, quality, ${covered}`;
  return {
    between: `select ${columns} from ${table}
      where point_id = $1 and time >= ${instant('$2')} and time < ${instant('$3')} order by time limit $4`,
    before: `select ${columns} from ${table}
      where point_id = $1 and time >= coalesce(${instant('$2')}, '-infinity') and time < ${instant('$3')}
      order by time desc limit $4`,
    from: `select ${columns} from ${table}
      where point_id = $1 and time >= ${instant('$2')} order by time limit $3`,
  };
};

const pages = { lead: 32, tail: 8 };

/** Samples as raw readings, the knots, or late readings have them. */
export function samplesIn(db: Queryable, table: SampleTable): SampleSource {
  const sql = samplesSql(table);
  const read = async (what: keyof typeof sql, values: (number | null)[]): Promise<RegisterSample[]> => {
    const { rows } = await db.query<SampleRow>({
      name: `consumption-${table}-${what}`,
      text: sql[what],
      values,
      rowMode: 'array',
    });
    return rows.map(([seconds, value, quality, covered]) => {
      const sample = { timeUs: Math.round(seconds * 1e6), value, quality };
      if (table === 'reading_late') return { ...sample, isLate: true };
      return covered === null ? sample : { ...sample, coveredUs: Number(covered) };
    });
  };
  return {
    page: pages,
    between: ({ pointId, fromUs, toUs }, most) => read('between', [pointId, fromUs, toUs, most]),
    before: async ({ pointId, fromUs, toUs }, most) => {
      const sinceUs = fromUs === -Infinity ? null : fromUs;
      return (await read('before', [pointId, sinceUs, toUs, most])).toReversed();
    },
    from: (pointId, timeUs, most) => read('from', [pointId, timeUs, most]),
  };
}

/**
 * Samples as raw readings have them, and before the time since which those are whole, as the knots have them; and those of
 * days that came late.
 * @param ahead raw readings that were read already
 */
export function keptSamples(db: Queryable, ahead?: ReadAhead): SampleSource {
  let since: Promise<number> | undefined;
  const sinceUs = () => (since ??= ahead === undefined ? readKeptSince(db) : Promise.resolve(ahead.sinceUs));
  const read = samplesIn(db, 'reading');
  const raw = ahead === undefined ? read : withAhead(read, ahead);
  const kept = joinSources({ knots: samplesIn(db, 'register_knot'), raw, sinceUs });
  let span: ReturnType<typeof readLateSpan> | undefined;
  return withLate(kept, { late: samplesIn(db, 'reading_late'), span: () => (span ??= readLateSpan(db)) });
}

/** Since when raw readings are whole, epoch µs; -Infinity while none were dropped. */
export async function readKeptSince(db: Queryable): Promise<number> {
  return (await readRawKeptSince(db)) * 1_000;
}

/** Between which instants late readings are kept; empty where none are. A day is never longer than 25 hours. */
async function readLateSpan(db: Queryable): Promise<{ fromUs: number; toUs: number }> {
  const { rows } = await db.query<{ fromUs: number | null; toUs: number | null }>(
    `select extract(epoch from (select min(day) from late_day) - interval '1 day')::float8 * 1e6 as "fromUs",
       extract(epoch from (select max(day) from late_day) + interval '2 days')::float8 * 1e6 as "toUs"`,
  );
  return { fromUs: rows[0]?.fromUs ?? Infinity, toUs: rows[0]?.toUs ?? -Infinity };
}

export interface CounterRow {
  readonly pointId: number;
  readonly metric: string;
  readonly deviceClass: string;
  readonly definition: Partial<MetricDefinition> | null;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
}

/** What is said of these points, by their device as it stands now, or stood last when it is gone. */
export async function readCounters(db: Queryable, pointIds: readonly number[]): Promise<CounterRow[]> {
  const { rows } = await db.query<CounterRow>(
    `select p.point_id as "pointId", p.metric, d.class as "deviceClass", p.definition, d.attributes
     from point p
     join lateral (select class, attributes from device where id = p.device_id order by valid_to desc limit 1) d on true
     where p.point_id = any($1)`,
    [pointIds],
  );
  return rows;
}

export interface MeterRow {
  readonly deviceId: string;
  readonly name: string;
  readonly parentId: string | null;
  readonly provenance: Provenance;
}

/** A meter and all that name it, or one below it, as `parentMeterId` now; in a ring the root stays the root. */
export async function readMeterTree(
  db: Queryable,
  tree: { readonly root: string; readonly most: number },
): Promise<MeterRow[]> {
  const { rows } = await db.query<MeterRow>(
    `with recursive meter as (
       select id, null::text as parent_id from device where id = $1 and valid_to = 'infinity'
       union
       select d.id, meter.id from meter
       join device d on d.attributes ->> 'parentMeterId' = meter.id and d.valid_to = 'infinity'
         and d.lifecycle <> 'retired' and d.id <> $1
     )
     select d.id as "deviceId", d.name, m.parent_id as "parentId", d.provenance
     from meter m join device d on d.id = m.id and d.valid_to = 'infinity'
     order by d.id limit $2`,
    [tree.root, tree.most],
  );
  return rows;
}
