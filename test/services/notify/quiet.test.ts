import fc from 'fast-check';
import { expect, test } from 'vitest';
import { wallClock } from '#schemas/wall-clock.ts';
import { isInWindow } from '#schemas/time-window.ts';
import { quietUntil } from '#services/notify/quiet.ts';

const berlin = wallClock('Europe/Berlin');
const all = [1, 2, 3, 4, 5, 6, 7];
const night = { days: all, from: '22:00', to: '07:00' };
const until = (text: string, windows = [night], severity: 'critical' | 'low' = 'low') =>
  new Date(quietUntil(windows, { severity, nowMs: Date.parse(text) }, berlin)).toISOString();

test('quietUntil() waits for the end of the hours, and not at all outside them or for a critical alarm', () => {
  expect(until('2026-01-05T22:00:00+01:00')).toBe('2026-01-06T06:00:00.000Z');
  expect(until('2026-01-05T12:00:00+01:00')).toBe('2026-01-05T11:00:00.000Z');
  expect(until('2026-01-05T23:00:00+01:00', [night], 'critical')).toBe('2026-01-05T22:00:00.000Z');
});

test('quietUntil() waits for the end of hours that follow each other at once', () => {
  const early = { days: all, from: '07:00', to: '08:30' };
  expect(until('2026-01-05T23:00:00+01:00', [night, early])).toBe('2026-01-06T07:30:00.000Z');
});

test('quietUntil() of the night in which the clock changes ends by the wall', () => {
  expect(until('2026-03-28T23:00:00+01:00')).toBe('2026-03-29T05:00:00.000Z');
  expect(until('2026-10-24T23:00:00+02:00')).toBe('2026-10-25T06:00:00.000Z');
});

test('quietUntil() ends at the second time that the clock shows, for who is quiet by then', () => {
  const half = { days: [6], from: '02:30', to: '02:30' };
  expect(until('2026-10-25T02:00:00+01:00', [half])).toBe('2026-10-25T01:30:00.000Z');
  expect(until('2026-10-25T02:00:00+02:00', [half])).toBe('2026-10-25T00:30:00.000Z');
});

test('quietUntil() gives the first instant that is not quiet, a day from now at the latest', () => {
  const time = fc.nat(47).map((half) => new Date(half * 1_800_000).toISOString().slice(11, 16));
  const days = fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 7 });
  const windows = fc.array(fc.record({ days, from: time, to: time }), { minLength: 1, maxLength: 3 });
  const half = fc.integer({ min: Date.UTC(2026, 9, 20) / 1_800_000, max: Date.UTC(2026, 9, 30) / 1_800_000 });
  fc.assert(
    fc.property(windows, half, (given, at) => {
      const nowMs = at * 1_800_000;
      const endMs = quietUntil(given, { severity: 'low', nowMs }, berlin);
      const isQuiet = (timeMs: number) => given.some((window) => isInWindow(window, berlin.at(timeMs)));
      expect(endMs - nowMs).toBeLessThanOrEqual(86_400_000);
      if (endMs - nowMs < 86_400_000) expect(isQuiet(endMs)).toBe(false);
      // Wall times that come twice are left out: there the first end counts.
      for (let timeMs = nowMs; timeMs < endMs; timeMs += 1_800_000) {
        if (berlin.at(timeMs).day !== '2026-10-25') expect(isQuiet(timeMs)).toBe(true);
      }
    }),
    { numRuns: 200 },
  );
});
