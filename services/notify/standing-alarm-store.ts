import type { AlarmRuleBody, AlarmTransition } from '#schemas/alarm.ts';
import type { Queryable } from '#infra/postgres.ts';
import { insertRule, lockRules, ruleCount } from '#services/alarms/rule-store.ts';
import { loadRule } from '#services/alarms/state-store.ts';
import { writeChanges, type OccurrenceChange } from '#services/alarms/transition-store.ts';
import type { Hole } from './recipients.ts';

/** That somebody cannot be told is an alarm like others: it stands until it is mended, is journalled, and is told. */
const metric = 'reachable';
const metricDefinition = {
  name: { zh: '通知可达', en: 'Can be told' },
  kind: 'state',
  states: [
    { key: 'no', name: { zh: '否', en: 'no' } },
    { key: 'yes', name: { zh: '是', en: 'yes' } },
  ],
};
/** Judged here and not by the alarm engine: hence not enabled. */
const rule: AlarmRuleBody = {
  id: 'notification-hole',
  name: '告警无人可通知',
  nameEn: 'Nobody can be told',
  target: { device: 'parkwatch', metric },
  condition: { kind: 'state', test: 'equals', states: ['no'], onDelayMs: 0, offDelayMs: 0 },
  severity: 'high',
  enabled: false,
  recommendedAction: '检查值班表、人员联系方式与通知通道。',
  recommendedActionEn: 'Look at the roster, at the addresses of people and at the channels.',
};

interface Standing {
  readonly object: string;
  readonly ruleVersion: number;
  readonly pointId: number;
  readonly onsetMs: number;
}

/**
 * Raises an alarm for every trouble that has none, and clears those whose trouble is over.
 * @returns the transitions that were written
 */
export async function keepStandingAlarms(
  client: Queryable,
  troubles: readonly Hole[],
  nowMs: number,
): Promise<AlarmTransition[]> {
  const standing = await loadStanding(client);
  const now = new Map(troubles.map((trouble) => [trouble.object, trouble]));
  const known = new Set(standing.map(({ object }) => object));
  const ended = standing.filter(({ object }) => !now.has(object));
  const begun = troubles.filter(({ object }) => !known.has(object));
  if (ended.length === 0 && begun.length === 0) return [];
  // A park without any rule still waits for its default ones, which go only where there is none.
  if ((await ruleCount(client)) === 0) return [];
  const common = { ruleId: rule.id, severity: rule.severity, limit: null, value: 0, timeMs: nowMs };
  const cleared = ended.map(({ ruleVersion, pointId, onsetMs }): OccurrenceChange => ({
    ...common,
    kind: 'cleared',
    ruleVersion,
    pointId,
    onsetMs,
    reason: 'can be told again',
  }));
  const raised = begun.length === 0 ? [] : await raise(client, begun, { ...common, nowMs });
  return writeChanges(client, [...cleared, ...raised]);
}

async function raise(
  client: Queryable,
  troubles: readonly Hole[],
  {
    nowMs,
    ...common
  }: Pick<OccurrenceChange, 'ruleId' | 'severity' | 'limit' | 'value' | 'timeMs'> & { nowMs: number },
): Promise<OccurrenceChange[]> {
  const ruleVersion = await ruleVersionOf(client);
  const points = await pointsOf(
    client,
    troubles.map(({ object }) => object),
  );
  return troubles.map(({ object, reason }) => ({
    ...common,
    kind: 'raised',
    ruleVersion,
    pointId: points.get(object) ?? 0,
    onsetMs: nowMs,
    reason: `${object} ${reason}`,
  }));
}

async function ruleVersionOf(client: Queryable): Promise<number> {
  const known = await loadRule(client, rule.id);
  if (known !== undefined) return known.version;
  await lockRules(client);
  if ((await loadRule(client, rule.id)) === undefined) {
    await insertRule(client, {
      body: rule,
      version: 1,
      author: 'system',
      reason: 'somebody could not be told',
    });
  }
  return 1;
}

/** Points of what is no device: an alarm is about one. */
async function pointsOf(client: Queryable, objects: readonly string[]): Promise<Map<string, number>> {
  await client.query(
    `insert into point (device_id, metric, definition)
     select object, $2, $3::jsonb from unnest($1::text[]) as n (object)
     where not exists (select from point p where p.device_id = n.object and p.metric = $2)
     on conflict do nothing`,
    [objects, metric, JSON.stringify(metricDefinition)],
  );
  const { rows } = await client.query<{ object: string; pointId: number }>(
    'select device_id as object, point_id as "pointId" from point where device_id = any($1::text[]) and metric = $2',
    [objects, metric],
  );
  return new Map(rows.map((row) => [row.object, row.pointId]));
}

async function loadStanding(client: Queryable): Promise<Standing[]> {
  const { rows } = await client.query<Standing>(
    `select p.device_id as object, a.rule_version as "ruleVersion", a.point_id as "pointId",
            (extract(epoch from a.onset) * 1000)::float8 as "onsetMs"
     from alarm a join point p on p.point_id = a.point_id
     where a.rule_id = $1 and a.cleared_at is null`,
    [rule.id],
  );
  return rows;
}

/** Teams that enabled rules name as responsible; an empty one where a rule names none. */
export async function loadRuleTeams(db: Queryable): Promise<string[]> {
  const { rows } = await db.query<{ team: string }>(
    `select distinct coalesce(definition ->> 'team', '') as team from alarm_rule
     where valid_to = 'infinity' and definition ->> 'enabled' = 'true' limit 1000`,
  );
  return rows.map((row) => row.team);
}
