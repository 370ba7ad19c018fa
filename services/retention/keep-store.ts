import type { StoreDialect } from '#infra/migrate.ts';
import type { Queryable } from '#infra/postgres.ts';

/** The SQL of raw readings that their device class keeps longer than the horizon. Instants are epoch milliseconds. */

/** What is in force of a class. */
export interface RawKeep {
  readonly class: string;
  /** Null is as long as all others. */
  readonly days: number | null;
  readonly author: string;
  readonly reason: string;
  readonly at: Date;
}

/** What is in force of every class that somebody ever set. */
export async function readKeeps(db: Queryable): Promise<RawKeep[]> {
  const { rows } = await db.query<RawKeep>(
    'select distinct on (class) class, days, author, reason, at from raw_keep order by class, id desc',
  );
  return rows;
}

/** Settings are changed one after the other: nobody changes one until this transaction is over. */
export async function lockKeeps(client: Queryable): Promise<void> {
  await client.query(`select pg_advisory_xact_lock(hashtextextended('parkwatch raw keep', 0))`);
}

export async function insertKeep(client: Queryable, keep: Omit<RawKeep, 'at'>): Promise<void> {
  await client.query('insert into raw_keep (class, days, author, reason) values ($1, $2, $3, $4)', [
    keep.class,
    keep.days,
    keep.author,
    keep.reason,
  ]);
}

const newestClass = 'select distinct on (id) id, class from device order by id, valid_from desc';

/** Points of devices of these classes, in order. */
export async function readPointsOfClasses(db: Queryable, classes: readonly string[]): Promise<number[]> {
  if (classes.length === 0) return [];
  const { rows } = await db.query<{ id: number }>(
    `select p.point_id as id from point p join (${newestClass}) d on d.id = p.device_id
     where d.class = any($1::text[]) order by 1`,
    [classes],
  );
  return rows.map(({ id }) => id);
}

/** How many readings these points have on some local days, in order of the points; those that have none are left out. */
export async function countReadings(
  db: Queryable,
  query: { pointIds: readonly number[]; days: readonly string[] },
): Promise<{ pointId: number; count: number }[]> {
  const { rows } = await db.query<{ pointId: number; count: number }>(
    `select point_id as "pointId", sum(count)::float8 as count from rollup_1d
     where point_id = any($1::int[]) and day = any($2::date[]) group by point_id order by point_id`,
    [query.pointIds, query.days],
  );
  return rows;
}

/** What a repeated copy finds there already is left alone. */
const overCopies = `on conflict (point_id, time) do update set value = excluded.value, quality = excluded.quality
  where (reading_kept.value, reading_kept.quality) is distinct from (excluded.value, excluded.quality)`;

interface PointsRange {
  readonly pointIds: readonly number[];
  readonly fromMs: number;
  readonly toMs: number;
}

/** Copies raw readings of a range that is about to lose them. Repeatable. */
export async function copyReadings(client: Queryable, range: PointsRange): Promise<void> {
  await client.query(
    `insert into reading_kept (time, value, point_id, quality)
     select time, value, point_id, quality from reading
     where point_id = any($1::int[]) and time >= $2 and time < $3 ${overCopies}`,
    [range.pointIds, new Date(range.fromMs), new Date(range.toMs)],
  );
}

/** Copies late readings of points that are kept, as far back as they are. */
export async function copyLate(client: Queryable, range: PointsRange): Promise<void> {
  await client.query(
    `insert into reading_kept (time, value, point_id, quality)
     select l.time, l.value, l.point_id, l.quality from reading_late l join raw_kept_point k on k.point_id = l.point_id
     where l.point_id = any($1::int[]) and l.time >= $2 and l.time < $3 and l.time >= k.whole_from ${overCopies}`,
    [range.pointIds, new Date(range.fromMs), new Date(range.toMs)],
  );
}

/** Says that of these points, and of no others, everything since an instant was copied. */
export async function writeKeptPoints(
  client: Queryable,
  { pointIds, fromMs }: { pointIds: readonly number[]; fromMs: number },
): Promise<void> {
  await client.query(
    `with left_out as (
       update raw_kept_point set whole_from = 'infinity' where whole_from < 'infinity' and not point_id = any($1::int[]))
     insert into raw_kept_point (point_id, whole_from) select id, $2::timestamptz from unnest($1::int[]) n(id)
     on conflict (point_id) do update set whole_from = excluded.whole_from
       where raw_kept_point.whole_from = 'infinity'`,
    [pointIds, new Date(fromMs)],
  );
}

/** Since when anything is kept; Infinity when nothing is. */
export async function readOldestKept(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ ms: number | null }>(
    `select (extract(epoch from min(whole_from)) * 1000)::float8 as ms from raw_kept_point`,
  );
  return rows[0]?.ms ?? Infinity;
}

/** Since when anything of a class is kept; a class of which nothing is has none. */
export async function readOldestByClass(db: Queryable): Promise<Map<string, number>> {
  const { rows } = await db.query<{ class: string; ms: number }>(
    `select d.class, (extract(epoch from min(k.whole_from)) * 1000)::float8 as ms
     from raw_kept_point k join point p using (point_id) join (${newestClass}) d on d.id = p.device_id
     where k.whole_from < 'infinity' group by d.class`,
  );
  return new Map(rows.map((row) => [row.class, row.ms]));
}

/** From when on a class is kept. */
export interface ClassCut {
  readonly class: string;
  readonly cutMs: number;
}

/**
 * Claims nothing before the class's cut any more; of points whose class has none, nothing at all.
 * @returns the points of which less is claimed now than before, with their cut; Infinity where nothing is
 */
export async function advanceKept(
  client: Queryable,
  cuts: readonly ClassCut[],
): Promise<{ pointId: number; cutMs: number }[]> {
  const { rows } = await client.query<{ pointId: number; cutMs: number }>(
    `update raw_kept_point k set whole_from = c.cut
     from (select o.point_id, coalesce(s.cut, 'infinity') as cut
       from raw_kept_point o join point p on p.point_id = o.point_id left join (${newestClass}) d on d.id = p.device_id
       left join unnest($1::text[], $2::timestamptz[]) s(class, cut) on s.class = d.class) c
     where c.point_id = k.point_id and k.whole_from < c.cut
     returning k.point_id as "pointId", (extract(epoch from c.cut) * 1000)::float8 as "cutMs"`,
    [cuts.map((each) => each.class), cuts.map(({ cutMs }) => new Date(cutMs))],
  );
  return rows;
}

/** Points of which nothing is claimed, and whose copies may still be there, in order. */
export async function readForgotten(db: Queryable): Promise<number[]> {
  const { rows } = await db.query<{ id: number }>(
    `select point_id as id from raw_kept_point where whole_from = 'infinity' order by 1`,
  );
  return rows.map(({ id }) => id);
}

/** Lets go of points of which nothing is claimed and nothing is left. */
export async function dropForgotten(client: Queryable, pointIds: readonly number[]): Promise<void> {
  await client.query(
    `delete from raw_kept_point where point_id = any($1::int[]) and whole_from = 'infinity'`,
    [pointIds],
  );
}

/** When the oldest copy of these points before an instant was read; null when there is none. */
export async function readOldestCopy(
  db: Queryable,
  query: { pointIds: readonly number[]; beforeMs: number },
): Promise<number | null> {
  const { rows } = await db.query<{ ms: number | null }>(
    `select (extract(epoch from min(r.time)) * 1000)::float8 as ms from unnest($1::int[]) p(id)
     cross join lateral (select time from reading_kept where point_id = p.id and time < $2 order by time limit 1) r`,
    [query.pointIds, new Date(query.beforeMs)],
  );
  return rows[0]?.ms ?? null;
}

export async function deleteCopies(client: Queryable, range: PointsRange): Promise<void> {
  await client.query(
    'delete from reading_kept where point_id = any($1::int[]) and time >= $2 and time < $3',
    [range.pointIds, new Date(range.fromMs), new Date(range.toMs)],
  );
}

/** TimescaleDB refuses to change many compressed rows in one transaction unless it is told that this is meant. */
export async function allowCompressed(client: Queryable, dialect: StoreDialect): Promise<void> {
  if (dialect === 'plain') return;
  await client.query(
    `select set_config('timescaledb.max_tuples_decompressed_per_dml_transaction', '0', true)`,
  );
}
