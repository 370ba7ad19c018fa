import { expect, test } from 'vitest';
import type { RuleForm } from '#dashboards/pages/alarms/rule-form.ts';
import {
  changedFields,
  conditionOf,
  fieldOf,
  fromForm,
  startOf,
  toForm,
} from '#dashboards/pages/alarms/rule-form.ts';
import { conditionFields } from '#schemas/alarm-fields.ts';
import type { AlarmRuleBody } from '#schemas/alarm.ts';
import { alarmConditionSchema, alarmRuleBodySchema } from '#schemas/alarm.ts';
import { defaultRules } from '#services/alarms/default-rules.ts';

const limit = { kind: 'limit', side: 'high', limit: 5, deadband: 1 } as const;
const state = { kind: 'state', test: 'leaves', states: ['open'] } as const;

function bodyOf(part: Record<string, unknown>): AlarmRuleBody {
  return alarmRuleBodySchema.parse({ id: 'r', name: 'R', severity: 'high', requiresConfirm: true, ...part });
}
const combination = bodyOf({
  target: { tag: 'cold', deviceClass: 'env-sensor' },
  condition: {
    kind: 'combination',
    match: 'all',
    of: [
      { of: { metric: 'temperature' }, test: limit },
      { match: 'any', of: [{ of: { point: 'door-1.door' }, test: state }] },
    ],
    onDelayMs: 1_500,
  },
  schedule: { when: 'outside', periods: [{ days: ['workday'], from: '22:00', to: '06:00' }] },
  cause: '漏水',
  causeEn: 'Leak',
  team: '工程',
});
const event = bodyOf({
  target: { device: 'd-1' },
  condition: { kind: 'event', type: 'access.denied', where: { door: 'a=b', floor: 3, code: '3', on: true } },
});

test('conditionFields names every field of every kind of condition, and no other', () => {
  for (const { shape } of alarmConditionSchema.options) {
    const { kind, ...fields } = shape;
    const named = conditionFields[kind.value].map(({ key }) => key);
    expect(named.toSorted(), kind.value).toEqual(Object.keys(fields).toSorted());
  }
});

test('toForm() and fromForm() keep every part of a rule of any kind', () => {
  for (const rule of [...defaultRules, combination, event]) {
    const { reason, ...body } = fromForm({ ...toForm(rule), reason: 'why' });
    expect(reason).toBe('why');
    expect(alarmRuleBodySchema.parse(body), rule.id).toEqual({ requiresConfirm: false, ...rule });
  }
});

test('conditionOf() leaves out what was typed for another kind', () => {
  const typed = { ...startOf('state'), states: ['open'], limit: 5, side: 'high' };
  expect(conditionOf(typed)).toEqual({ ...state, test: 'equals', onDelayMs: 0, offDelayMs: 0 });
});

test('fieldOf() finds the field of the form that the API names', () => {
  const form: RuleForm = { ...toForm(combination), reason: '' };
  const found = (path: string) => fieldOf(path, form)?.join('.');
  expect(found('/condition/maxAgeMs')).toBe('condition.maxAgeMs');
  expect(found('/condition/of/0/of')).toBe('condition.of.0.ref');
  expect(found('/condition/of/0/test/limit')).toBe('condition.of.0.test.limit');
  expect(found('/condition/of/1/of/0/of')).toBe('condition.of.1.inputs.0.ref');
  expect(found('/condition/of/1/of/0/test/states')).toBe('condition.of.1.inputs.0.test.states');
  expect(found('/target')).toBe('target.tag');
  expect(found('/target/deviceClass')).toBe('target.deviceClass');
  expect(found('/schedule/periods/0/from')).toBe('schedule.periods.0.from');
  expect(found('/causeEn')).toBe('texts.causeEn');
  expect(found('')).toBeUndefined();
});

test('changedFields() names what a version changed', () => {
  expect(changedFields(combination, { ...combination, severity: 'low', team: '' }).toSorted()).toEqual([
    'severity',
    'team',
  ]);
});
