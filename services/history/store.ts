import type { Queryable } from '#infra/postgres.ts';
import type { MetricDefinition } from '#schemas/device-class.ts';
import type { Cell } from '#services/rollup/cell-store.ts';

/** Readings or buckets of one point as columns; times in epoch ms. */
export interface RawColumns {
  readonly t: number[];
  readonly v: (number | null)[];
  readonly q: number[];
}

export interface PointRange {
  readonly pointId: number;
  readonly fromMs: number;
  readonly toMs: number;
  /** Rows at most. */
  readonly most: number;
}

/** Which raw readings are asked for. */
export interface RawExtent {
  /** Those that lie beyond the horizon too: copies of classes that are kept longer, and what came late. */
  readonly isBeyond?: boolean;
}

/** The tables that raw readings beyond the horizon lie in, each with what of it counts. */
export const allTables = [
  // Copies stand for what was before the time since which raw readings are whole, also while those are still there; one
  // snapshot reads both, so none is missed or doubled.
  ['reading', `and time >= coalesce((select since from raw_kept), '-infinity')`],
  ['reading_kept', 'and time < (select since from raw_kept)'],
  ['reading_late', ''],
] as const;

const nameOf = (name: string, { isBeyond }: RawExtent) => (isBeyond === true ? `${name}-all` : name);

/** Readings that meet a condition, in order of time, at most so many: of each table a walk along its key. */
function readingsSql({ isBeyond }: RawExtent, condition: string, most: string): string {
  const order = `order by time limit ${most}`;
  const of = ([table, more]: (typeof allTables)[number]) =>
    `(select time, value, quality from ${table} where ${condition} ${more} ${order})`;
  const columns = `date_part('epoch', time), value, quality`;
  return isBeyond === true
    ? `select ${columns} from (${allTables.map(of).join(' union all ')}) r ${order}`
    : `select ${columns} from reading where ${condition} ${order}`;
}

/** Raw readings in order of time; a walk along the key that ends after `most` rows. */
export async function readRaw(db: Queryable, range: PointRange & RawExtent): Promise<RawColumns> {
  const { rows } = await db.query<[number, number, number]>({
    name: nameOf('history-raw', range),
    text: readingsSql(range, 'point_id = $1 and time >= $2 and time < $3', '$4'),
    values: [range.pointId, new Date(range.fromMs), new Date(range.toMs), range.most],
    rowMode: 'array',
  });
  return {
    t: rows.map(([seconds]) => toMs(seconds)),
    v: rows.map(([, value]) => value),
    q: rows.map(([, , quality]) => quality),
  };
}

/** How many of these local days of the points are kept as late readings. */
export async function countLateDays(
  db: Queryable,
  query: { pointIds: readonly number[]; days: readonly string[] },
): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    `select count(*)::int as count from late_day where point_id = any($1::int[]) and day = any($2::date[])`,
    [query.pointIds, query.days],
  );
  return rows[0]?.count ?? 0;
}

/** How far back copies of a point reach. */
export interface PointReach {
  readonly pointId: number;
  /** How long its class is kept. */
  readonly days: number;
  /** Since when all its readings were copied, epoch ms. */
  readonly wholeFromMs: number;
}

/** Those of the points that are kept longer than all others. */
export async function readKeptReach(db: Queryable, pointIds: readonly number[]): Promise<PointReach[]> {
  const { rows } = await db.query<PointReach>({
    name: 'history-kept-reach',
    text: `select k.point_id as "pointId", s.days, (extract(epoch from k.whole_from) * 1000)::float8 as "wholeFromMs"
     from raw_kept_point k join point p on p.point_id = k.point_id
     cross join lateral (select class from device where id = p.device_id order by valid_from desc limit 1) d
     cross join lateral (select days from raw_keep where class = d.class order by id desc limit 1) s
     where k.point_id = any($1::int[]) and k.whole_from < 'infinity' and s.days is not null`,
    values: [pointIds],
  });
  return rows;
}

/** Where a page of raw readings begins: at an instant, or behind the reading that the page before ended with. */
export interface RawPage extends RawExtent {
  readonly pointId: number;
  /** Epoch µs; included unless `behind`. */
  readonly fromUs: number;
  readonly behind: boolean;
  readonly toMs: number;
  /** Rows at most. */
  readonly most: number;
}

/** A page of raw readings in order of time: epoch µs, value, quality. A walk along the key from where it begins. */
export async function readRawPage(
  db: Queryable,
  page: RawPage,
): Promise<[timeUs: number, value: number, quality: number][]> {
  const { rows } = await db.query<[number, number, number]>({
    name: nameOf(page.behind ? 'history-raw-behind' : 'history-raw-page', page),
    text: readingsSql(
      page,
      `point_id = $1 and time ${page.behind ? '>' : '>='} ${pageStart} and time < $3`,
      '$4',
    ),
    values: [page.pointId, page.fromUs, new Date(page.toMs), page.most],
    rowMode: 'array',
  });
  for (const row of rows) row[0] = Math.round(row[0] * 1e6);
  return rows;
}

const pageStart = `timestamptz 'epoch' + $2::float8 * interval '1 microsecond'`;

/**
 * Minutes of one point from raw readings, in order; with sums as in the rollups, whose rules these are: bad readings enter
 * only the count, and values that adding up would fail on are left out.
 */
export async function readMinutes(
  db: Queryable,
  query: PointRange & RawExtent & { readonly mean: MetricDefinition['mean'] },
): Promise<Cell[]> {
  const { rows } = await db.query<Cell>({
    name: nameOf('history-minutes', query),
    text: minutesSql(query.isBeyond === true ? allReadings : 'reading'),
    values: [query.pointId, new Date(query.fromMs), new Date(query.toMs), query.mean, query.most],
  });
  return rows;
}

const allReadings = `(${allTables
  .map(([table, more]) => `select time, value, quality, point_id from ${table} where true ${more}`)
  .join(' union all ')}) r`;

const minutesSql = (source: string) => `
select date_part('epoch', minute) * 1000 as "bucketMs", count(*)::int as count,
  count(*) filter (where addable)::int as summed,
  min(value) filter (where quality < 2) as min, max(value) filter (where quality < 2) as max,
  sum(case $4::text when 'energy' then power(10, greatest(least(sized, 1000), -1000) / 10)
    when 'circular' then sind(sized) else value end order by time) filter (where addable) as sum,
  case when $4 = 'circular' then sum(cosd(sized) order by time) filter (where addable) end as "sumCos",
  max(quality) as quality
from (
  select date_bin('1 minute', time, timestamptz '2000-01-01 00:00:00Z') as minute, time, value, quality,
    case when abs(value) < 1e-99 then 0 else value end as sized, quality < 2 and abs(value) < 1e290 as addable
  from ${source}
  where point_id = $1 and time >= date_bin('1 minute', $2::timestamptz, timestamptz '2000-01-01 00:00:00Z')
    and time < date_bin('1 minute', $3::timestamptz + interval '59.999999 s', timestamptz '2000-01-01 00:00:00Z')
) r
group by minute order by minute limit $5`;

export interface LatestRow {
  readonly pointId: number;
  readonly timeMs: number;
  readonly value: number;
  readonly quality: number;
}

/**
 * The newest reading of each point that has one: one probe of the key a point and partition. Of a point that has been
 * silent since before the raw horizon it is the last that its days know; `uncertain` unless all of that day was good.
 */
export async function readLatest(db: Queryable, pointIds: readonly number[]): Promise<LatestRow[]> {
  const { rows } = await db.query<{ id: number; seconds: number; value: number; quality: number }>({
    name: 'history-latest',
    text: `select p.id, date_part('epoch', coalesce(r.time, d.last_time)) as seconds, coalesce(r.value, d.last) as value,
       coalesce(r.quality, least(d.quality, 1)) as quality
     from unnest($1::int[]) with ordinality p(id, place)
     left join lateral
       (select time, value, quality from reading where point_id = p.id order by time desc limit 1) r on true
     left join lateral (select last_time, last, quality from rollup_1d
       where r.time is null and point_id = p.id and last_time is not null order by day desc limit 1) d on true
     where r.time is not null or d.last_time is not null
     order by p.place`,
    values: [pointIds],
  });
  return rows.map(({ id, seconds, value, quality }) => ({
    pointId: id,
    timeMs: toMs(seconds),
    value,
    quality,
  }));
}

/** Epoch ms with µs fractions, of the float8 seconds of date_part. */
function toMs(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e3;
}
