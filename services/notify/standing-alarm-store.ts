import { alarmRuleBodySchema, type AlarmTransition } from '#schemas/alarm.ts';
import type { Queryable } from '#infra/postgres.ts';
import { insertRule, lockRules } from '#services/alarms/rule-store.ts';
import { loadRule } from '#services/alarms/state-store.ts';
import { writeChanges, type OccurrenceChange } from '#services/alarms/transition-store.ts';
import type { Hole } from './recipients.ts';

/**
 * That somebody cannot be told is an alarm like others: it stands until it is mended, is journalled, and is told. What
 * it is about (a roster, a person) is no device and has no point. Judged here and not by the engine: hence not enabled.
 */
const rule = alarmRuleBodySchema.parse({
  id: 'notification-hole',
  name: '告警无人可通知',
  nameEn: 'Nobody can be told',
  target: { device: 'parkwatch', metric: 'reachable' },
  condition: { kind: 'state', test: 'equals', states: ['no'] },
  severity: 'high',
  enabled: false,
  category: 'communication',
  recommendedAction: '检查值班表、人员联系方式与通知通道。',
  recommendedActionEn: 'Look at the roster, at the addresses of people and at the channels.',
});

interface Standing {
  readonly object: string;
  /** As the alarm has it: with a metric where it was raised on a point. */
  readonly stored: string;
  readonly ruleVersion: number;
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
  const common = {
    ruleId: rule.id,
    severity: rule.severity,
    limit: null,
    pointId: null,
    value: null,
    timeMs: nowMs,
  };
  const cleared = ended.map(({ object, stored, ruleVersion, onsetMs }): OccurrenceChange => ({
    ...common,
    kind: 'cleared',
    ruleVersion,
    object: stored,
    deviceId: object,
    onsetMs,
    facts: { code: 'reachable' },
  }));
  const ruleVersion = begun.length === 0 ? 0 : await ruleVersionOf(client);
  const raised = begun.map(({ object, reason }): OccurrenceChange => ({
    ...common,
    kind: 'raised',
    ruleVersion,
    object,
    deviceId: object,
    onsetMs: nowMs,
    facts: { code: 'unreachable', who: object, why: reason },
  }));
  return writeChanges(client, [...cleared, ...raised]);
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

async function loadStanding(client: Queryable): Promise<Standing[]> {
  const { rows } = await client.query<Standing>(
    `select split_part(a.object, '.', 1) as object, a.object as stored, a.rule_version as "ruleVersion",
            (extract(epoch from a.onset) * 1000)::float8 as "onsetMs"
     from alarm a
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
