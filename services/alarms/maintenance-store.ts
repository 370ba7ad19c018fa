import { randomUUID } from 'node:crypto';
import type { AlarmTransition } from '#schemas/alarm.ts';
import { plainReason, type AlarmFacts } from '#schemas/alarm-facts.ts';
import type { MaintenanceBody } from '#schemas/api/maintenance.ts';
import type { LocalCalendar } from '#schemas/local-time.ts';
import type { MaintenanceSchedule, MaintenanceTarget } from '#schemas/maintenance.ts';
import type { Queryable } from '#infra/postgres.ts';
import { isInForce } from './maintenance.ts';
import { appendTransitions, type NewTransition } from './transition-store.ts';

/** All SQL of maintenance windows, and what they do to alarms. */

export interface MaintenanceRow {
  readonly id: string;
  readonly name: string;
  readonly target: MaintenanceTarget;
  readonly schedule: MaintenanceSchedule;
  readonly reason: string;
  readonly withCritical: boolean;
  readonly createdAt: Date;
  readonly createdBy: string;
  /** Null where it recurs without end. */
  readonly endsAt: Date | null;
  readonly endedBy: string | null;
  readonly endReason: string | null;
}

export interface ListedMaintenance extends MaintenanceRow {
  readonly devices: number;
  readonly suppressing: number;
}

const columns = `w.id::text as id, w.name, w.target, w.schedule, w.reason, w.with_critical as "withCritical",
  w.created_at as "createdAt", w.created_by as "createdBy", nullif(w.ends_at, 'infinity') as "endsAt",
  w.ended_by as "endedBy", w.end_reason as "endReason"`;

/** The spaces that a target names, and all below them: (window_id, space_id). `$1` are ids of windows. */
const withSpaces = `with recursive w as (
    select * from maintenance_window where id = any($1::int8[])
  ), within as (
    select w.id as window_id, w.target ->> 'space' as space_id from w where w.target ? 'space'
    union
    select x.window_id, s.id from within x join space s on s.parent_id = x.space_id and s.valid_to = 'infinity'
  )`;

/** Whether the window w covers the device d. */
const covers = `(w.target ->> 'device' is null or w.target ->> 'device' = d.id)
  and (w.target ->> 'deviceClass' is null or w.target ->> 'deviceClass' = d.class)
  and (w.target ->> 'space' is null or (w.id, d.space_id) in (select window_id, space_id from within))
  and (w.target ->> 'tag' is null
       or w.target ->> 'tag' = any(regexp_split_to_array(trim(d.attributes ->> 'tags'), '\\s*,\\s*')))`;

/** Newest first. */
export async function listMaintenance(
  db: Queryable,
  request: { readonly currentAtMs: number | null; readonly before: number | null; readonly limit: number },
): Promise<ListedMaintenance[]> {
  const { rows } = await db.query<MaintenanceRow>(
    `select ${columns} from maintenance_window w
     where ($1::float8 is null or w.ends_at > to_timestamp($1::float8 / 1000)) and ($2::int8 is null or w.id < $2)
     order by w.id desc limit $3`,
    [request.currentAtMs, request.before, request.limit],
  );
  return withCounts(db, rows);
}

export async function loadMaintenance(db: Queryable, id: number): Promise<ListedMaintenance | undefined> {
  const { rows } = await db.query<MaintenanceRow>(
    `select ${columns} from maintenance_window w where w.id = $1`,
    [id],
  );
  return (await withCounts(db, rows))[0];
}

async function withCounts(db: Queryable, rows: readonly MaintenanceRow[]): Promise<ListedMaintenance[]> {
  const { rows: counts } = await db.query<{ id: string; devices: number; suppressing: number }>(
    `${withSpaces}
     select w.id::text as id,
            (select count(*)::int from device d where d.valid_to = 'infinity' and ${covers}) as devices,
            (select count(*)::int from alarm a
             where a.cleared_at is null and a.suppressed_by = 'maintenance:' || w.id) as suppressing
     from w`,
    [rows.map((row) => row.id)],
  );
  const byId = new Map(counts.map((row) => [row.id, row]));
  return rows.map((row) => ({
    ...row,
    devices: byId.get(row.id)?.devices ?? 0,
    suppressing: byId.get(row.id)?.suppressing ?? 0,
  }));
}

/** @returns the id */
export async function insertMaintenance(
  client: Queryable,
  window: MaintenanceBody & {
    readonly actor: string;
    readonly nowMs: number;
    /** Null where it recurs without end. */
    readonly endsMs: number | null;
  },
): Promise<number> {
  const { rows } = await client.query<{ id: number }>(
    `insert into maintenance_window (name, target, schedule, reason, with_critical, created_at, created_by, ends_at)
     values ($1, $2::jsonb, $3::jsonb, $4, $5, to_timestamp($6::float8 / 1000), $7,
             coalesce(to_timestamp($8::float8 / 1000), 'infinity')) returning id`,
    [
      window.name,
      JSON.stringify(window.target),
      JSON.stringify(window.schedule),
      window.reason,
      window.withCritical,
      window.nowMs,
      window.actor,
      window.endsMs,
    ],
  );
  return rows[0]?.id ?? 0;
}

/** @returns whether there is a device, space that the target names */
export async function targetExists(db: Queryable, { device, space }: MaintenanceTarget): Promise<boolean> {
  const { rows } = await db.query<{ known: boolean }>(
    `select ($1::text is null or exists (select from device where id = $1 and valid_to = 'infinity'))
        and ($2::text is null or exists (select from space where id = $2 and valid_to = 'infinity')) as known`,
    [device ?? null, space ?? null],
  );
  return rows[0]?.known ?? false;
}

/** @returns whether there was one that had not ended */
export async function endMaintenance(
  client: Queryable,
  end: { readonly id: number; readonly nowMs: number; readonly actor: string; readonly reason: string },
): Promise<boolean> {
  const { rowCount } = await client.query(
    `update maintenance_window set ends_at = to_timestamp($2::float8 / 1000), ended_by = $3, end_reason = $4
     where id = $1 and ends_at > to_timestamp($2::float8 / 1000)`,
    [end.id, end.nowMs, end.actor, end.reason],
  );
  return rowCount !== 0;
}

interface OpenWindow {
  readonly id: string;
  readonly schedule: MaintenanceSchedule;
  readonly createdMs: number;
  readonly endsMs: number | null;
}

/** Those that are not over, and those that ended within what a reading may be late. */
async function loadOpenWindows(db: Queryable, sinceMs: number): Promise<OpenWindow[]> {
  const { rows } = await db.query<OpenWindow>(
    `select id::text as id, schedule, (extract(epoch from created_at) * 1000)::float8 as "createdMs",
            case when ends_at < 'infinity' then (extract(epoch from ends_at) * 1000)::float8 end as "endsMs"
     from maintenance_window where ends_at > to_timestamp($1::float8 / 1000) order by id`,
    [sinceMs],
  );
  return rows;
}

function isOn(window: OpenWindow, calendar: LocalCalendar, atMs: number): boolean {
  const { schedule, endsMs } = window;
  return (endsMs === null || atMs < endsMs) && isInForce(schedule, calendar, atMs);
}

/**
 * Suppresses what was just raised inside a window: what counts is when it was raised, not when that was committed.
 * @param transitions what was raised and cleared in this transaction
 */
export async function followMaintenance(
  client: Queryable,
  transitions: readonly AlarmTransition[],
  { calendar, nowMs }: { readonly calendar: LocalCalendar; readonly nowMs: number },
): Promise<AlarmTransition[]> {
  const raised = transitions.filter((each) => each.kind === 'raised');
  if (raised.length === 0) return [];
  const times = raised.map((each) => Date.parse(each.time));
  const windows = await loadOpenWindows(client, Math.min(...times));
  const asked = raised.flatMap((each, i) =>
    windows
      .filter((window) => isOn(window, calendar, times[i] ?? nowMs))
      .map((window) => ({ alarmId: each.alarmId, windowId: window.id })),
  );
  return suppress(client, asked, nowMs);
}

/** Whether there is planned work, or an alarm that it or its own repeating suppresses: then a review may change some. */
export async function hasReview(db: Queryable, nowMs: number): Promise<boolean> {
  const { rows } = await db.query<{ some: boolean }>(
    `select exists (select from maintenance_window where ends_at > to_timestamp($1::float8 / 1000))
         or exists (select from alarm where cleared_at is null and suppressed_by is not null) as some`,
    [nowMs],
  );
  return rows[0]?.some ?? false;
}

/** What is active when a window begins is suppressed; what is active still when it ends is announced again. */
export async function reviewMaintenance(
  client: Queryable,
  calendar: LocalCalendar,
  nowMs: number,
): Promise<AlarmTransition[]> {
  const windows = (await loadOpenWindows(client, nowMs)).filter((window) => isOn(window, calendar, nowMs));
  const ids = windows.map((window) => window.id);
  const { rows: over } = await client.query<{ id: number; name: string; why: string }>(
    `select a.id, w.name, w.reason as why from alarm a
     join maintenance_window w on w.id = split_part(a.suppressed_by, ':', 2)::int8
     where a.cleared_at is null and a.suppressed_by like 'maintenance:%' and w.id <> all($1::int8[])
     order by a.id for no key update of a`,
    [ids],
  );
  const ended = await endSuppression(
    client,
    over.map(({ id, name, why }) => ({ id, facts: { code: 'maintenance-over', name, why } })),
    nowMs,
  );
  if (ids.length === 0) return ended;
  const begun = await suppress(
    client,
    ids.map((windowId) => ({ alarmId: null, windowId })),
    nowMs,
  );
  return [...ended, ...begun];
}

/** An alarm that is null: every active one that the window covers. */
async function suppress(
  client: Queryable,
  asked: readonly { readonly alarmId: string | null; readonly windowId: string }[],
  nowMs: number,
): Promise<AlarmTransition[]> {
  if (asked.length === 0) return [];
  const { rows } = await client.query<{ id: number; window: string; name: string; why: string }>(
    `${withSpaces}, asked as (
       select distinct on (a.id) a.id, w.id as window_id, n.alarm_id is null as later, w.name, w.reason
       from unnest($2::int8[], $1::int8[]) as n (alarm_id, window_id)
       join w on w.id = n.window_id
       join alarm a on (a.id = n.alarm_id or n.alarm_id is null and a.cleared_at is null)
                   and a.suppressed_at is null and (w.with_critical or a.severity <> 'critical')
       join device d on d.id = a.device_id and d.valid_to = 'infinity'
       where ${covers}
       order by a.id, w.id
     )
     update alarm a set suppressed_at = case when asked.later then to_timestamp($3::float8 / 1000) else a.raised_at end,
                        suppressed_reason = asked.name || ': ' || asked.reason,
                        suppressed_by = 'maintenance:' || asked.window_id
     from asked where a.id = asked.id
     returning a.id, asked.window_id::text as window, asked.name, asked.reason as why`,
    [asked.map((row) => row.windowId), asked.map((row) => row.alarmId), nowMs],
  );
  return appendTransitions(
    client,
    rows.map(({ id, window, name, why }) =>
      bySystem({ id, kind: 'suppressed', facts: { code: 'maintenance', window, name, why } }, nowMs),
    ),
  );
}

/** Ends the suppression of active alarms for the reason that is told, and keeps how long it was. */
export async function endSuppression(
  client: Queryable,
  alarms: readonly { readonly id: number; readonly facts: AlarmFacts }[],
  nowMs: number,
): Promise<AlarmTransition[]> {
  if (alarms.length === 0) return [];
  await client.query(
    `with ended as (
       select id, rule_id, object, suppressed_at, suppressed_reason from alarm where id = any($1::int8[])
     ), kept as (
       insert into alarm_held (kind, rule_id, object, since, until, actor, reason)
       select 'suppressed', rule_id, object, suppressed_at, to_timestamp($2::float8 / 1000), 'system',
              suppressed_reason
       from ended where suppressed_at < to_timestamp($2::float8 / 1000)
     )
     update alarm a set suppressed_at = null, suppressed_reason = null, suppressed_by = null
     from ended where a.id = ended.id`,
    [alarms.map((alarm) => alarm.id), nowMs],
  );
  return appendTransitions(
    client,
    alarms.map((alarm) => bySystem({ ...alarm, kind: 'unsuppressed' }, nowMs)),
  );
}

/** What the system does with an alarm, and why. */
export function bySystem(
  act: { readonly id: number; readonly kind: 'suppressed' | 'unsuppressed'; readonly facts: AlarmFacts },
  timeMs: number,
): NewTransition {
  const { id: alarmId, kind, facts } = act;
  return {
    alarmId,
    kind,
    key: randomUUID(),
    timeMs,
    actor: 'system',
    reason: plainReason(facts),
    facts,
    value: null,
  };
}
