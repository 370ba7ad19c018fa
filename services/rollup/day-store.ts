import { createHash } from 'node:crypto';
import type { Queryable } from '#infra/postgres.ts';
import type { RawTable } from './cell-store.ts';
import type { LocalDay } from './local-day.ts';

/** The SQL of what is kept of a local day for ever: facts of its points, runs of its states, and the day's seal. */

/**
 * A number as RFC 8785 writes it. PostgreSQL's shortest digits are the same below 1e16; above, the two may choose
 * different ones, and the digest is formed in the program.
 */
const canonicalNumber = `case when value = 0 then '0'
  when abs(value) >= 1e-4 and abs(value) < 1e15 then value::text
  when abs(value) >= 1e-6 and abs(value) < 1e16 then trim_scale(value::text::numeric)::text
  else regexp_replace(value::text, 'e([+-])0', 'e\\1') end`;

/** Writes the facts of points, and answers those whose digest is to be formed in the program. */
const writeFactsSql = (table: RawTable) => `
with fact as materialized (
  select p.point_id, p.expected, f.received, f.good, f.first, f.last, f.sha256, f.last_good_time,
    f.goods[cardinality(f.goods)] as last_good,
    greatest(f.gap, extract(epoch from $2::timestamptz - f.last))::float8 as longest_gap_s
  from unnest($3::int[], $4::int[]) p (point_id, expected) cross join lateral (
    select count(*)::int as received, count(*) filter (where quality = 0)::int as good,
      max(time) filter (where quality = 0) as last_good_time,
      array_agg(value order by time) filter (where quality = 0) as goods,
      min(time) as first, max(time) as last, extract(epoch from max(gap)) as gap,
      case when max(abs(value)) < 1e16 then encode(sha256(convert_to(string_agg(
        (extract(epoch from time) * 1000000)::int8 || ' ' || ${canonicalNumber} || ' ' || quality || E'\\n', ''
        order by time), 'UTF8')), 'hex') end as sha256
    from (select time, value, quality, time - lag(time, 1, $1::timestamptz) over (order by time) as gap
          from ${table} where point_id = p.point_id and time >= $1::timestamptz and time < $2::timestamptz) r) f
  where f.received > 0
), written as (
  insert into point_day (day, point_id, expected, received, good, first_time, last_time, longest_gap_s, sha256,
    last_good_time, last_good)
  select $5::date, point_id, expected, received, good, first, last, longest_gap_s, coalesce(sha256, ''),
    last_good_time, last_good
  from fact
  on conflict (point_id, day) do update set expected = excluded.expected, received = excluded.received,
    good = excluded.good, first_time = excluded.first_time, last_time = excluded.last_time,
    longest_gap_s = excluded.longest_gap_s, sha256 = excluded.sha256,
    last_good_time = excluded.last_good_time, last_good = excluded.last_good
)
select point_id as id from fact where sha256 is null`;

/** A point whose day is closed. */
export interface DayPoint {
  readonly pointId: number;
  /** Readings that were due on the day. */
  readonly expected: number;
  /** Of a state point: a run ends where its readings stop for longer than this, ms; null of any other point. */
  readonly holdMs: number | null;
}

/** Writes facts and state runs of the points' day from raw readings, over what stood there. */
export async function writeDayFacts(
  client: Queryable,
  day: LocalDay,
  { points, table }: { points: readonly DayPoint[]; table: RawTable },
): Promise<void> {
  // Digits of float8 are the shortest that tell it from its neighbours, whatever the server was set to.
  await client.query('set local extra_float_digits = 1');
  const { rows } = await client.query<{ id: number }>(writeFactsSql(table), [
    new Date(day.fromMs),
    new Date(day.toMs),
    points.map(({ pointId }) => pointId),
    points.map(({ expected }) => expected),
    day.day,
  ]);
  for (const { id } of rows) {
    await client.query('update point_day set sha256 = $3 where point_id = $1 and day = $2', [
      id,
      day.day,
      await digestReadings(client, { ...day, table }, id),
    ]);
  }
  const states = points.filter(({ holdMs }) => holdMs !== null);
  if (states.length > 0) await writeSpans(client, day, { points: states, table });
}

/** SHA-256 of the canonical rows of a point's range (DESIGN §5), lower hex. */
export async function digestReadings(
  client: Queryable,
  range: { fromMs: number; toMs: number; table?: RawTable },
  pointId: number,
): Promise<string> {
  const { rows } = await client.query<[number, number, number]>({
    text: `select (extract(epoch from time) * 1000000)::float8, value, quality from ${range.table ?? 'reading'}
      where point_id = $1 and time >= $2 and time < $3 order by time`,
    values: [pointId, new Date(range.fromMs), new Date(range.toMs)],
    rowMode: 'array',
  });
  const hash = createHash('sha256');
  for (const [us, value, quality] of rows) hash.update(`${us} ${JSON.stringify(value)} ${quality}\n`);
  return hash.digest('hex');
}

/** Runs of one value without a silence: through a silence nobody knows the state, and no run goes on. */
async function writeSpans(
  client: Queryable,
  day: LocalDay,
  { points, table }: { points: readonly DayPoint[]; table: RawTable },
): Promise<void> {
  const pointIds = points.map(({ pointId }) => pointId);
  await client.query('delete from state_span where day = $1 and point_id = any($2::int[])', [
    day.day,
    pointIds,
  ]);
  await client.query(
    `insert into state_span (point_id, day, from_time, to_time, value, last_seen)
     select point_id, $1::date, begun,
       case when lead(value) over of_point <> value then lead(begun) over of_point end, value, last
     from (
       select point_id, value, min(time) as begun, max(time) as last
       from (
         select point_id, time, value, sum(change) over (partition by point_id order by time) as run
         from (
           select p.point_id, r.time, r.value,
             (r.value is distinct from lag(r.value) over before
               or r.time - lag(r.time) over before > p.hold_ms * interval '1 millisecond')::int as change
           from unnest($4::int[], $5::float8[]) p (point_id, hold_ms) cross join lateral (
             select time, value from ${table}
             where point_id = p.point_id and time >= $2::timestamptz and time < $3::timestamptz and quality < 2) r
           window before as (partition by p.point_id order by r.time)
         ) changes
       ) marked
       group by point_id, run, value
     ) runs
     window of_point as (partition by point_id order by begun)`,
    [day.day, new Date(day.fromMs), new Date(day.toMs), pointIds, points.map(({ holdMs }) => holdMs)],
  );
}

/** Days first to last, and from the first of which late readings are kept, that are not closed: since the park began, and
 * earlier ones that have readings. */
export async function readOpenDays(
  db: Queryable,
  query: { first: string; last: string; timeZone: string },
): Promise<string[]> {
  const { rows } = await db.query<{ day: string }>(
    `select to_char(d, 'YYYY-MM-DD') as day from generate_series(
       least($1::date, (select min(day) from late_day)), $2::date, interval '1 day') d
     where not exists (select from day_close c where c.day = d::date)
       and (d::date >= (select (created_at at time zone $3)::date from park)
         or exists (select from rollup_15m_day r where r.day = d::date))
     order by d`,
    [query.first, query.last, query.timeZone],
  );
  return rows.map(({ day }) => day);
}

/** Points that are packed on the day but have no facts yet, after a point number, in order; at most so many. */
export async function readWithoutFacts(
  db: Queryable,
  { day, after, most }: { readonly day: string; readonly after: number; readonly most: number },
): Promise<number[]> {
  // Never by a join: of a day that has just been packed the planner believes that it has no rows, and compares each with all.
  const { rows } = await db.query<{ id: number }>(
    `select point_id as id from rollup_15m_day where day = $1 and point_id > $2
     except select point_id from point_day where day = $1
     order by 1 limit $3`,
    [day, after, most],
  );
  return rows.map(({ id }) => id);
}

/** Digest of each point of the day, by id. */
export async function readDigests(
  db: Queryable,
  day: string,
): Promise<{ pointId: number; sha256: string }[]> {
  const { rows } = await db.query<{ pointId: number; sha256: string }>(
    'select point_id as "pointId", sha256 from point_day where day = $1',
    [day],
  );
  return rows;
}

/** The newest seal of a day; undefined before the first. */
export async function readSeal(
  db: Queryable,
  day: string,
): Promise<{ version: number; root: string; knownUntil: string } | undefined> {
  const { rows } = await db.query<{ version: number; root: string; knownUntil: string }>(
    'select version, root, known_until::text as "knownUntil" from day_close where day = $1 for update',
    [day],
  );
  return rows[0];
}

/**
 * Since when changes may be committed that statements from now on do not see: rows carry the time at which their
 * transaction began, and that of one which still runs lies before now. Of one that has run for ten minutes, such as a
 * dump, no reading is expected.
 */
export async function readKnownUntil(client: Queryable): Promise<string> {
  const { rows } = await client.query<{ known: string }>(
    `select greatest(coalesce(min(xact_start), clock_timestamp()), clock_timestamp() - interval '10 minutes')::text as known
     from pg_stat_activity where datname = current_database()`,
  );
  const [row] = rows;
  if (row === undefined) throw new Error('The database knows the time');
  return row.known;
}

/** Keeps a day's seal; it is no longer changed. */
export async function writeSeal(
  client: Queryable,
  seal: { day: string; version: number; root: string; knownUntil: string },
): Promise<void> {
  await client.query(
    `insert into day_close (day, version, root, known_until) values ($1, $2, $3, $4)
     on conflict (day) do update set version = excluded.version, root = excluded.root, sealed_at = now(),
       changed_at = null, known_until = excluded.known_until`,
    [seal.day, seal.version, seal.root, seal.knownUntil],
  );
}

/** Notes that facts of a closed day changed; does nothing while it is open. */
export async function markChanged(client: Queryable, day: string): Promise<void> {
  await client.query('update day_close set changed_at = coalesce(changed_at, now()) where day = $1', [day]);
}

/** Closed days that changed at least so long ago. */
export async function readChangedDays(db: Queryable, quietMs: number): Promise<string[]> {
  const { rows } = await db.query<{ day: string }>(
    `select to_char(day, 'YYYY-MM-DD') as day from day_close
     where changed_at <= clock_timestamp() - $1 * interval '1 ms' order by day`,
    [quietMs],
  );
  return rows.map(({ day }) => day);
}

/** What was changed of a point's day. */
export interface PointChanges {
  readonly pointId: number;
  readonly corrections: number;
  readonly lateArrivals: number;
}

/**
 * How many readings of a day were corrected, and how many came late, by point, since an instant, at most so many points in
 * order of their numbers; of the others how many there are, and of them all together.
 */
export async function readChanges(
  db: Queryable,
  query: LocalDay & { since: string; most: number },
): Promise<{ named: PointChanges[]; others: Omit<PointChanges, 'pointId'> & { points: number } }> {
  const { rows } = await db.query<PointChanges & { points: number; isNamed: boolean }>(
    `with changed as (
       select point_id, sum(corrections) as corrections, sum(late) as late, row_number() over (order by point_id) as place
       from (
         select point_id, count(*) as corrections, 0 as late from reading_correction
         where time >= $1 and time < $2 and corrected_at >= $3::timestamptz group by point_id
         union all
         select point_id, 0, sum(count) from late_arrival
         where from_time < $2 and to_time >= $1 and committed_at >= $3::timestamptz group by point_id
       ) c group by point_id)
     select case when place <= $4 then point_id end as "pointId", place <= $4 as "isNamed", count(*)::int as points,
       sum(corrections)::int as corrections, sum(late)::int as "lateArrivals"
     from changed group by 1, 2 order by 1`,
    [new Date(query.fromMs), new Date(query.toMs), query.since, query.most],
  );
  const others = rows.find(({ isNamed }) => !isNamed);
  return {
    named: rows
      .filter(({ isNamed }) => isNamed)
      .map(({ pointId, corrections, lateArrivals }) => ({ pointId, corrections, lateArrivals })),
    others: {
      points: others?.points ?? 0,
      corrections: others?.corrections ?? 0,
      lateArrivals: others?.lateArrivals ?? 0,
    },
  };
}
