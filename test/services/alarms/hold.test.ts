import { expect, it } from 'vitest';
import { decideShelve } from '#services/alarms/hold.ts';

const hourMs = 3_600_000;

it('decideShelve() ends by itself: after the time asked for, or the most that the severity allows', () => {
  const critical = { severity: 'critical', active: true } as const;
  expect(decideShelve(critical, { oneShot: false, forMs: 60_000 }, 1_000)).toEqual({
    kind: 'until',
    untilMs: 61_000,
  });
  expect(decideShelve(critical, { oneShot: true }, 0)).toEqual({ kind: 'until', untilMs: hourMs });
  expect(decideShelve({ ...critical, severity: 'low' }, { oneShot: false }, 0)).toEqual({
    kind: 'until',
    untilMs: 7 * 24 * hourMs,
  });
  expect(decideShelve(critical, { oneShot: false, forMs: hourMs + 1 }, 0)).toEqual({
    kind: 'refused',
    reason: 'an alarm of severity critical is shelved for 60 minutes at most',
  });
});

it('decideShelve() refuses to shelve a cleared alarm until it clears, not for a time', () => {
  const cleared = { severity: 'high', active: false } as const;
  expect(decideShelve(cleared, { oneShot: true }, 0).kind).toBe('refused');
  expect(decideShelve(cleared, { oneShot: false, forMs: 1 }, 0).kind).toBe('until');
});
