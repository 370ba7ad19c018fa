import { expect, it } from 'vitest';
import { alarmRuleBodySchema } from '#schemas/alarm.ts';
import { contradictedLimits, metricProblems, ruleProblems } from '#schemas/alarm-problems.ts';
import { valuesOf } from '#services/alarms/combination.ts';
import { deviceClasses } from '#schemas/device-classes/index.ts';
import { defaultRules } from '#services/alarms/default-rules.ts';

it('defaultRules are valid, each with its own id and advice, on metrics and states that there are', () => {
  expect(new Set(defaultRules.map((rule) => rule.id)).size).toBe(defaultRules.length);
  for (const rule of defaultRules) {
    expect(alarmRuleBodySchema.parse(rule)).toEqual(rule);
    expect(rule.recommendedAction, rule.id).not.toBe('');
    if (!('deviceClass' in rule.target)) throw new Error(`${rule.id} watches no class`);
    const deviceClass = deviceClasses.get(rule.target.deviceClass ?? '');
    expect(deviceClass, rule.id).toBeDefined();
    const metrics = deviceClass?.metrics ?? {};
    const { condition } = rule;
    const asked =
      condition.kind === 'combination'
        ? valuesOf(condition).map(({ of, test }) => ({ metric: 'metric' in of ? of.metric : '', test }))
        : [{ metric: rule.target.metric ?? '', test: condition }];
    expect(ruleProblems(rule), rule.id).toEqual([]);
    if (condition.kind === 'event' || condition.kind === 'reported') continue;
    for (const { metric, test } of asked) {
      expect(metrics[metric], `${rule.id} ${metric}`).toBeDefined();
      expect(metricProblems(test, metrics[metric]), rule.id).toEqual([]);
    }
  }
});

it('defaultRules know every device class', () => {
  const watched = new Set(
    defaultRules.map((rule) => ('deviceClass' in rule.target ? rule.target.deviceClass : '')),
  );
  expect([...deviceClasses.keys()].filter((id) => !watched.has(id))).toEqual([]);
});

it('defaultRules name a figure with its source wherever one is compared, and what kind of trouble it is', () => {
  const figured = defaultRules.filter(({ condition }) => condition.kind === 'limit');
  const bare = figured.filter(({ basis, basisEn }) => basis === '' || basisEn === undefined);
  expect(bare.map(({ id }) => id)).toEqual([]);
  expect(defaultRules.filter(({ category }) => category === 'other').map(({ id }) => id)).toEqual([]);
  const limits = defaultRules.flatMap((rule) => contradictedLimits(rule, defaultRules));
  expect(limits).toEqual([]);
});

it('defaultRules miss whatever guards people or property when it falls silent', () => {
  const missed = new Set(
    defaultRules.flatMap(({ condition, target }) =>
      condition.kind === 'stale' && 'deviceClass' in target ? [target.deviceClass] : [],
    ),
  );
  const guards = [
    'camera',
    'recorder',
    'access-door',
    'perimeter-sensor',
    'fire-panel',
    'elevator',
    'gateway',
  ];
  expect(guards.filter((deviceClass) => !missed.has(deviceClass))).toEqual([]);
});
