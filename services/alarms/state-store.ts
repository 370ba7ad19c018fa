import { alarmRuleBodySchema, type AlarmRuleBody, type AlarmTransition } from '#schemas/alarm.ts';
import { appendJournal } from '#infra/journal.ts';
import type { Queryable } from '#infra/postgres.ts';
import type { AlarmChange, JudgeState } from './evaluate.ts';

/** A version of a rule as it is in force. */
export interface RuleVersion {
  readonly version: number;
  readonly author: string;
  readonly reason: string;
  readonly validFromMs: number;
  readonly body: AlarmRuleBody;
}

/** Times go in and out as epoch ms with fractions down to the microsecond that timestamptz keeps. */
const ruleColumns = `id, version, author, reason, definition,
  (extract(epoch from valid_from) * 1000)::float8 as valid_from_ms`;

interface RuleRow {
  readonly id: string;
  readonly version: number;
  readonly author: string;
  readonly reason: string;
  readonly definition: object;
  readonly valid_from_ms: number;
}

function toRule(row: RuleRow): RuleVersion {
  return {
    version: row.version,
    author: row.author,
    reason: row.reason,
    validFromMs: row.valid_from_ms,
    body: alarmRuleBodySchema.parse({ ...row.definition, id: row.id }),
  };
}

/** The rules in force, disabled ones too, by id. */
export async function loadRules(db: Queryable): Promise<RuleVersion[]> {
  const { rows } = await db.query<RuleRow>(
    `select ${ruleColumns} from alarm_rule where valid_to = 'infinity' order by id`,
  );
  return rows.map(toRule);
}

/** The versions that stored states were judged with, in force or not. */
export async function loadJudgedVersions(db: Queryable): Promise<RuleVersion[]> {
  const { rows } = await db.query<RuleRow>(
    `select ${ruleColumns} from alarm_rule r
     where exists (select from alarm_state s where s.rule_id = r.id and s.rule_version = r.version)`,
  );
  return rows.map(toRule);
}

/** @returns undefined when there is no such rule */
export async function loadRule(db: Queryable, id: string): Promise<RuleVersion | undefined> {
  const { rows } = await db.query<RuleRow>(
    `select ${ruleColumns} from alarm_rule where id = $1 and valid_to = 'infinity'`,
    [id],
  );
  return rows[0] === undefined ? undefined : toRule(rows[0]);
}

/** A point in service that a rule may watch. */
export interface WatchedPoint {
  readonly pointId: number;
  readonly key: string;
  readonly deviceClass: string;
  readonly metric: string;
}

/** The points of devices in service that one of the targets names: keys, or `class/metric`. */
export async function loadTargets(
  db: Queryable,
  targets: { readonly keys: readonly string[]; readonly classMetrics: readonly string[] },
): Promise<WatchedPoint[]> {
  const { rows } = await db.query<WatchedPoint>(
    `select p.point_id as "pointId", p.device_id || '.' || p.metric as key, d.class as "deviceClass", p.metric
     from device d join point p on p.device_id = d.id
     where d.valid_to = 'infinity' and d.lifecycle = 'in-service' and not p.ignored
       and (p.device_id || '.' || p.metric = any($1::text[]) or d.class || '/' || p.metric = any($2::text[]))
     order by p.point_id`,
    [targets.keys, targets.classMetrics],
  );
  return rows;
}

export interface StoredState {
  readonly ruleId: string;
  readonly pointId: number;
  readonly pointKey: string;
  readonly ruleVersion: number;
  readonly state: JudgeState;
}

export async function loadStates(db: Queryable): Promise<StoredState[]> {
  const { rows } = await db.query<StoredState>(
    `select s.rule_id as "ruleId", s.point_id as "pointId", p.device_id || '.' || p.metric as "pointKey",
            s.rule_version as "ruleVersion", s.state
     from alarm_state s join point p on p.point_id = s.point_id`,
  );
  return rows;
}

export async function saveStates(
  client: Queryable,
  states: readonly Omit<StoredState, 'pointKey'>[],
): Promise<void> {
  if (states.length === 0) return;
  await client.query(
    `insert into alarm_state (rule_id, point_id, rule_version, handled_to, state)
     select rule_id, point_id, rule_version, to_timestamp(handled_to_ms / 1000), state
     from unnest($1::text[], $2::int[], $3::int[], $4::float8[], $5::jsonb[])
       as s (rule_id, point_id, rule_version, handled_to_ms, state)
     on conflict (rule_id, point_id) do update
       set rule_version = excluded.rule_version, handled_to = excluded.handled_to, state = excluded.state`,
    [
      states.map((row) => row.ruleId),
      states.map((row) => row.pointId),
      states.map((row) => row.ruleVersion),
      states.map((row) => row.state.handledToMs),
      states.map((row) => JSON.stringify(row.state)),
    ],
  );
}

export async function deleteStates(
  client: Queryable,
  keys: readonly { readonly ruleId: string; readonly pointId: number }[],
): Promise<void> {
  if (keys.length === 0) return;
  await client.query(
    `delete from alarm_state s using unnest($1::text[], $2::int[]) as k (rule_id, point_id)
     where s.rule_id = k.rule_id and s.point_id = k.point_id`,
    [keys.map((key) => key.ruleId), keys.map((key) => key.pointId)],
  );
}

/** A change of one occurrence, with what the tables need to know of its rule. */
export interface OccurrenceChange extends AlarmChange {
  readonly ruleId: string;
  readonly ruleVersion: number;
  readonly pointId: number;
  readonly pointKey: string;
  readonly severity: string;
  readonly limit: number;
}

/**
 * Writes a change and its journal row; one that was written before changes nothing.
 * @returns the transition as it stands; undefined when a clearing finds no occurrence (it was never committed)
 */
export async function writeChange(
  client: Queryable,
  change: OccurrenceChange,
): Promise<AlarmTransition | undefined> {
  const alarmId = await (change.kind === 'raised' ? insertAlarm(client, change) : clearAlarm(client, change));
  if (alarmId === undefined) return undefined;
  return appendTransition(client, {
    alarmId,
    kind: change.kind,
    key: '',
    timeMs: change.timeMs,
    actor: 'system',
    reason: change.reason,
    value: change.value,
  });
}

async function insertAlarm(client: Queryable, change: OccurrenceChange): Promise<number | undefined> {
  // The update changes nothing: it makes the statement return the row that is there already.
  const { rows } = await client.query<{ id: number }>(
    `insert into alarm (rule_id, rule_version, point_id, onset, severity, value, limit_value, reason, raised_at)
     values ($1, $2, $3, to_timestamp($4::float8 / 1000), $5, $6, $7, $8, to_timestamp($9::float8 / 1000))
     on conflict (rule_id, rule_version, point_id, onset) do update set rule_id = excluded.rule_id
     returning id`,
    [
      change.ruleId,
      change.ruleVersion,
      change.pointId,
      change.onsetMs,
      change.severity,
      change.value,
      change.limit,
      change.reason,
      change.timeMs,
    ],
  );
  return rows[0]?.id;
}

async function clearAlarm(client: Queryable, change: OccurrenceChange): Promise<number | undefined> {
  const { rows } = await client.query<{ id: number }>(
    `update alarm set cleared_at = coalesce(cleared_at, to_timestamp($4::float8 / 1000))
     where id = (select id from alarm
                 where rule_id = $1 and point_id = $2 and onset = to_timestamp($3::float8 / 1000)
                 order by id desc limit 1)
     returning id`,
    [change.ruleId, change.pointId, change.onsetMs, change.timeMs],
  );
  return rows[0]?.id;
}

export interface NewTransition {
  readonly alarmId: number;
  readonly kind: AlarmTransition['kind'];
  readonly key: string;
  readonly timeMs: number;
  readonly actor: string;
  readonly reason: string;
  readonly value: number | null;
}

/** Adds the row to both journals unless (alarm, kind, key) is there already; the alarm's row is changed before. */
export async function appendTransition(client: Queryable, row: NewTransition): Promise<AlarmTransition> {
  const { rows } = await client.query<{ id: number }>(
    `insert into alarm_transition (alarm_id, kind, key, time, actor, reason, value, active, acknowledged)
     select a.id, $2, $3, to_timestamp($4::float8 / 1000), $5, $6, $7, a.cleared_at is null,
            a.acknowledged_at is not null
     from alarm a where a.id = $1
     on conflict (alarm_id, kind, key) do nothing
     returning id`,
    [row.alarmId, row.kind, row.key, row.timeMs, row.actor, row.reason, row.value],
  );
  const written = await client.query<TransitionRow>(
    `${transitionSelect} where t.alarm_id = $1 and t.kind = $2 and t.key = $3`,
    [row.alarmId, row.kind, row.key],
  );
  const transition = written.rows.map(toTransition)[0];
  if (transition === undefined) throw new Error(`Alarm ${row.alarmId} vanished while it was changed`);
  if (rows[0] !== undefined) await appendJournal(client, 'alarms', transition);
  return transition;
}

type TransitionRow = Omit<AlarmTransition, 'time'> & { readonly time: Date; readonly xid: string };

/** The only shape transitions are read in. */
const transitionSelect = `select t.id::text as id, t.alarm_id::text as "alarmId", a.rule_id as "ruleId",
    p.device_id || '.' || p.metric as point, t.kind, t.time, a.severity, t.active, t.acknowledged,
    t.actor, t.reason, t.value, t.xid::text as xid
  from alarm_transition t join alarm a on a.id = t.alarm_id join point p on p.point_id = a.point_id`;

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
