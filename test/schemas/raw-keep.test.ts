import { expect, test } from 'vitest';
import { goingOf, type RawKept } from '#schemas/raw-keep.ts';

const dayMs = 86_400_000;
const nowMs = Date.UTC(2026, 10, 21);
const kept: RawKept = {
  days: 90,
  keptSinceMs: nowMs - 60 * dayMs,
  readingsPerDay: 1_000,
  bytesPerReading: 100,
};

test('goingOf() counts the days that are there and would not be kept, at the rate of today', () => {
  expect(goingOf(kept, 40, nowMs)).toEqual({ days: 20, readings: 20_000, bytes: 2_000_000 });
  // No longer than the class is kept now: the rest goes anyway.
  expect(goingOf({ ...kept, keptSinceMs: nowMs - 500 * dayMs }, 40, nowMs).days).toBe(50);
});

test('goingOf() lets nothing go that is not there, and claims no size that is not known', () => {
  expect(goingOf(kept, 60, nowMs).readings).toBe(0);
  expect(goingOf(kept, 90, nowMs).readings).toBe(0);
  expect(goingOf({ ...kept, keptSinceMs: null }, 7, nowMs).readings).toBe(0);
  expect(goingOf({ ...kept, keptSinceMs: nowMs + dayMs }, 7, nowMs).readings).toBe(0);
  expect(goingOf({ ...kept, bytesPerReading: null }, 40, nowMs).bytes).toBeNull();
});

test('goingOf() tells an estimate in three digits', () => {
  expect(goingOf({ ...kept, readingsPerDay: 123.456 }, 40, nowMs).readings).toBe(2_470);
});
