import type { AlarmRuleBody, AlarmTarget, CombinationCondition } from '#schemas/alarm.ts';
import { metricProblems, ruleProblems, type RuleProblem } from '#schemas/alarm-problems.ts';
import type { MetricDefinition } from '#schemas/device-class.ts';
import { deviceClasses } from '#schemas/device-classes/index.ts';
import { ParkError } from '#schemas/errors.ts';
import type { Queryable } from '#infra/postgres.ts';
import { isOfDevice, metricOf } from './plan.ts';
import { deviceClassOf, findPoint, spaceExists, tagExists } from './rule-store.ts';

type Checked = Pick<AlarmRuleBody, 'target' | 'condition'>;

/**
 * A rule must name something that there is, and a condition that its metric can meet.
 * @throws ParkError invalid-request
 */
export async function checkRule(db: Queryable, rule: Checked): Promise<void> {
  const problems = await findProblems(db, rule);
  const [first] = problems;
  if (first !== undefined) throw new ParkError('invalid-request', first.message, problems);
}

/** Everything that is wrong with a rule in this park. */
export async function findProblems(db: Queryable, rule: Checked): Promise<RuleProblem[]> {
  const itself = ruleProblems(rule);
  if (itself.length > 0) return itself;
  const { target, condition } = rule;
  if (!isOfDevice(condition)) {
    const found = await targetMetric(db, target);
    return 'problem' in found ? [found.problem] : metricProblems(condition, found.metric);
  }
  const found = await targetClass(db, target);
  if ('problem' in found) return [found.problem];
  return condition.kind === 'combination' ? inputProblems(db, condition, found.deviceClass) : [];
}

type Found<T> = T | { readonly problem: RuleProblem };

/** The class of the devices named; empty where they may be of any. */
async function targetClass(db: Queryable, target: AlarmTarget): Promise<Found<{ deviceClass: string }>> {
  if ('device' in target) {
    const deviceClass = await deviceClassOf(db, target.device);
    return deviceClass === undefined
      ? { problem: { path: '/target/device', message: `there is no device ${target.device}` } }
      : { deviceClass };
  }
  if ('space' in target && !(await spaceExists(db, target.space))) {
    return { problem: { path: '/target/space', message: `there is no space ${target.space}` } };
  }
  if ('tag' in target && !(await tagExists(db, target.tag))) {
    return { problem: { path: '/target/tag', message: `no device has the tag ${target.tag}` } };
  }
  const deviceClass = 'deviceClass' in target ? (target.deviceClass ?? '') : '';
  if (deviceClass !== '' && !deviceClasses.has(deviceClass)) {
    return { problem: { path: '/target/deviceClass', message: `there is no device class ${deviceClass}` } };
  }
  return { deviceClass };
}

async function targetMetric(
  db: Queryable,
  target: AlarmTarget,
): Promise<Found<{ metric: MetricDefinition | undefined }>> {
  if ('point' in target || 'device' in target) {
    const key = 'point' in target ? target.point : `${target.device}.${target.metric ?? ''}`;
    const point = await findPoint(db, key);
    if (point !== undefined) return { metric: metricOf(point) };
    return {
      problem: { path: 'point' in target ? '/target/point' : '/target', message: `there is no point ${key}` },
    };
  }
  const found = await targetClass(db, target);
  if ('problem' in found) return found;
  return classMetric(found.deviceClass, target.metric ?? '', '/target');
}

/** Of a class, or of any class that has it. */
function classMetric(
  deviceClass: string,
  metric: string,
  path: string,
): Found<{ metric: MetricDefinition | undefined }> {
  const classes = deviceClass === '' ? [...deviceClasses.values()] : [deviceClasses.get(deviceClass)];
  const definitions = classes.flatMap((each) => each?.metrics[metric] ?? []);
  if (definitions.length > 0) return { metric: definitions[0] };
  const message =
    deviceClass === ''
      ? `no device class has a metric ${metric}`
      : `no device class ${deviceClass} has a metric ${metric}`;
  return { problem: { path, message } };
}

async function inputProblems(
  db: Queryable,
  condition: CombinationCondition,
  deviceClass: string,
): Promise<RuleProblem[]> {
  const problems: RuleProblem[] = [];
  const inputs = condition.of.flatMap((each, i) =>
    'test' in each
      ? [{ input: each, path: `/condition/of/${i}` }]
      : each.of.map((input, n) => ({ input, path: `/condition/of/${i}/of/${n}` })),
  );
  for (const { input, path } of inputs) {
    const { of, test } = input;
    const found =
      'point' in of
        ? await pointMetric(db, of.point, path)
        : classMetric(deviceClass, of.metric, `${path}/of`);
    problems.push(
      ...('problem' in found ? [found.problem] : metricProblems(test, found.metric, `${path}/test`)),
    );
  }
  return problems;
}

async function pointMetric(
  db: Queryable,
  key: string,
  path: string,
): Promise<Found<{ metric: MetricDefinition | undefined }>> {
  const point = await findPoint(db, key);
  if (point !== undefined) return { metric: metricOf(point) };
  return { problem: { path: `${path}/of`, message: `there is no point ${key}` } };
}
