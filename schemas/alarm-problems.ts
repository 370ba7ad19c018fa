import {
  deviceKinds,
  type AlarmCondition,
  type AlarmRuleBody,
  type AlarmTarget,
  type CombinationCondition,
  type CombinationInput,
} from './alarm.ts';
import type { MetricDefinition } from './device-class.ts';

/** What is wrong with a rule, addressed by JSON pointer. */
export interface RuleProblem {
  readonly path: string;
  readonly message: string;
}

/** Whether rules of this kind name devices without a metric. */
export function watchesDevices(kind: AlarmCondition['kind']): boolean {
  return deviceKinds.some((each) => each === kind);
}

/** What a rule contradicts in itself; pure, the same for the console and the API. */
export function ruleProblems({
  target,
  condition,
}: Pick<AlarmRuleBody, 'target' | 'condition'>): RuleProblem[] {
  const problems = targetProblems(target, condition.kind);
  if (condition.kind === 'combination') problems.push(...combinationProblems(condition));
  if (condition.kind === 'event' && condition.type === condition.clearType) {
    problems.push({
      path: '/condition/clearType',
      message: 'an event cannot both raise and clear the alarm',
    });
  }
  if (condition.kind === 'rate' && condition.deadband >= condition.limit) {
    const message =
      'the deadband is as wide as the limit: it would clear only when the value goes the other way';
    problems.push({ path: '/condition/deadband', message });
  }
  return problems;
}

function targetProblems(target: AlarmTarget, kind: AlarmCondition['kind']): RuleProblem[] {
  if ('point' in target) {
    if (!watchesDevices(kind)) return [];
    return [{ path: '/target', message: `a rule of kind ${kind} watches devices, not a point` }];
  }
  if (watchesDevices(kind) && target.metric !== undefined) {
    return [
      { path: '/target/metric', message: `a rule of kind ${kind} watches devices, not a metric of them` },
    ];
  }
  if (!watchesDevices(kind) && target.metric === undefined) {
    return [{ path: '/target/metric', message: `a rule of kind ${kind} watches a metric: name it` }];
  }
  return [];
}

/** Whether a condition fits what its metric can be; undefined: a metric that nobody knows, of which all is possible. */
export function metricProblems(
  condition: AlarmCondition | CombinationInput['test'],
  metric: MetricDefinition | undefined,
  path = '/condition',
): RuleProblem[] {
  if (condition.kind === 'state' || condition.kind === 'count') {
    const states = metric?.states?.map((state) => state.key) ?? [];
    const unknown = condition.states.filter((name) => !states.includes(name));
    if (unknown.length === 0) return [];
    const known = states.length === 0 ? 'it has none' : `it has ${states.join(', ')}`;
    return [{ path: `${path}/states`, message: `the metric has no state ${unknown.join(', ')}: ${known}` }];
  }
  if (condition.kind === 'rate' && metric?.kind === 'state') {
    return [{ path: `${path}/kind`, message: 'a metric with states has no rate of change' }];
  }
  return condition.kind === 'limit' && metric !== undefined ? limitProblems(condition, { metric, path }) : [];
}

/** Values outside the plausible range are never stored: a limit there cannot be reached, or not be left. */
function limitProblems(
  { side, limit, deadband }: { readonly side: string; readonly limit: number; readonly deadband: number },
  { metric, path }: { readonly metric: MetricDefinition; readonly path: string },
): RuleProblem[] {
  const { min = -Infinity, max = Infinity } = metric;
  const isHigh = side === 'high' || side === 'high-high';
  if (isHigh ? limit > max : limit < min) {
    const range = `${metric.min ?? '−∞'} … ${metric.max ?? '∞'}`;
    return [{ path: `${path}/limit`, message: `no value reaches it: plausible are ${range}` }];
  }
  const clearsAt = isHigh ? limit - deadband : limit + deadband;
  if (isHigh ? clearsAt < min : clearsAt > max) {
    return [
      { path: `${path}/deadband`, message: 'it would never clear: the deadband leaves the plausible range' },
    ];
  }
  return [];
}

/** Values of `all` that exclude each other: the rule could never raise. */
function combinationProblems({ match, of }: CombinationCondition): RuleProblem[] {
  return [
    ...(match === 'all'
      ? contradictions(
          of.filter((each) => 'test' in each),
          '/condition/of',
        )
      : []),
    ...of.flatMap((each, i) =>
      'test' in each || each.match === 'any' ? [] : contradictions(each.of, `/condition/of/${i}/of`),
    ),
  ];
}

function contradictions(inputs: readonly CombinationInput[], path: string): RuleProblem[] {
  const named = Map.groupBy(inputs, ({ of }) => JSON.stringify(of));
  return [...named.values()].flatMap((tests) => {
    let [from, to] = [-Infinity, Infinity];
    let states: readonly string[] | null = null;
    for (const { test } of tests) {
      if (test.kind === 'state') {
        if (test.test !== 'equals') continue;
        states = (states ?? test.states).filter((state) => test.states.includes(state));
      } else if (test.side === 'high' || test.side === 'high-high') from = Math.max(from, test.limit);
      else to = Math.min(to, test.limit);
    }
    if (from <= to && states?.length !== 0) return [];
    return [{ path, message: 'these values exclude each other: all of them are never met at once' }];
  });
}

/** From the lowest limit to the highest, as they must stand. */
const sidesUpwards = ['low-low', 'low', 'high', 'high-high'] as const;

/** Limits of other rules on the same target that stand on the wrong side of this one: both would be wrong at once. */
export function contradictedLimits(
  rule: Pick<AlarmRuleBody, 'id' | 'target' | 'condition' | 'schedule'>,
  others: readonly Pick<AlarmRuleBody, 'id' | 'target' | 'condition' | 'schedule' | 'enabled'>[],
): RuleProblem[] {
  const { condition } = rule;
  if (condition.kind !== 'limit') return [];
  const place = sidesUpwards.indexOf(condition.side);
  return others.flatMap((other) => {
    const theirs = other.condition;
    if (other.id === rule.id || !other.enabled || theirs.kind !== 'limit') return [];
    if (JSON.stringify([other.target, other.schedule]) !== JSON.stringify([rule.target, rule.schedule]))
      return [];
    const theirPlace = sidesUpwards.indexOf(theirs.side);
    const isWrong =
      (place < theirPlace && condition.limit >= theirs.limit) ||
      (place > theirPlace && condition.limit <= theirs.limit);
    if (!isWrong) return [];
    const message = `the ${condition.side} limit ${condition.limit} contradicts the ${theirs.side} limit ${theirs.limit} of rule ${other.id}`;
    return [{ path: '/condition/limit', message }];
  });
}
