import type { AlarmRuleBody } from '#schemas/alarm.ts';
import type { MetricDefinition } from '#schemas/device-class.ts';
import { deviceClasses } from '#schemas/device-classes/index.ts';
import { ParkError } from '#schemas/errors.ts';
import type { Queryable } from '#infra/postgres.ts';
import { findPoint, spaceExists } from './rule-store.ts';
import { metricOf } from './watch-book.ts';

/**
 * A rule must name something that there is, and a condition that its metric can meet.
 * @throws ParkError invalid-request
 */
export async function checkRule(
  db: Queryable,
  { target, condition }: Pick<AlarmRuleBody, 'target' | 'condition'>,
): Promise<void> {
  const metric = await targetMetric(db, target);
  if (condition.kind === 'stale') return;
  const states = metric?.states?.map((state) => state.key) ?? [];
  if (condition.kind === 'state' || condition.kind === 'count') {
    const unknown = condition.states.filter((name) => !states.includes(name));
    if (unknown.length === 0) return;
    const known = states.length === 0 ? 'it has none' : `it has ${states.join(', ')}`;
    throw refusal('/condition/states', `the metric has no state ${unknown.join(', ')}: ${known}`);
  }
  if (condition.kind === 'rate' && metric?.kind === 'state') {
    throw refusal('/condition/kind', 'a metric with states has no rate of change');
  }
}

async function targetMetric(
  db: Queryable,
  target: AlarmRuleBody['target'],
): Promise<MetricDefinition | undefined> {
  if ('point' in target || 'device' in target) {
    const key = 'point' in target ? target.point : `${target.device}.${target.metric}`;
    const point = await findPoint(db, key);
    if (point !== undefined) return metricOf(point);
    throw refusal('point' in target ? '/target/point' : '/target', `there is no point ${key}`);
  }
  const { deviceClass, metric } = target;
  const found = deviceClasses.get(deviceClass)?.metrics[metric];
  if (found === undefined) throw refusal('/target', `no device class ${deviceClass} has a metric ${metric}`);
  if ('space' in target && !(await spaceExists(db, target.space))) {
    throw refusal('/target/space', `there is no space ${target.space}`);
  }
  return found;
}

function refusal(path: string, message: string): ParkError {
  return new ParkError('invalid-request', message, [{ path, message }]);
}
