import type { Queryable } from '#infra/postgres.ts';
import type { DirtyBucket } from './buckets.ts';

/** The SQL of the journal of dirty buckets. Instants are epoch milliseconds, ranges closed-open. */

/**
 * Takes the oldest closed buckets that are behind: their rows are deleted in the caller's transaction, which must then
 * write them. Rows committed after this statement stay for the next time, so nothing is lost whatever the order.
 */
export async function takeDirtyBuckets(
  client: Queryable,
  query: { fromMs: number; beforeMs: number; most: number },
): Promise<DirtyBucket[]> {
  const { rows } = await client.query<TakenRow>(
    `with oldest as (
       select bucket from dirty_bucket where bucket >= $3 and bucket < $1 group by bucket order by bucket limit $2),
     taken as (
       delete from dirty_bucket where bucket in (select bucket from oldest) returning bucket, point_ids),
     ${byBucket()}`,
    [new Date(query.beforeMs), query.most, new Date(query.fromMs)],
  );
  return rows.map(bucketOf);
}

interface TakenRow {
  readonly ms: number;
  readonly all: boolean;
  readonly ids: number[] | null;
}

/** The rows of `taken` by bucket. */
const byBucket = (
  more = '',
) => `bare as (select bucket, bool_or(point_ids is null) as is_bare from taken group by bucket)
     select ${more} (extract(epoch from b.bucket) * 1000)::float8 as ms, b.is_bare as "all",
       case when not b.is_bare then
         (select array_agg(distinct id) from taken t, unnest(t.point_ids) id where t.bucket = b.bucket) end as ids
     from bare b order by b.bucket`;

function bucketOf({ ms, all, ids }: TakenRow): DirtyBucket {
  return { bucketMs: ms, pointIds: all ? null : (ids ?? []) };
}

/** Start of the oldest bucket of a range that is behind; null when there is none. */
export async function readNextDirty(
  db: Queryable,
  { fromMs, beforeMs }: { fromMs: number; beforeMs: number },
): Promise<number | null> {
  const { rows } = await db.query<{ ms: number | null }>(
    `select (extract(epoch from min(bucket)) * 1000)::float8 as ms from dirty_bucket
     where bucket >= coalesce($1::timestamptz, '-infinity') and bucket < $2`,
    [fromMs === -Infinity ? null : new Date(fromMs), new Date(beforeMs)],
  );
  return rows[0]?.ms ?? null;
}

/**
 * Like {@link takeDirtyBuckets}, of one local day: its oldest rows of so many cells. What one flush told of several buckets
 * lies together there, so that the day of a point is mostly taken whole. A bare row goes with all others of its bucket.
 */
export async function takeDirtyOfDay(
  client: Queryable,
  query: { fromMs: number; toMs: number; mostCells: number; mostRows: number },
): Promise<{ dirty: DirtyBucket[]; isAll: boolean }> {
  const { rows } = await client.query<TakenRow & { isLeft: boolean }>(
    `with oldest as (
       select id, bucket, point_ids from dirty_bucket where bucket >= $1 and bucket < $2 order by id limit $4),
     counted as (
       select id, bucket, point_ids is null as is_bare, row_number() over (order by id) as place,
         sum(coalesce(cardinality(point_ids), $3::int)) over (order by id) as cells
       from oldest),
     picked as (select * from counted where place = 1 or cells <= $3::int),
     taken as (
       delete from dirty_bucket where id = any (array(
         select id from picked union
         select d.id from dirty_bucket d where d.bucket in (select bucket from picked where is_bare)))
       returning bucket, point_ids),
     ${byBucket(`(select count(*) from picked) < (select count(*) from counted)
         or (select count(*) from counted) >= $4 as "isLeft",`)}`,
    [new Date(query.fromMs), new Date(query.toMs), query.mostCells, query.mostRows],
  );
  return { dirty: rows.map(bucketOf), isAll: rows[0]?.isLeft !== true };
}

/** Makes one bare row of all that stand for a running bucket. Returns how many rows are gone. */
export async function foldRunningRows(client: Queryable, fromMs: number): Promise<number> {
  const { rows } = await client.query<{ gone: number }>(
    `with gone as (delete from dirty_bucket where bucket >= $1 returning bucket, point_ids),
     folded as (insert into dirty_bucket (bucket, point_ids)
       select bucket, null from gone where point_ids is null group by bucket
       union all
       select bucket, array_agg(distinct id) from gone, unnest(point_ids) id group by bucket)
     select count(*) as gone from gone`,
    [new Date(fromMs)],
  );
  return rows[0]?.gone ?? 0;
}

/** Which of the points are behind in which buckets of the range, at most so many. */
export async function readDirty(
  db: Queryable,
  query: { pointIds: readonly number[]; fromMs: number; toMs: number; most: number },
): Promise<{ pointId: number; bucketMs: number }[]> {
  const { rows } = await db.query<{ pointId: number; bucketMs: number }>({
    name: 'rollup-dirty',
    text: `select distinct p.id as "pointId", (extract(epoch from d.bucket) * 1000)::float8 as "bucketMs"
     from (select distinct bucket, point_ids from dirty_bucket where bucket >= $2 and bucket < $3) d
     join unnest($1::int[]) p(id) on d.point_ids is null or p.id = any(d.point_ids)
     limit $4`,
    values: [query.pointIds, new Date(query.fromMs), new Date(query.toMs), query.most],
  });
  return rows;
}

/** Journals every bucket of a range as behind in all points. */
export async function journalRange(
  client: Queryable,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): Promise<void> {
  await client.query(
    `insert into dirty_bucket (bucket)
     select generate_series($1::timestamptz, $2::timestamptz - interval '1 us', interval '15 minutes')`,
    [new Date(fromMs), new Date(toMs)],
  );
}

/** Whether any bucket of the range is behind. */
export async function isDirty(
  db: Queryable,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): Promise<boolean> {
  const { rowCount } = await db.query('select from dirty_bucket where bucket >= $1 and bucket < $2 limit 1', [
    new Date(fromMs),
    new Date(toMs),
  ]);
  return rowCount !== 0;
}

/** Whether any bucket of a day that is over is behind, or not packed yet. */
export async function isBehind(
  db: Queryable,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): Promise<boolean> {
  const { rowCount } = await db.query(
    `select from dirty_bucket where bucket >= $1 and bucket < $2
     union all select from rollup_15m where bucket >= $1 and bucket < $2 limit 1`,
    [new Date(fromMs), new Date(toMs)],
  );
  return rowCount !== 0;
}

/** Raw readings before this instant are no longer whole; -Infinity while none were dropped. */
export async function readRawKeptSince(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ ms: number }>(
    'select (extract(epoch from since) * 1000)::float8 as ms from raw_kept',
  );
  return rows[0]?.ms ?? -Infinity;
}
