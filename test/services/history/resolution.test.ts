import { describe, expect, test } from 'vitest';
import { autoResolutions, bucketCount, isBeyondHorizon } from '#services/history/resolution.ts';

const hourMs = 3_600_000;
const nowMs = Date.UTC(2026, 0, 20);
const range = (hours: number, more = {}) => ({
  fromMs: nowMs - hours * hourMs,
  toMs: nowMs,
  points: 1,
  intervalMs: 10_000,
  horizonMs: nowMs - 7 * 24 * hourMs,
  ...more,
});

describe('autoResolutions()', () => {
  test.each([
    [1, 'raw'],
    [24, '1m'],
    [6 * 24, '15m'],
    [60 * 24, '1h'],
    [400 * 24, '1d'],
  ])('autoResolutions() of %i hours begins with %s', (hours, resolution) => {
    expect(autoResolutions(range(hours))[0]).toBe(resolution);
  });

  test('autoResolutions() takes nothing raw from before the horizon, however sparse', () => {
    expect(autoResolutions(range(8 * 24, { intervalMs: 86_400_000 }))[0]).toBe('15m');
  });
});

describe('bucketCount()', () => {
  test('bucketCount() counts a bucket at either end for every point', () => {
    expect(bucketCount('1h', range(24, { points: 3 }))).toBe(75);
    expect(isBeyondHorizon('1h', range(1000))).toBe(false);
  });
});
