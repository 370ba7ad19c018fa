import { expect, test } from 'vitest';
import type { FormRule } from '#dashboards/pages/alarms/rule-form.ts';
import { fromForm, toForm } from '#dashboards/pages/alarms/rule-form.ts';

const rule: FormRule = {
  id: 'power-high',
  name: 'Power high',
  target: { deviceClass: 'energy-meter', metric: 'active_power' },
  condition: { kind: 'limit', side: 'high', limit: 55, deadband: 2, onDelayMs: 90_000, offDelayMs: 500 },
  severity: 'high',
  enabled: false,
  requiresConfirm: true,
  recommendedAction: 'Look',
  category: 'power',
  cause: '',
  consequence: '',
  team: '',
  basis: '',
  version: 3,
  validFrom: '2026-01-01T00:00:00Z',
  author: 'admin',
};

test('toForm() and fromForm() keep every part of a rule, delays to the millisecond', () => {
  const { version: _version, validFrom: _validFrom, author: _author, ...whole } = rule;
  // What the form does not hold it does not send: the rule keeps it.
  const { category: _category, cause: _cause, consequence: _consequence, ...rest } = whole;
  const { team: _team, basis: _basis, ...body } = rest;
  expect(fromForm({ ...toForm(rule), reason: 'why' })).toEqual({ ...body, reason: 'why' });
  const onPoint = { ...body, target: { point: 'em-1.active_power' } };
  expect(fromForm({ ...toForm({ ...rule, ...onPoint }), reason: 'why' }).target).toEqual(onPoint.target);
});
