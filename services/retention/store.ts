import type { Queryable } from '#infra/postgres.ts';
import { lateDaysLock } from '#services/rollup/late-store.ts';
import type { LocalDay } from '#services/rollup/local-day.ts';
import type { Knot } from '#services/consumption/knots.ts';

/** The SQL of what happens before, and when, raw readings are dropped. Instants are epoch milliseconds. */

/** The tables whose parts are dropped. */
export type PartedTable = 'reading' | 'reading_kept';

/** A part of one of them that can be dropped as a whole: a partition, or a chunk. */
export interface RawPart {
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
}

const boundMs = (place: number) => `(extract(epoch from
  (regexp_match(pg_get_expr(c.relpartbound, c.oid), 'FROM \\(''(.+)''\\) TO \\(''(.+)''\\)'))[${place}]::timestamptz)
  * 1000)::float8`;

/** The partitions of plain PostgreSQL, oldest first. */
export async function readPartitions(db: Queryable, table: PartedTable = 'reading'): Promise<RawPart[]> {
  const { rows } = await db.query<RawPart>(
    `select c.oid::regclass::text as name, ${boundMs(1)} as "fromMs", ${boundMs(2)} as "toMs"
     from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = $1::regclass and not i.inhdetachpending order by 2`,
    [table],
  );
  return rows;
}

/** Whether a range of readings holds anything. */
export async function hasReadings(
  db: Queryable,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): Promise<boolean> {
  const { rowCount } = await db.query('select from reading where time >= $1 and time < $2 limit 1', [
    new Date(fromMs),
    new Date(toMs),
  ]);
  return rowCount !== 0;
}

/** Which of the local days have readings and are not closed, or changed since they were sealed. */
export async function readUnsettledDays(db: Queryable, days: readonly string[]): Promise<string[]> {
  const { rows } = await db.query<{ day: string }>(
    `select d.day from unnest($1::text[]) d (day)
     where exists (select from day_close c where c.day = d.day::date and c.changed_at is not null)
       or exists (select from rollup_15m_day r where r.day = d.day::date)
         and not exists (select from day_close c where c.day = d.day::date)`,
    [days],
  );
  return rows.map(({ day }) => day);
}

/** Points that have anything on one of the local days, in order. */
export async function readPointsOf(db: Queryable, days: readonly string[]): Promise<number[]> {
  const { rows } = await db.query<{ id: number }>(
    'select distinct point_id as id from rollup_15m_day where day = any($1::date[]) order by 1',
    [days],
  );
  return rows.map(({ id }) => id);
}

/** Keeps a counter's knots of a range, instead of those that stood there. */
export async function writeKnots(
  client: Queryable,
  range: { pointId: number; fromMs: number; toMs: number },
  knots: readonly Knot[],
): Promise<void> {
  await client.query('delete from register_knot where point_id = $1 and time >= $2 and time < $3', [
    range.pointId,
    new Date(range.fromMs),
    new Date(range.toMs),
  ]);
  await client.query(
    `insert into register_knot (point_id, time, value, quality, covered_us)
     select $1, timestamptz 'epoch' + us * interval '1 microsecond', value, quality, covered
     from unnest($2::float8[], $3::float8[], $4::smallint[], $5::int8[]) as k (us, value, quality, covered)`,
    [
      range.pointId,
      knots.map(({ timeUs }) => timeUs),
      knots.map(({ value }) => value),
      knots.map(({ quality }) => quality),
      knots.map(({ coveredUs }) => Math.round(coveredUs)),
    ],
  );
}

/** Local days, of which late readings are kept whose first came before an instant, in order, at most so many. */
export async function readLateDays(
  db: Queryable,
  query: { beforeMs: number; untilMs: number; most: number },
): Promise<{ pointId: number; day: string }[]> {
  const { rows } = await db.query<{ pointId: number; day: string }>(
    `select point_id as "pointId", to_char(day, 'YYYY-MM-DD') as day from late_day
     where first_at < $1 and to_time <= $2 order by late_day.day, point_id limit $3`,
    [new Date(query.beforeMs), new Date(query.untilMs), query.most],
  );
  return rows;
}

/** Nobody stores late readings until this transaction is over. */
export async function lockLateDays(client: Queryable): Promise<void> {
  await client.query('select pg_advisory_xact_lock($1)', [lateDaysLock]);
}

/** Lets go of the late readings of a day of these points: all that they say is kept elsewhere now. */
export async function dropLateDay(
  client: Queryable,
  { day, fromMs, toMs }: LocalDay,
  pointIds: readonly number[],
): Promise<void> {
  const range = [pointIds, new Date(fromMs), new Date(toMs)];
  await client.query('delete from reading_late where point_id = any($1) and time >= $2 and time < $3', range);
  await client.query('delete from late_day where point_id = any($1) and day = $2', [pointIds, day]);
}

/** What a knot covers is another now that readings lie before it; does nothing where it is none. */
export async function writeCovered(client: Queryable, pointId: number, knot: Knot): Promise<void> {
  await client.query(
    `update register_knot set covered_us = $3
     where point_id = $1 and time = timestamptz 'epoch' + $2::float8 * interval '1 microsecond'`,
    [pointId, knot.timeUs, Math.round(knot.coveredUs)],
  );
}

/** Lets go of the oldest lines of the late book beyond what it keeps. */
export async function evictLateBook(db: Queryable, rows: number): Promise<void> {
  await db.query(
    'delete from late_entry where id <= (select id from late_entry order by id desc offset $1 limit 1)',
    [rows],
  );
}

/** From now on raw readings before this count as gone. */
export async function writeRawKeptSince(client: Queryable, sinceMs: number): Promise<void> {
  await client.query(
    `insert into raw_kept (since) values ($1)
     on conflict (one) do update set since = greatest(raw_kept.since, excluded.since)`,
    [new Date(sinceMs)],
  );
}

/** A partition that was being detached when somebody stopped. */
export async function readPendingDetach(db: Queryable, table: PartedTable): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>(
    `select inhrelid::regclass::text as name from pg_inherits
     where inhparent = $1::regclass and inhdetachpending`,
    [table],
  );
  return rows.map(({ name }) => name);
}

const lengthOf = {
  reading: { names: '^reading_[0-9]{8}$', place: 9, format: 'YYYYMMDD', length: '1 day' },
  reading_kept: { names: '^reading_kept_[0-9]{6}$', place: 14, format: 'YYYYMM', length: '1 month' },
} as const;

/** Tables that were detached and not dropped yet, of parts that end at or before an instant. */
export async function readDetached(db: Queryable, table: PartedTable, untilMs: number): Promise<string[]> {
  const { names, place, format, length } = lengthOf[table];
  const { rows } = await db.query<{ name: string }>(
    `select c.oid::regclass::text as name from pg_class c
     where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and not c.relispartition
       and c.relname ~ $2
       and to_date(substr(c.relname, $3::int), $4) + $5::interval <= $1::timestamptz at time zone 'UTC'`,
    [new Date(untilMs), names, place, format, length],
  );
  return rows.map(({ name }) => name);
}

/** The chunks of TimescaleDB, oldest first. */
export async function readChunks(
  db: Queryable,
  table: PartedTable = 'reading',
): Promise<(RawPart & { isCompressed: boolean })[]> {
  const { rows } = await db.query<RawPart & { isCompressed: boolean }>(
    `select format('%I.%I', chunk_schema, chunk_name) as name, (extract(epoch from range_start) * 1000)::float8 as "fromMs",
       (extract(epoch from range_end) * 1000)::float8 as "toMs", is_compressed as "isCompressed"
     from timescaledb_information.chunks where hypertable_name = $1 order by range_start`,
    [table],
  );
  return rows;
}
