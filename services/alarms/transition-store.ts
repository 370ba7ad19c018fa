import type { AlarmTransition } from '#schemas/alarm.ts';
import { plainReason, type AlarmFacts } from '#schemas/alarm-facts.ts';
import type { Severity } from '#schemas/device-class.ts';
import { appendJournalRows } from '#infra/journal.ts';
import type { Queryable } from '#infra/postgres.ts';
import type { AlarmChange } from './judge.ts';

/** A change of one occurrence, with what the tables need to know of its rule. */
export interface OccurrenceChange extends AlarmChange {
  readonly ruleId: string;
  /** The version that raised it. */
  readonly ruleVersion: number;
  readonly object: string;
  readonly deviceId: string;
  readonly pointId: number | null;
  readonly severity: Severity;
  /** Null where the rule has none. */
  readonly limit: number | null;
}

/**
 * Writes changes and their journal rows, a statement for each step however many they are; what was written before
 * changes nothing.
 * @returns the transitions as they stand, in the order of the changes; a clearing whose occurrence was never
 * committed is left out
 */
export async function writeChanges(
  client: Queryable,
  changes: readonly OccurrenceChange[],
): Promise<AlarmTransition[]> {
  if (changes.length === 0) return [];
  await insertAlarms(
    client,
    changes.filter((change) => change.kind === 'raised'),
  );
  await clearAlarms(
    client,
    changes.filter((change) => change.kind === 'cleared'),
  );
  const ids = await findAlarms(client, changes);
  return appendTransitions(
    client,
    changes.flatMap((change, i) => {
      const alarmId = ids.get(i);
      if (alarmId === undefined) return [];
      const { kind, timeMs, facts, value } = change;
      return [{ alarmId, kind, key: '', timeMs, actor: 'system', reason: plainReason(facts), facts, value }];
    }),
  );
}

/** The columns that name occurrences: rule, version, object and onset. */
function occurrences(changes: readonly OccurrenceChange[]): unknown[] {
  return [
    changes.map((change) => change.ruleId),
    changes.map((change) => change.ruleVersion),
    changes.map((change) => change.object),
    changes.map((change) => change.onsetMs),
  ];
}

async function insertAlarms(client: Queryable, raised: readonly OccurrenceChange[]): Promise<void> {
  if (raised.length === 0) return;
  await client.query(
    `insert into alarm (rule_id, rule_version, object, onset, device_id, point_id, severity, value, limit_value, reason,
                        facts, raised_at, confirm_required)
     select rule_id, rule_version, object, to_timestamp(onset_ms / 1000), device_id, point_id, severity, value,
            limit_value, reason, facts, to_timestamp(raised_ms / 1000),
            exists (select from alarm_rule r where r.id = n.rule_id and r.version = n.rule_version
                    and r.definition ->> 'requiresConfirm' = 'true')
     from unnest($1::text[], $2::int[], $3::text[], $4::float8[], $5::text[], $6::int[], $7::text[], $8::float8[],
                 $9::float8[], $10::text[], $11::jsonb[], $12::float8[])
       as n (rule_id, rule_version, object, onset_ms, device_id, point_id, severity, value, limit_value, reason, facts,
             raised_ms)
     on conflict (rule_id, rule_version, object, onset) do nothing`,
    [
      ...occurrences(raised),
      raised.map((change) => change.deviceId),
      raised.map((change) => change.pointId),
      raised.map((change) => change.severity),
      raised.map((change) => change.value),
      raised.map((change) => change.limit),
      raised.map((change) => plainReason(change.facts)),
      raised.map((change) => JSON.stringify(change.facts)),
      raised.map((change) => change.timeMs),
    ],
  );
}

async function clearAlarms(client: Queryable, cleared: readonly OccurrenceChange[]): Promise<void> {
  if (cleared.length === 0) return;
  await client.query(
    `update alarm a set cleared_at = to_timestamp(n.cleared_ms / 1000)
     from unnest($1::text[], $2::int[], $3::text[], $4::float8[], $5::float8[])
       as n (rule_id, rule_version, object, onset_ms, cleared_ms)
     where a.rule_id = n.rule_id and a.rule_version = n.rule_version and a.object = n.object
       and a.onset = to_timestamp(n.onset_ms / 1000) and a.cleared_at is null`,
    [...occurrences(cleared), cleared.map((change) => change.timeMs)],
  );
}

/** Ids by place in `changes`. */
async function findAlarms(
  client: Queryable,
  changes: readonly OccurrenceChange[],
): Promise<Map<number, number>> {
  const { rows } = await client.query<{ place: number; id: number }>(
    `select n.place::int as place, a.id
     from unnest($1::text[], $2::int[], $3::text[], $4::float8[]) with ordinality
       as n (rule_id, rule_version, object, onset_ms, place)
     join alarm a on a.rule_id = n.rule_id and a.rule_version = n.rule_version and a.object = n.object
       and a.onset = to_timestamp(n.onset_ms / 1000)`,
    occurrences(changes),
  );
  return new Map(rows.map((row) => [row.place - 1, row.id]));
}

export interface NewTransition {
  readonly alarmId: number;
  readonly kind: AlarmTransition['kind'];
  /** Tells apart what may happen often; empty for what happens once. */
  readonly key: string;
  readonly timeMs: number;
  readonly actor: string;
  readonly reason: string;
  /** What `reason` tells, where the system says it. */
  readonly facts?: AlarmFacts;
  readonly value: number | null;
}

/** Adds rows to both journals unless (alarm, kind, key) is there already; the alarms' rows are changed before. */
export async function appendTransitions(
  client: Queryable,
  rows: readonly NewTransition[],
): Promise<AlarmTransition[]> {
  const keys = [rows.map((row) => row.alarmId), rows.map((row) => row.kind), rows.map((row) => row.key)];
  const inserted = await client.query<{ id: string }>(
    `insert into alarm_transition (alarm_id, kind, key, time, actor, reason, facts, value, active, acknowledged)
     select n.alarm_id, n.kind, n.key, to_timestamp(n.time_ms / 1000), n.actor, n.reason, n.facts, n.value,
            case n.kind when 'raised' then true when 'cleared' then false else a.cleared_at is null end,
            n.kind <> 'raised' and a.acknowledged_at is not null
     from unnest($1::int8[], $2::text[], $3::text[], $4::float8[], $5::text[], $6::text[], $7::jsonb[], $8::float8[])
       with ordinality as n (alarm_id, kind, key, time_ms, actor, reason, facts, value, place)
     join alarm a on a.id = n.alarm_id
     order by n.place
     on conflict (alarm_id, kind, key) do nothing
     returning id::text as id`,
    [
      ...keys,
      rows.map((row) => row.timeMs),
      rows.map((row) => row.actor),
      rows.map((row) => row.reason),
      rows.map((row) => (row.facts === undefined ? null : JSON.stringify(row.facts))),
      rows.map((row) => row.value),
    ],
  );
  const written = await client.query<TransitionRow>(
    `${transitionSelect}
     join unnest($1::int8[], $2::text[], $3::text[]) with ordinality as n (alarm_id, kind, key, place)
       on n.alarm_id = t.alarm_id and n.kind = t.kind and n.key = t.key
     order by n.place`,
    keys,
  );
  const transitions = written.rows.map(toTransition);
  const fresh = new Set(inserted.rows.map((row) => row.id));
  await appendJournalRows(
    client,
    'alarms',
    transitions.filter((transition) => fresh.has(transition.id)),
  );
  return transitions;
}

type TransitionRow = Omit<AlarmTransition, 'time'> & { readonly time: Date; readonly xid: string };

/** The only shape transitions are read in. */
const transitionSelect = `select t.id::text as id, t.alarm_id::text as "alarmId", a.rule_id as "ruleId",
    a.object, a.device_id as "deviceId", case when a.point_id is not null then a.object end as point,
    t.kind, t.time, a.severity, t.active, t.acknowledged, t.actor, t.reason, t.facts, t.value, t.xid::text as xid
  from alarm_transition t join alarm a on a.id = t.alarm_id`;

function toTransition({ xid: _xid, ...row }: TransitionRow): AlarmTransition {
  return { ...row, time: row.time.toISOString() };
}

/** The journal of one alarm, oldest first. */
export async function loadJournal(db: Queryable, alarmId: number): Promise<AlarmTransition[]> {
  const { rows } = await db.query<TransitionRow>(`${transitionSelect} where t.alarm_id = $1 order by t.id`, [
    alarmId,
  ]);
  return rows.map(toTransition);
}

/** Transitions of transactions at or after a cursor, with the cursor of this very snapshot (DESIGN §4 Live). */
export interface TransitionPage {
  /** Every transaction below this id is in the past of the snapshot: the next read begins here. */
  readonly cursor: string;
  readonly entries: readonly { readonly transition: AlarmTransition; readonly xid: string }[];
}

/**
 * Reads what was committed since a cursor; id order is not commit order, so the cursor is the oldest transaction that
 * was still running, and what is read twice is told apart by id.
 * @param options.except ids that are known already
 * @returns undefined when the cursor is no transaction of this database
 */
export async function transitionsSince(
  db: Queryable,
  options: { readonly cursor: string; readonly limit: number; readonly except: readonly string[] },
): Promise<TransitionPage | undefined> {
  // One statement, one snapshot: a cursor that was read apart could be newer than the rows.
  const { rows } = await db.query<{ cursor: string; valid: boolean } & (TransitionRow | { id: null })>(
    `select now.cursor::text as cursor, $1::xid8 <= now.newest as valid, found.*
     from (select pg_snapshot_xmin(pg_current_snapshot()) as cursor,
                  pg_snapshot_xmax(pg_current_snapshot()) as newest) now
     left join lateral (
       ${transitionSelect} where t.xid >= $1::xid8 and t.id <> all($3::int8[]) order by t.id limit $2
     ) found on true
     order by found.id::int8`,
    [options.cursor, options.limit, options.except],
  );
  const [first] = rows;
  if (first === undefined || !first.valid) return undefined;
  const entries = rows.flatMap(({ cursor: _cursor, valid: _valid, ...row }) =>
    row.id === null ? [] : [{ transition: toTransition(row), xid: row.xid }],
  );
  return { cursor: first.cursor, entries };
}

/** The cursor of now: a subscriber that has read the list in a later snapshot misses nothing from here on. */
export async function currentCursor(db: Queryable): Promise<string> {
  const { rows } = await db.query<{ cursor: string }>(
    'select pg_snapshot_xmin(pg_current_snapshot())::text as cursor',
  );
  return rows[0]?.cursor ?? '0';
}
