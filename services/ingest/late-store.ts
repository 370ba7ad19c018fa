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
  const { rows } = await client.query<{
    ord: number;
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
      JSON.stringify(
        keys.map(({ pointId, timeUs, day }, ord) => ({
          ord,
          point_id: pointId,
          time: timestampText(timeUs),
          day: day.day,
          from_time: new Date(day.fromMs).toISOString(),
          to_time: new Date(day.toMs).toISOString(),
        })),
      ),
    ],
  });
  return new Map(
    rows.map(({ ord, isOpen, isReceived, value, quality, rev, superseded }) => {
      const standing = value === null ? null : { value, quality: quality ?? 0, rev };
      return [ord, { isOpen, isReceived, standing, superseded: superseded ?? [] }];
    }),
  );
}

const judgeLateSql = `
with asked as materialized (
  select * from json_to_recordset($1::json) as k(ord int, point_id int, time timestamptz, day date,
    from_time timestamptz, to_time timestamptz)
), judged as materialized (
  select point_id, day,
    exists (select from late_day l where l.point_id = d.point_id and l.day = d.day) as is_open,
    exists (select from point_day f where f.point_id = d.point_id and f.day = d.day)
      or exists (select from rollup_15m_day c where c.point_id = d.point_id and c.day = d.day)
      or exists (select from rollup_15m c
        where c.point_id = d.point_id and c.bucket >= d.from_time and c.bucket < d.to_time)
      or exists (select from reading r
        where r.point_id = d.point_id and r.time >= d.from_time and r.time < d.to_time)
      or exists (select from register_knot n
        where n.point_id = d.point_id and n.time >= d.from_time and n.time < d.to_time) as is_received
  from (select distinct point_id, day, from_time, to_time from asked) d
)
select k.ord, j.is_open as "isOpen", j.is_received as "isReceived",
  coalesce(l.value, r.value, n.value, s.value) as value,
  coalesce(l.quality, r.quality, n.quality, s.quality) as quality, coalesce(v.rev, 0)::float8 as rev,
  (select json_agg(json_build_object('value', c.old_value, 'quality', c.old_quality))
   from reading_correction c where c.point_id = k.point_id and c.time = k.time) as superseded
from asked k
join judged j on j.point_id = k.point_id and j.day = k.day
left join reading_late l on l.point_id = k.point_id and l.time = k.time
left join reading r on r.point_id = k.point_id and r.time = k.time
left join register_knot n on n.point_id = k.point_id and n.time = k.time
left join late_sample s on s.point_id = k.point_id and s.time = k.time
left join reading_rev v on v.point_id = k.point_id and v.time = k.time`;

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
