import { expect, test } from 'vitest';
import { localCalendar } from '#schemas/local-time.ts';
import { reachOf } from '#services/history/reach.ts';

const calendar = localCalendar('Asia/Shanghai');
const at = (text: string) => Date.parse(text);
const nowMs = at('2026-11-21T04:00:00Z');
const now = { nowMs, horizonMs: at('2026-11-14T04:00:00Z'), calendar };
const kept = (pointId: number, days: number, wholeFrom: string) => ({
  pointId,
  days,
  wholeFromMs: at(wholeFrom),
});

test('reachOf() is the horizon where any of the points is kept no longer', () => {
  expect(reachOf({ ids: [1], kept: [] }, now)).toBe(now.horizonMs);
  expect(reachOf({ ids: [1, 2], kept: [kept(1, 60, '2026-01-01T00:00:00Z')] }, now)).toBe(now.horizonMs);
});

test('reachOf() begins with the local day that the class still keeps', () => {
  const long = kept(1, 60, '2026-01-01T00:00:00Z');
  // 60 days ago is noon of 22 September in the park.
  expect(reachOf({ ids: [1], kept: [long] }, now)).toBe(at('2026-09-21T16:00:00Z'));
  const longer = kept(2, 90, '2026-01-01T00:00:00Z');
  expect(reachOf({ ids: [1, 2], kept: [long, longer] }, now)).toBe(at('2026-09-21T16:00:00Z'));
});

test('reachOf() begins with the first local day that was copied whole', () => {
  // Eight in the morning; that day is not whole.
  expect(reachOf({ ids: [1], kept: [kept(1, 60, '2026-11-01T00:00:00Z')] }, now)).toBe(
    at('2026-11-01T16:00:00Z'),
  );
  expect(reachOf({ ids: [1], kept: [kept(1, 60, '2026-10-31T16:00:00Z')] }, now)).toBe(
    at('2026-10-31T16:00:00Z'),
  );
});

test('reachOf() is never later than the horizon', () => {
  expect(reachOf({ ids: [1], kept: [kept(1, 60, '2026-11-20T00:00:00Z')] }, now)).toBe(now.horizonMs);
  expect(reachOf({ ids: [1], kept: [kept(1, 3, '2026-01-01T00:00:00Z')] }, now)).toBe(now.horizonMs);
});
