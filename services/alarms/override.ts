import type { RuleOverride } from '#schemas/alarm.ts';
import { metricProblems } from '#schemas/alarm-problems.ts';
import type { AlarmRuleOverride, DeviceAlarmRule } from '#schemas/api/alarm-rules.ts';
import { ParkError } from '#schemas/errors.ts';
import { appendAudit } from '#infra/journal.ts';
import { transaction, type Queryable } from '#infra/postgres.ts';
import { listOverrides, writeOverride } from './override-store.ts';
import { metricOf, nameOf, namedBy, isOfDevice } from './plan.ts';
import { deviceClassOf, findPoint, lockRules } from './rule-store.ts';
import { toRule, type AlarmDeps, type RuleAuthor } from './service.ts';
import { loadRule, loadRules, type RuleVersion } from './state-store.ts';
import { loadTargets } from './target-store.ts';

/**
 * Changes what one device takes of a rule: judged otherwise, not at all, or (null) as the rule says again.
 * @throws ParkError not-found, invalid-request (another kind, a state or limit that the metric does not have, or the
 * rule does not watch the device)
 */
export async function overrideRule(
  deps: AlarmDeps,
  change: { readonly ruleId: string; readonly deviceId: string; readonly definition: RuleOverride | null },
  by: RuleAuthor,
): Promise<AlarmRuleOverride> {
  const { ruleId, deviceId, definition } = change;
  const written = await transaction(deps.db, async (client) => {
    await lockRules(client);
    const rule = await loadRule(client, ruleId);
    if (rule === undefined) throw new ParkError('not-found', `There is no alarm rule ${ruleId}`);
    if ((await deviceClassOf(client, deviceId)) === undefined) {
      throw new ParkError('not-found', `There is no device ${deviceId}`);
    }
    await checkOverride(client, { rule, deviceId, definition });
    const row = await writeOverride(client, { ...change, author: by.actor, reason: by.reason });
    await appendAudit(client, {
      actor: by.actor,
      action: 'alarm-rule.override',
      object: `alarm-rule:${ruleId}/${deviceId}`,
      reason: by.reason,
      after: definition ?? { mode: 'inherit' },
    });
    return row;
  });
  deps.bus.publish('registry', { changed: 'rules' });
  return written;
}

async function checkOverride(
  db: Queryable,
  { rule, deviceId, definition }: { rule: RuleVersion; deviceId: string; definition: RuleOverride | null },
): Promise<void> {
  if (definition === null) return;
  const { target, condition } = rule.body;
  const watched = await watchedOf(db, rule, deviceId);
  if (!watched) {
    throw new ParkError('invalid-request', `The rule ${rule.body.id} does not watch the device ${deviceId}`);
  }
  if (definition.mode !== 'override' || definition.condition === undefined) return;
  if (definition.condition.kind !== condition.kind) {
    const message = `the rule is of kind ${condition.kind}: a device may have other figures, not another kind`;
    throw new ParkError('invalid-request', message, [{ path: '/condition/kind', message }]);
  }
  if (isOfDevice(condition)) return;
  const metric = 'point' in target ? target.point.split('.')[1] : target.metric;
  const point = await findPoint(db, `${deviceId}.${metric ?? ''}`);
  const problems = metricProblems(definition.condition, point === undefined ? undefined : metricOf(point));
  const [first] = problems;
  if (first !== undefined) throw new ParkError('invalid-request', first.message, problems);
}

/** Whether the rule names the device, in service or not yet. */
async function watchedOf(db: Queryable, rule: RuleVersion, deviceId: string): Promise<boolean> {
  const { points, devices } = await loadTargets(db, namedBy([rule.body]));
  const name = nameOf(rule.body.target, isOfDevice(rule.body.condition));
  return (
    points.some((point) => point.deviceId === deviceId && point.names.includes(name)) ||
    devices.some((device) => device.deviceId === deviceId && device.names.includes(name))
  );
}

/** The rules that watch a device, disabled ones too, with what it changes of them. @throws ParkError not-found */
export async function rulesOfDevice(db: Queryable, deviceId: string): Promise<DeviceAlarmRule[]> {
  if ((await deviceClassOf(db, deviceId)) === undefined) {
    throw new ParkError('not-found', `There is no device ${deviceId}`);
  }
  const rules = await loadRules(db);
  const { points, devices } = await loadTargets(db, namedBy(rules.map(({ body }) => body)));
  const names = new Set([
    ...points.filter((point) => point.deviceId === deviceId).flatMap((point) => point.names),
    ...devices.filter((device) => device.deviceId === deviceId).flatMap((device) => device.names),
  ]);
  const overrides = new Map((await listOverrides(db, { deviceId })).map((each) => [each.ruleId, each]));
  return rules
    .filter(({ body }) => names.has(nameOf(body.target, isOfDevice(body.condition))))
    .map((rule) => ({ rule: toRule(rule), override: overrides.get(rule.body.id) ?? null }));
}
