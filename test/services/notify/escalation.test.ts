import fc from 'fast-check';
import { expect, test } from 'vitest';
import { routeBodySchema } from '#schemas/notify.ts';
import { endOf, firstTime, takeTurn } from '#services/notify/escalation.ts';

const target = { kind: 'admins' } as const;
const anyRoute = fc
  .record({
    after: fc.array(fc.nat(120), { minLength: 1, maxLength: 5 }),
    repeat: fc.option(
      fc.record({ everyMinutes: fc.integer({ min: 1, max: 60 }), times: fc.integer({ min: 1, max: 4 }) }),
    ),
  })
  .map(({ after, repeat }) =>
    routeBodySchema.parse({
      id: 'r',
      name: 'R',
      match: {},
      steps: after.toSorted((a, b) => a - b).map((afterMinutes) => ({ afterMinutes, targets: [target] })),
      repeat,
    }),
  );

test('takeTurn() runs every step once in order, then repeats, never early, whenever it is asked', () => {
  fc.assert(
    fc.property(
      anyRoute,
      fc.array(fc.nat(40 * 60_000), { minLength: 30, maxLength: 30 }),
      (route, delays) => {
        let progress = { openedMs: 0, step: 0, repeats: 0 };
        let dueMs: number | null = firstTime(route, 0);
        const run: number[] = [];
        for (const delayMs of delays) {
          if (dueMs === null) break;
          // Asked late, as after a restart.
          const nowMs: number = dueMs + delayMs;
          const turn = takeTurn(route, progress, nowMs);
          if (turn.run === null) break;
          const isRepeat = turn.next.repeats > progress.repeats;
          if (!isRepeat)
            expect(nowMs).toBeGreaterThanOrEqual((route.steps[turn.run]?.afterMinutes ?? 0) * 60_000);
          run.push(turn.run);
          if (turn.nextMs !== null) expect(turn.nextMs).toBeGreaterThanOrEqual(nowMs);
          progress = { ...progress, ...turn.next };
          dueMs = turn.nextMs;
        }
        const last = route.steps.length - 1;
        const repeats = Array.from({ length: route.repeat?.times ?? 0 }, () => last);
        expect(run).toEqual([...route.steps.keys(), ...repeats]);
        expect(dueMs).toBe(null);
      },
    ),
  );
});

test('takeTurn() of an alarm that became known late runs its first step at once, and the next after the time between them', () => {
  const steps = [0, 10, 30].map((afterMinutes) => ({ afterMinutes, targets: [target], channels: [] }));
  const hour = 3_600_000;
  const first = takeTurn({ steps, repeat: null }, { openedMs: 0, step: 0, repeats: 0 }, hour);
  expect([first.run, first.nextMs]).toEqual([0, hour + 600_000]);
  // Pulled forward: the one after it keeps its time.
  const early = takeTurn({ steps, repeat: null }, { openedMs: 0, step: 1, repeats: 0 }, 60_000);
  expect(early.nextMs).toBe(30 * 60_000);
});

test('endOf() ends for what is acknowledged, held or out of a route, and for what has cleared only where the route says so', () => {
  const open = { clearedMs: null, acknowledgedBy: null, assignee: null, held: null };
  const route = { endsWhenCleared: true, enabled: true };
  expect(endOf(route, open)).toBe(null);
  expect(endOf(route, { ...open, acknowledgedBy: 'li' })).toBe('acknowledged');
  expect(endOf(route, { ...open, held: 'shelved' })).toBe('shelved');
  expect(endOf(route, { ...open, clearedMs: 1 })).toBe('cleared');
  expect(endOf({ ...route, endsWhenCleared: false }, { ...open, clearedMs: 1 })).toBe(null);
  expect(endOf({ ...route, enabled: false }, open)).toBe('route-disabled');
  expect(endOf(undefined, open)).toBe('route-gone');
});
