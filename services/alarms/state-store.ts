import { alarmRuleBodySchema, type AlarmRuleBody } from '#schemas/alarm.ts';
import type { MetricDefinition } from '#schemas/device-class.ts';
import type { Queryable } from '#infra/postgres.ts';
import type { JudgeState } from './judge.ts';

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
  /** Of a metric that its class does not name. */
  readonly definition: MetricDefinition | null;
  /** Those of the `space/class/metric` asked for that name it. */
  readonly spaceMetrics: readonly string[];
}

/** What rules name, as the store looks it up. */
export interface NamedPoints {
  readonly keys: readonly string[];
  /** `class/metric`. */
  readonly classMetrics: readonly string[];
  /** `space/class/metric`, the space itself and all below it. */
  readonly spaceMetrics: readonly string[];
}

/** The points of devices in service that one of the targets names. */
export async function loadTargets(db: Queryable, named: NamedPoints): Promise<WatchedPoint[]> {
  const { rows } = await db.query<WatchedPoint>(
    `with recursive asked as (
       select split_part(n, '/', 1) as space_id, substr(n, strpos(n, '/') + 1) as class_metric
       from unnest($3::text[]) as n
     ), within as (
       select space_id as root, space_id as id from asked
       union
       select w.root, s.id from within w join space s on s.parent_id = w.id and s.valid_to = 'infinity'
     )
     select p.point_id as "pointId", p.device_id || '.' || p.metric as key, d.class as "deviceClass", p.metric,
            p.definition,
            case when $3 = '{}' then '{}' else array(
              select a.space_id || '/' || a.class_metric from asked a join within w on w.root = a.space_id
              where w.id = d.space_id and a.class_metric = d.class || '/' || p.metric) end as "spaceMetrics"
     from device d join point p on p.device_id = d.id
     where d.valid_to = 'infinity' and d.lifecycle = 'in-service' and not p.ignored
       and (p.device_id || '.' || p.metric = any($1::text[]) or d.class || '/' || p.metric = any($2::text[])
            or (d.space_id, d.class || '/' || p.metric) in
               (select w.id, a.class_metric from asked a join within w on w.root = a.space_id))
     order by p.point_id`,
    [named.keys, named.classMetrics, named.spaceMetrics],
  );
  return rows;
}

export interface StoredState {
  readonly ruleId: string;
  readonly pointId: number;
  readonly ruleVersion: number;
  readonly state: JudgeState;
}

export async function loadStates(db: Queryable): Promise<StoredState[]> {
  const { rows } = await db.query<StoredState>(
    `select rule_id as "ruleId", point_id as "pointId", rule_version as "ruleVersion", state from alarm_state`,
  );
  return rows;
}

export async function saveStates(client: Queryable, states: readonly StoredState[]): Promise<void> {
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
