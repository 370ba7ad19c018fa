import { describe, expect, test } from 'vitest';
import { axisEnds, gapAfterMs, toTrend, withTail } from '#dashboards/pages/device/trend.ts';

const gapMs = 20;

describe('toTrend()', () => {
  test('joins neighbours and breaks where nothing is known', () => {
    const { solid, dashed, lone } = toTrend({ t: [0, 10, 50, 60], v: [1, 2, 3, 4], q: [0, 0, 0, 0] }, gapMs);
    expect(solid).toEqual([
      [0, 1],
      [10, 2],
      [11, null],
      [50, 3],
      [60, 4],
    ]);
    expect([dashed, lone]).toEqual([[], []]);
  });

  test('dashes every stretch that touches an uncertain reading, as one line', () => {
    const { solid, dashed } = toTrend(
      { t: [0, 10, 20, 30, 40], v: [1, 2, 3, 4, 5], q: [0, 1, 1, 0, 0] },
      gapMs,
    );
    expect(dashed).toEqual([
      [0, 1],
      [10, 2],
      [20, 3],
      [30, 4],
    ]);
    expect(solid).toEqual([
      [0, 1],
      [1, null],
      [30, 4],
      [40, 5],
    ]);
  });

  test('shows a bad reading where it was and joins nothing to it', () => {
    const { solid, bad } = toTrend({ t: [0, 10, 20], v: [1, 99, 2], q: [0, 2, 0] }, gapMs);
    expect(bad).toEqual([[10, 99]]);
    expect(solid).toEqual([
      [0, 1],
      [1, null],
      [20, 2],
    ]);
  });

  test('marks what has no neighbour, since a line would not show it', () => {
    const { lone } = toTrend({ t: [0, 100, 110], v: [1, 2, 3], q: [0, 0, 0] }, gapMs);
    expect(lone).toEqual([[0, 1]]);
  });

  test('leaves out buckets without a value, never as zero', () => {
    const { solid } = toTrend({ t: [0, 10, 20], v: [1, null, 3], q: [0, 0, 0] }, gapMs);
    expect(solid.map(([, value]) => value)).toEqual([1, 3]);
  });

  test('cuts the min/max band at gaps', () => {
    const { band } = toTrend(
      { t: [0, 10, 50], v: [1, 2, 3], q: [0, 0, 0], min: [0, 1, 2], max: [2, 3, 4] },
      gapMs,
    );
    expect(band).toEqual([
      { t: [0, 10], low: [0, 1], high: [2, 3] },
      { t: [50], low: [2], high: [4] },
    ]);
  });
});

test('gapAfterMs() is twice the interval for raw and more than one bucket for the rest', () => {
  expect(gapAfterMs('raw', 10)).toBe(20_000);
  expect(gapAfterMs('15m', 10)).toBe(1_350_000);
});

test('withTail() appends only what is newer than what was read', () => {
  const tail = [5, 10, 15].map((timeMs) => ({ timeMs, value: timeMs, quality: 0 }));
  expect(withTail({ t: [0, 10], v: [0, 10], q: [0, 0] }, tail)).toMatchObject({
    t: [0, 10, 15],
    v: [0, 10, 15],
  });
});

test('axisEnds() makes room for a limit close to the readings and leaves one far away to the legend', () => {
  const trend = toTrend({ t: [0, 10], v: [10, 20], q: [0, 0] }, gapMs);
  expect(axisEnds(trend, [15])).toEqual({ low: null, high: null });
  expect(axisEnds(trend, [25, 5])).toEqual({ low: 4.5, high: 25.5 });
  expect(axisEnds(trend, [1_000, -1_000])).toEqual({ low: null, high: null });
  expect(axisEnds(toTrend({ t: [], v: [], q: [] }, gapMs), [5])).toEqual({ low: null, high: null });
});
