import type { Queryable } from '#infra/postgres.ts';
import { lateDaysLock } from '#services/rollup/late-store.ts';
import type { Stand } from './fold.ts';
import type { LateAnswer, LateEntry, LateKey, LateReading, SettledLate } from './late.ts';
import { timestampText, type Change } from './store.ts';

/** The SQL of values older than the horizon; none of it runs in a flush that has none. */

/** Keeps days of late readings from being closed until this transaction is over. */
export async function holdLateDays(client: Queryable): Promise<void> {
  await client.query({
    name: 'hold-late-days',
    text: 'select pg_advisory_xact_lock_shared($1)',
    values: [lateDaysLock],
  });
}

/** What is known of late keys, by their place, in one statement. */
export async function judgeLate(
  client: Queryable,
  keys: readonly LateKey[],
): Promise<Map<number, LateAnswer>> {
  const days = [
    ...Map.groupBy(keys.entries(), ([, { pointId, day }]) => `${pointId}/${day.day}`).values(),
  ].flatMap((those) => {
    const [first] = those;
    return first === undefined ? [] : [{ ...first[1], places: those.map(([place]) => place) }];
  });
  const { rows } = await client.query<{
    day: number;
    key: number;
    isOpen: boolean;
    isReceived: boolean;
    value: number | null;
    quality: number | null;
    rev: number;
    superseded: Stand[] | null;
  }>({
    name: 'judge-late',
    text: judgeLateSql,
    values: [
      days.map(({ pointId }) => pointId),
      days.map(({ day }) => day.day),
      days.map(({ day }) => new Date(day.fromMs).toISOString()),
      days.map(({ day }) => new Date(day.toMs).toISOString()),
      days.map(({ places }) => `{${places.map((place) => timestampText(keys[place]?.timeUs ?? 0)).join()}}`),
    ],
  });
  return new Map(
    rows.map(({ day, key, isOpen, isReceived, value, quality, rev, superseded }) => {
      const standing = value === null ? null : { value, quality: quality ?? 0, rev };
      const place = days[day]?.places[key] ?? -1;
      return [place, { isOpen, isReceived, standing, superseded: superseded ?? [] }];
    }),
  );
}

/**
 * One row a day of a point ($1 to $4), with the times asked for as the text of an array ($5). Whatever the planner believes of
 * these tables (a plan is kept from when they were empty), nothing here is joined by looking through all of the other: each
 * question goes down the key that begins with the point. Cells are compared as rows, since by their time alone the index
 * would give those of every point. What stands is asked only of days of which anything is known.
 */
const judgeLateSql = `
with opened as materialized (
  select d.*, exists (select from late_day l where l.point_id = d.point_id and l.day = d.day) as is_open
  from unnest($1::int[], $2::date[], $3::timestamptz[], $4::timestamptz[], $5::text[]) with ordinality
    as d(point_id, day, from_time, to_time, times, place)
), judged as materialized (
  select d.*, not is_open and (
    exists (select from point_day f where f.point_id = d.point_id and f.day = d.day)
      or exists (select from rollup_15m_day c where c.point_id = d.point_id and c.day = d.day)
      or exists (select from rollup_15m c where c.point_id = d.point_id
        and (c.point_id, c.bucket) >= (d.point_id, d.from_time) and (c.point_id, c.bucket) < (d.point_id, d.to_time))
      or exists (select from reading r
        where r.point_id = d.point_id and r.time >= d.from_time and r.time < d.to_time)
      or exists (select from register_knot n
        where n.point_id = d.point_id and n.time >= d.from_time and n.time < d.to_time)) as is_received
  from opened d
)
select (j.place - 1)::float8 as day, (k.place - 1)::float8 as key, j.is_open as "isOpen",
  j.is_received as "isReceived", s.value, s.quality, coalesce(s.rev, 0)::float8 as rev, s.superseded
from judged j
cross join lateral unnest(j.times::timestamptz[]) with ordinality as k(time, place)
left join lateral (
  select coalesce(l.value, r.value, n.value, m.value) as value,
    coalesce(l.quality, r.quality, n.quality, m.quality) as quality, v.rev,
    (select json_agg(json_build_object('value', c.old_value, 'quality', c.old_quality))
     from reading_correction c where c.point_id = j.point_id and c.time = k.time) as superseded
  from (select where j.is_open or j.is_received) known
  left join reading_late l on l.point_id = j.point_id and l.time = k.time
  left join reading r on r.point_id = j.point_id and r.time = k.time
  left join register_knot n on n.point_id = j.point_id and n.time = k.time
  left join late_sample m on m.point_id = j.point_id and m.time = k.time
  left join reading_rev v on v.point_id = j.point_id and v.time = k.time
) s on true`;

/** Notes days that have late readings from now on. */
export async function openLateDays(client: Queryable, opened: SettledLate['opened']): Promise<void> {
  await client.query({
    name: 'open-late-days',
    text: `insert into late_day (point_id, day, from_time, to_time)
     select point_id, day, from_time, to_time from json_to_recordset($1::json)
       as x(point_id int, day date, from_time timestamptz, to_time timestamptz)
     order by point_id, day on conflict do nothing`,
    values: [
      JSON.stringify(
        opened.map(({ pointId, day }) => ({
          point_id: pointId,
          day: day.day,
          from_time: new Date(day.fromMs).toISOString(),
          to_time: new Date(day.toMs).toISOString(),
        })),
      ),
    ],
  });
}

const readingRows = `select time, value, point_id, quality from json_to_recordset($1::json)
  as x(time timestamptz, value float8, point_id int, quality smallint) order by point_id, time on conflict do nothing`;

/** Stores readings of such days; returns how many were new. */
export async function insertLate(client: Queryable, readings: readonly LateReading[]): Promise<number> {
  const { rowCount } = await client.query({
    name: 'insert-late',
    text: `insert into reading_late (time, value, point_id, quality) ${readingRows}`,
    values: [rowsOf(readings)],
  });
  return rowCount ?? 0;
}

/** Stores samples that wait for the knots; returns how many were new. */
export async function insertLateSamples(client: Queryable, samples: readonly LateReading[]): Promise<number> {
  const { rowCount } = await client.query({
    name: 'insert-late-samples',
    text: `insert into late_sample (time, value, point_id, quality) ${readingRows}`,
    values: [rowsOf(samples)],
  });
  return rowCount ?? 0;
}

function rowsOf(readings: readonly LateReading[]): string {
  return JSON.stringify(
    readings.map(({ pointId, timeUs, value, quality }) => ({
      time: timestampText(timeUs),
      value,
      point_id: pointId,
      quality,
    })),
  );
}

/** Changes readings that still stand as they were read; returns how many did. */
export async function updateLate(client: Queryable, changes: readonly Change[]): Promise<number> {
  const { rowCount } = await client.query({
    name: 'update-late',
    text: `update reading_late r set value = c.new_value, quality = c.new_quality
     from json_to_recordset($1::json) as c(point_id int, time timestamptz, old_value float8, old_quality smallint,
       new_value float8, new_quality smallint)
     where r.point_id = c.point_id and r.time = c.time
       and r.value = c.old_value and r.quality = c.old_quality`,
    values: [
      JSON.stringify(
        changes.map((change) => ({
          point_id: change.pointId,
          time: timestampText(change.timeUs),
          old_value: change.old.value,
          old_quality: change.old.quality,
          new_value: change.new.value,
          new_quality: change.new.quality,
        })),
      ),
    ],
  });
  return rowCount ?? 0;
}

export async function insertLateEntries(client: Queryable, entries: readonly LateEntry[]): Promise<void> {
  await client.query({
    name: 'insert-late-entries',
    text: `insert into late_entry (source, device_id, metrics, from_time, to_time, value_count, outcome)
     select source, device_id, metrics, from_time, to_time, value_count, outcome from json_to_recordset($1::json)
       as x(source text, device_id text, metrics text[], from_time timestamptz, to_time timestamptz, value_count int,
         outcome text)`,
    values: [
      JSON.stringify(
        entries.map(({ source, deviceId, metrics, fromUs, toUs, count, outcome }) => ({
          source,
          device_id: deviceId,
          metrics: [...metrics].toSorted(),
          from_time: timestampText(fromUs),
          to_time: timestampText(toUs),
          value_count: count,
          outcome,
        })),
      ),
    ],
  });
}

export interface LateBookRow {
  readonly id: number;
  readonly at: Date;
  readonly source: string;
  readonly deviceId: string;
  readonly metrics: string[];
  readonly from: Date;
  readonly to: Date;
  readonly valueCount: number;
  readonly outcome: LateEntry['outcome'];
}

/** The late book, newest first; the book itself is bounded. */
export async function listLateBook(
  db: Queryable,
  query: {
    readonly deviceId: string | null;
    readonly outcome: string | null;
    readonly before: number | null;
    readonly limit: number;
  },
): Promise<LateBookRow[]> {
  const { rows } = await db.query<LateBookRow>(
    `select id::float8 as id, at, source, device_id as "deviceId", metrics, from_time as "from", to_time as "to",
       value_count as "valueCount", outcome
     from late_entry
     where ($1::text is null or device_id = $1) and ($2::text is null or outcome = $2)
       and ($3::bigint is null or id < $3)
     order by id desc limit $4`,
    [query.deviceId, query.outcome, query.before, query.limit],
  );
  return rows;
}
