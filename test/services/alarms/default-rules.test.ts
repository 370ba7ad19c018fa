import { expect, it } from 'vitest';
import { alarmRuleBodySchema } from '#schemas/alarm.ts';
import { deviceClasses } from '#schemas/device-classes/index.ts';
import { defaultRules } from '#services/alarms/default-rules.ts';

it('defaultRules are valid, each with its own id and advice, on metrics and states that there are', () => {
  expect(new Set(defaultRules.map((rule) => rule.id)).size).toBe(defaultRules.length);
  for (const rule of defaultRules) {
    expect(alarmRuleBodySchema.parse(rule)).toEqual(rule);
    expect(rule.recommendedAction, rule.id).not.toBe('');
    if (!('deviceClass' in rule.target)) throw new Error(`${rule.id} watches no class`);
    const metric = deviceClasses.get(rule.target.deviceClass ?? '')?.metrics[rule.target.metric ?? ''];
    expect(metric, rule.id).toBeDefined();
    if (rule.condition.kind !== 'state') continue;
    const known = metric?.states?.map((state) => state.key);
    expect(known, rule.id).toEqual(expect.arrayContaining([...rule.condition.states]));
  }
});

it('defaultRules know every device class', () => {
  const watched = new Set(
    defaultRules.map((rule) => ('deviceClass' in rule.target ? rule.target.deviceClass : '')),
  );
  expect([...deviceClasses.keys()].filter((id) => !watched.has(id))).toEqual([]);
});
