import type { Queryable } from '#infra/postgres.ts';
import type { Resolution } from '#schemas/api/readings.ts';
import type { MetricDefinition } from '#schemas/device-class.ts';

/** Readings or buckets of one point as columns; times in epoch ms. */
export interface RawColumns {
  readonly t: number[];
  readonly v: (number | null)[];
  readonly q: number[];
}

export interface BucketColumns extends RawColumns {
  readonly min: (number | null)[];
  readonly max: (number | null)[];
  readonly count: number[];
}

export interface PointRange {
  readonly pointId: number;
  readonly fromMs: number;
  readonly toMs: number;
  /** Rows at most. */
  readonly most: number;
}

/** Raw readings in order of time; a walk along the key that ends after `most` rows. */
export async function readRaw(db: Queryable, range: PointRange): Promise<RawColumns> {
  const { rows } = await db.query<[number, number, number]>({
    name: 'history-raw',
    text: `select date_part('epoch', time), value, quality from reading
     where point_id = $1 and time >= $2 and time < $3 order by time limit $4`,
    values: [range.pointId, new Date(range.fromMs), new Date(range.toMs), range.most],
    rowMode: 'array',
  });
  return {
    t: rows.map(([seconds]) => toMs(seconds)),
    v: rows.map(([, value]) => value),
    q: rows.map(([, , quality]) => quality),
  };
}

/** Buckets of fixed length count from any UTC midnight; hours and days are those of the park's zone. */
const bucketOf = {
  '1m': `date_bin('1 minute', TIME, timestamptz '2000-01-01 00:00:00Z')`,
  '15m': `date_bin('15 minutes', TIME, timestamptz '2000-01-01 00:00:00Z')`,
  '1h': `date_trunc('hour', TIME, $4::text)`,
  '1d': `date_trunc('day', TIME, $4::text)`,
} as const;

/**
 * Bad readings enter only the count (DESIGN §5); the mean is formed as the class says. It leaves out values so large
 * that adding them up would fail (`addable`), and is a sum over a count because avg() also adds up squares.
 */
function bucketSql(resolution: Exclude<Resolution, 'raw'>): string {
  const bucket = (time: string) => bucketOf[resolution].replace('TIME', time);
  return `
select date_part('epoch', bucket), count(*)::int, max(quality),
  case $5::text
    when 'energy' then
      10 * log(avg(power(10, greatest(least(value, 1000), -1000) / 10)) filter (where good and $5 = 'energy'))
    when 'circular' then
      (atan2d(avg(sind(case when abs(value) < 1e-99 then 0 else value end)) filter (where addable), avg(cosd(value)) filter (where addable))::numeric + 360) % 360
    else sum(value) filter (where addable) / nullif(count(*) filter (where addable), 0) end::float8,
  min(value) filter (where good), max(value) filter (where good)
from (
  select ${bucket('time')} as bucket, value, quality, quality < 2 as good,
    quality < 2 and abs(value) < 1e300 as addable
  from reading
  where point_id = $1 and time >= ${bucket('$2::timestamptz')} and time < $3::timestamptz + interval '25 hours'
    and ($4::text is not null)
) r
where bucket < $3::timestamptz
group by bucket order by bucket limit $6`;
}

const bucketQueries = {
  '1m': bucketSql('1m'),
  '15m': bucketSql('15m'),
  '1h': bucketSql('1h'),
  '1d': bucketSql('1d'),
} as const;

export interface BucketQuery extends PointRange {
  readonly resolution: Exclude<Resolution, 'raw'>;
  /** IANA zone whose hours and days the buckets are. */
  readonly timeZone: string;
  readonly mean: MetricDefinition['mean'];
}

/** Whole buckets that overlap the range, from raw readings. */
export async function readBuckets(db: Queryable, query: BucketQuery): Promise<BucketColumns> {
  type Row = [number, number, number, number | null, number | null, number | null];
  const { rows } = await db.query<Row>({
    name: `history-${query.resolution}`,
    text: bucketQueries[query.resolution],
    values: [
      query.pointId,
      new Date(query.fromMs),
      new Date(query.toMs),
      query.timeZone,
      query.mean,
      query.most,
    ],
    rowMode: 'array',
  });
  return {
    t: rows.map(([seconds]) => toMs(seconds)),
    count: rows.map(([, count]) => count),
    q: rows.map(([, , quality]) => quality),
    v: rows.map(([, , , mean]) => mean),
    min: rows.map(([, , , , min]) => min),
    max: rows.map(([, , , , , max]) => max),
  };
}

export interface LatestRow {
  readonly pointId: number;
  readonly timeMs: number;
  readonly value: number;
  readonly quality: number;
}

/** The newest reading of each point that has one: one probe of the key a point and partition. */
export async function readLatest(db: Queryable, pointIds: readonly number[]): Promise<LatestRow[]> {
  const { rows } = await db.query<{ id: number; seconds: number; value: number; quality: number }>({
    name: 'history-latest',
    text: `select p.id, date_part('epoch', r.time) as seconds, r.value, r.quality
     from unnest($1::int[]) with ordinality p(id, place) cross join lateral
       (select time, value, quality from reading where point_id = p.id order by time desc limit 1) r
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
