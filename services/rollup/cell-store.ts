import type { Queryable } from '#infra/postgres.ts';
import type { LocalDay } from './local-day.ts';

/** The SQL that makes cells (a point's 15 minutes) from raw readings, and packs the cells of a day that is over. */

/** Points whose mean is not arithmetic. */
export interface MeanKinds {
  readonly energy: readonly number[];
  readonly circular: readonly number[];
}

/**
 * The figures of a cell of its readings (`time`, `value`, `quality`, and `sized`, the value as sines and powers need it).
 * Everything is added up in order of time, so that the same readings always give the same bits. Values so large that
 * adding them up would fail are left out of the sum, and ones so small that dividing them would fail are zero to
 * sines and powers: no reading may stop the job.
 * @param of.energy @param of.circular whether the mean of the point is such a one
 * @param of.start the cell's start
 */
const cellFigures = (of: { energy: string; circular: string; start: string }) => `
    count(*)::int as count, count(*) filter (where quality = 0)::int as good,
    count(*) filter (where quality < 2 and abs(value) < 1e290)::int as summed,
    min(value) filter (where quality < 2) as min, max(value) filter (where quality < 2) as max,
    sum(case when ${of.energy} then power(10, greatest(least(sized, 1000), -1000) / 10)
      when ${of.circular} then sind(sized) else value end order by time)
      filter (where quality < 2 and abs(value) < 1e290) as sum,
    case when ${of.circular} then
      sum(cosd(sized) order by time) filter (where quality < 2 and abs(value) < 1e290) end as sum_cos,
    array_agg(value order by time) filter (where quality < 2) as series,
    (extract(epoch from min(time) filter (where quality < 2) - ${of.start}) * 1000000)::int as first_us,
    (extract(epoch from max(time) filter (where quality < 2) - ${of.start}) * 1000000)::int as last_us,
    max(quality) as quality`;
const sized = 'case when abs(value) < 1e-99 then 0 else value end as sized';

/** One cell from raw, of the point `p.point_id` and the range $1 to $2; kinds of means are $3 (energy) and $4 (circular). */
const cellFromRaw = (source: string) => `
  select ${cellFigures({
    energy: 'p.point_id = any($3::int[])',
    circular: 'p.point_id = any($4::int[])',
    start: '$1::timestamptz',
  })}
  from ${source} r cross join lateral (select ${sized}) s
  where r.point_id = p.point_id and r.time >= $1::timestamptz and r.time < $2::timestamptz`;

const cellColumns =
  'count, good, summed, min, max, sum, sum_cos, first, last, first_us, last_us, quality' as const;
const cellSelection = `a.count, a.good, a.summed, a.min, a.max, a.sum, a.sum_cos, a.series[1] as first,
  a.series[cardinality(a.series)] as last, a.first_us, a.last_us, a.quality`;

interface Bucket {
  readonly fromMs: number;
  readonly toMs: number;
  /** Null is every point. */
  readonly pointIds: readonly number[] | null;
  readonly means: MeanKinds;
}

/** Where raw readings lie: those that were older than the horizon when they came have a table of their own. */
export type RawTable = 'reading' | 'reading_late';

/** Both, as a table of one statement. */
export const anyReading = `(
    select time, value, quality, point_id from reading
    union all
    select time, value, quality, point_id from reading_late)`;

/** Makes a bucket's cells again from raw. A statement a bucket: planned for the one partition that holds it. */
export async function writeCells(
  client: Queryable,
  bucket: Bucket,
  table: RawTable = 'reading',
): Promise<number> {
  const points = bucket.pointIds === null ? 'point' : 'unnest($5::int[])';
  const { rowCount } = await client.query(
    `insert into rollup_15m (bucket, point_id, ${cellColumns})
     select $1::timestamptz, p.point_id, ${cellSelection}
     from ${points} p ${bucket.pointIds === null ? '' : '(point_id)'} cross join lateral (${cellFromRaw(table)}) a
     where a.count > 0
     on conflict (point_id, bucket) do update set
       count = excluded.count, good = excluded.good, summed = excluded.summed, min = excluded.min,
       max = excluded.max, sum = excluded.sum, sum_cos = excluded.sum_cos, first = excluded.first,
       last = excluded.last, first_us = excluded.first_us, last_us = excluded.last_us, quality = excluded.quality`,
    [...rangeParameters(bucket), ...(bucket.pointIds === null ? [] : [bucket.pointIds])],
  );
  return rowCount ?? 0;
}

function rangeParameters({ fromMs, toMs, means }: Omit<Bucket, 'pointIds'>): unknown[] {
  return [new Date(fromMs), new Date(toMs), means.energy, means.circular];
}

/** A cell as reads need it; what is null has no reading that counts. */
export interface Cell {
  readonly bucketMs: number;
  readonly count: number;
  readonly summed: number;
  readonly min: number | null;
  readonly max: number | null;
  readonly sum: number | null;
  readonly sumCos: number | null;
  readonly quality: number;
}

export interface PointCell extends Cell {
  readonly pointId: number;
}

/** A bucket's cells from raw, of those of the points that have readings in it. */
export async function readRawCells(
  db: Queryable,
  bucket: Bucket & { readonly pointIds: readonly number[] },
): Promise<PointCell[]> {
  const { rows } = await db.query<PointCell>(
    `select p.point_id as "pointId", (extract(epoch from $1::timestamptz) * 1000)::float8 as "bucketMs",
       a.count, a.summed, a.min, a.max, a.sum, a.sum_cos as "sumCos", a.quality
     from unnest($5::int[]) p (point_id) cross join lateral (${cellFromRaw(anyReading)}) a
     where a.count > 0`,
    [...rangeParameters(bucket), bucket.pointIds],
  );
  return rows;
}

/** Points that have cells of the day which are not packed yet, in order, at most so many. */
export async function readUnpacked(
  db: Queryable,
  { fromMs, toMs, most }: Pick<LocalDay, 'fromMs' | 'toMs'> & { most: number },
): Promise<number[]> {
  const { rows } = await db.query<{ id: number }>(
    `select distinct point_id as id from rollup_15m where bucket >= $1 and bucket < $2 order by 1 limit $3`,
    [new Date(fromMs), new Date(toMs), most],
  );
  return rows.map(({ id }) => id);
}

/** Start of the oldest bucket that is not packed, before an instant; null when there is none. */
export async function readOldestUnpacked(db: Queryable, beforeMs: number): Promise<number | null> {
  const { rows } = await db.query<{ ms: number | null }>(
    'select (extract(epoch from min(bucket)) * 1000)::float8 as ms from rollup_15m where bucket < $1',
    [new Date(beforeMs)],
  );
  return rows[0]?.ms ?? null;
}

/** Places of 2,000 points are 11 MB to sort; with what a statement gets otherwise they go through files. */
const sortInMemory = `set local work_mem = '32MB'`;

/** Moves the points' cells of a day into its packed row, over what stood there, and folds the day anew. */
export function packCells(client: Queryable, day: LocalDay, pointIds: readonly number[]): Promise<void> {
  return pack(client, day, { sql: packSql, pointIds });
}

/** Writes the points' packed rows of a day, and forgets the cells that they take the place of. */
async function pack(
  client: Queryable,
  { day, fromMs, toMs }: LocalDay,
  of: { readonly sql: string; readonly pointIds: readonly number[]; readonly more?: readonly unknown[] },
): Promise<void> {
  const { sql, pointIds, more = [] } = of;
  const [from, to] = [new Date(fromMs), new Date(toMs)];
  await client.query(sortInMemory);
  await client.query(sql, [day, from, to, pointIds, ...more]);
  await client.query('delete from rollup_15m where point_id = any($3) and bucket >= $1 and bucket < $2', [
    from,
    to,
    pointIds,
  ]);
}

/**
 * What is kept of the cells in `cell` (point_id, place and columns of a cell): the day's packed row and its fold. $1 is the
 * day, $2 and $3 are its start and end.
 * @param points the points of the rows, as a query
 */
const keepCells = (points: string) => `folded as (
  insert into rollup_1d as o (day, point_id, count, good, summed, quality, min, max, sum, sum_cos, first, last,
    first_time, last_time)
  select $1::date, point_id, sum(count)::int, sum(good)::int, sum(summed)::int, max(quality), min(min), max(max),
    sum(sum order by place), sum(sum_cos order by place),
    (array_agg(first order by place) filter (where first_us is not null))[1],
    (array_agg(last order by place desc) filter (where last_us is not null))[1],
    min($2::timestamptz + (place - 1) * interval '15 minutes' + first_us * interval '1 us'),
    max($2::timestamptz + (place - 1) * interval '15 minutes' + last_us * interval '1 us')
  from cell group by point_id
  on conflict (point_id, day) do update set count = excluded.count, good = excluded.good, summed = excluded.summed,
    quality = excluded.quality, min = excluded.min, max = excluded.max, sum = excluded.sum,
    sum_cos = excluded.sum_cos, first = excluded.first, last = excluded.last, first_time = excluded.first_time,
    last_time = excluded.last_time
)
insert into rollup_15m_day as o (day, point_id, ${cellColumns})
select $1::date, g.point_id, array_agg(count order by g.place), array_agg(good order by g.place),
  array_agg(summed order by g.place), array_agg(min order by g.place), array_agg(max order by g.place),
  array_agg(sum order by g.place),
  case when count(sum_cos) > 0 then array_agg(sum_cos order by g.place) end,
  array_agg(first order by g.place), array_agg(last order by g.place), array_agg(first_us order by g.place),
  array_agg(last_us order by g.place), array_agg(quality order by g.place)
from (select i.point_id, n.place from (${points}) i (point_id),
  generate_series(1, (extract(epoch from $3::timestamptz - $2::timestamptz) / 900)::int) n (place)) g
left join cell using (point_id, place)
group by g.point_id
on conflict (point_id, day) do update set count = excluded.count, good = excluded.good, summed = excluded.summed,
  min = excluded.min, max = excluded.max, sum = excluded.sum, sum_cos = excluded.sum_cos, first = excluded.first,
  last = excluded.last, first_us = excluded.first_us, last_us = excluded.last_us, quality = excluded.quality`;

const packSql = `
with fresh as materialized (
  select point_id, ${cellColumns}, (extract(epoch from bucket - $2::timestamptz) / 900)::int + 1 as place
  from rollup_15m where point_id = any($4::int[]) and bucket >= $2::timestamptz and bucket < $3::timestamptz
), packed as materialized (
  select d.point_id, u.*
  from rollup_15m_day d cross join lateral unnest(d.count, d.good, d.summed, d.min, d.max, d.sum, d.sum_cos, d.first,
    d.last, d.first_us, d.last_us, d.quality) with ordinality u (${cellColumns}, place)
  where d.day = $1::date and d.point_id = any($4::int[]) and u.count is not null
), cell as materialized (
  select point_id, place, ${cellColumns} from fresh
  union all
  select point_id, place, ${cellColumns} from packed p
  where not exists (select from fresh f where f.point_id = p.point_id and f.place = p.place)
), ${keepCells('select unnest($4::int[])')}`;

/** A point whose day is packed from raw: whether its mean is of energies, or circular. */
export interface RawPoint {
  readonly pointId: number;
  readonly isEnergy: boolean;
  readonly isCircular: boolean;
}

/**
 * Packs whole days of points straight from raw readings, over what stood there: all that is known of such a day lies in
 * one table. Through cells a reading would be written three times before it stands packed.
 */
export function packRaw(
  client: Queryable,
  day: LocalDay,
  { points, table }: { points: readonly RawPoint[]; table: RawTable },
): Promise<void> {
  const pointIds = points.map(({ pointId }) => pointId);
  const kinds = [points.map(({ isEnergy }) => isEnergy), points.map(({ isCircular }) => isCircular)];
  return pack(client, day, { sql: packRawSql(table), pointIds, more: kinds });
}

const packRawSql = (table: RawTable) => `
with figures as materialized (
  select point_id, place, ${cellFigures({
    energy: 'is_energy',
    circular: 'is_circular',
    start: "($2::timestamptz + (place - 1) * interval '15 minutes')",
  })}
  from unnest($4::int[], $5::bool[], $6::bool[]) p (id, is_energy, is_circular)
  cross join lateral (
    select point_id, time, value, quality, ${sized},
      floor(date_part('epoch', time - $2::timestamptz) / 900)::int + 1 as place
    from ${table} where point_id = p.id and time >= $2::timestamptz and time < $3::timestamptz) r
  group by point_id, place, is_energy, is_circular
), cell as materialized (
  select point_id, place, count, good, summed, min, max, sum, sum_cos, series[1] as first,
    series[cardinality(series)] as last, first_us, last_us, quality
  from figures
), ${keepCells('select distinct point_id from cell')}`;

/** Deletes the rollups of local days, first to last. */
export async function forgetDerived(
  client: Queryable,
  days: { from: string; to: string; fromMs: number; toMs: number },
): Promise<void> {
  await client.query('delete from rollup_15m where bucket >= $1 and bucket < $2', [
    new Date(days.fromMs),
    new Date(days.toMs),
  ]);
  await client.query('delete from rollup_15m_day where day between $1 and $2', [days.from, days.to]);
  await client.query('delete from rollup_1d where day between $1 and $2', [days.from, days.to]);
}
