import { expect, test } from 'vitest';
import { actOf, acts, mayAct } from '#dashboards/pages/alarms/acts.ts';

const alarm = {
  active: true,
  acknowledged: false,
  shelved: null,
  outOfService: null,
  confirmRequired: false,
  confirmedAt: null,
};
const held = { since: '2026-03-02T00:00:00Z', actor: 'li', reason: 'test' };
const shelved = { until: '2026-03-02T00:00:00Z', oneShot: false, actor: 'li', reason: 'test' };

test('mayAct() offers what the server would do: by role and by how the alarm stands', () => {
  const offered = (change: object, role: 'viewer' | 'operator' | 'engineer') =>
    acts.filter(({ key }) => mayAct(key, { ...alarm, ...change }, role)).map(({ key }) => key);
  expect(offered({}, 'viewer')).toEqual([]);
  expect(offered({}, 'operator')).toEqual(['acknowledge', 'comment', 'assign', 'shelve']);
  expect(offered({ acknowledged: true, confirmRequired: true, shelved }, 'engineer')).toEqual([
    'comment',
    'assign',
    'unshelve',
    'confirm',
    'outOfService',
  ]);
  expect(offered({ outOfService: held, acknowledged: true }, 'engineer')).toContain('returnToService');
});

test('actOf() takes a letter for what can be done now', () => {
  expect(actOf('s', alarm, 'operator')).toBe('shelve');
  expect(actOf('s', { ...alarm, shelved }, 'operator')).toBe('unshelve');
  expect(actOf('o', alarm, 'operator')).toBeUndefined();
  expect(actOf('a', { ...alarm, acknowledged: true }, 'operator')).toBeUndefined();
});
