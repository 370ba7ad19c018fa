import { expect, test } from 'vitest';
import { routeBodySchema } from '#schemas/notify.ts';
import { wallClock } from '#schemas/wall-clock.ts';
import { routesFor } from '#services/notify/route.ts';

const clock = wallClock('Asia/Shanghai');
const facts = {
  severity: 'high',
  category: 'fire',
  spaces: [
    { id: 'f1', name: 'Floor' },
    { id: 'b1', name: 'Building' },
  ],
  deviceClass: 'fire-panel',
  ruleId: 'fire-alarm',
  raisedMs: Date.parse('2026-01-05T09:00:00+08:00'),
} as const;

const route = (id: string, match: object, rest: object = {}) =>
  routeBodySchema.parse({
    id,
    name: id,
    match,
    steps: [{ afterMinutes: 0, targets: [{ kind: 'admins' }] }],
    ...rest,
  });
const found = (...routes: ReturnType<typeof route>[]) => routesFor(routes, facts, clock).map(({ id }) => id);

test('routesFor() matches by severity, category, class, rule, hours, and a space with everything below it', () => {
  const office = { days: [1, 2, 3, 4, 5], from: '08:00', to: '18:00' };
  const night = { days: [1, 2, 3, 4, 5, 6, 7], from: '18:00', to: '08:00' };
  expect(
    found(
      route('any', {}),
      route('all', {
        severities: ['high'],
        categories: ['fire'],
        spaces: ['b1'],
        deviceClasses: ['fire-panel'],
        rules: ['fire-alarm'],
        windows: [office],
      }),
      route('severity', { severities: ['low'] }),
      route('category', { categories: ['power'] }),
      route('space', { spaces: ['b2'] }),
      route('class', { deviceClasses: ['camera'] }),
      route('rule', { rules: ['other'] }),
      route('hours', { windows: [night] }),
    ),
  ).toEqual(['any', 'all']);
});

test('routesFor() leaves out what is switched off, and stops after one that is the last', () => {
  expect(
    found(route('off', {}, { enabled: false }), route('last', {}, { isLast: true }), route('never', {})),
  ).toEqual(['last']);
});
