import { describe, expect, test } from 'vitest';
import { fillBuckets } from '#services/history/fill.ts';
import { gapsOf } from '#services/history/gaps.ts';

const grid = [0, 1, 2, 3, 4, 5, 6, 7];
/** Buckets 1 and 3 have values, 5 only bad readings, 6 a value. */
const series = {
  t: [1, 3, 5, 6],
  v: [350, 10, null, 40],
  avg: [350, 10, null, 40],
  min: [340, 5, null, 40],
  max: [355, 20, null, 40],
  q: [0, 1, 2, 0],
  count: [4, 4, 2, 1],
};

describe('fillBuckets()', () => {
  test('null gives every bucket a place and knows nothing of the empty ones', () => {
    const filled = fillBuckets(series, { grid, fill: 'null', circular: false });
    expect(filled).toMatchObject({
      t: grid,
      v: [null, 350, null, 10, null, null, 40, null],
      q: [2, 0, 2, 1, 2, 2, 0, 2],
      count: [0, 4, 0, 4, 0, 2, 1, 0],
      max: [null, 355, null, 20, null, null, 40, null],
    });
  });

  test('previous carries a value on, over no bucket in which bad readings came', () => {
    const filled = fillBuckets(series, { grid, fill: 'previous', circular: false });
    expect(filled.v).toEqual([null, 350, 350, 10, 10, null, 40, 40]);
    expect(filled.q).toEqual([2, 0, 1, 1, 1, 2, 0, 1]);
    expect(filled.avg).toEqual(filled.v);
  });

  test('linear stays between what is known, and of a direction on the shorter arc', () => {
    expect(fillBuckets(series, { grid, fill: 'linear', circular: false }).v).toEqual([
      null,
      350,
      180,
      10,
      20,
      null,
      40,
      null,
    ]);
    expect(fillBuckets(series, { grid, fill: 'linear', circular: true }).v[2]).toBeCloseTo(0, 9);
  });
});

describe('gapsOf()', () => {
  const range = { fromMs: 0, toMs: 100, expectedIntervalMs: 5 };

  test('what is due and missing for more than twice the interval is a gap, at the ends too', () => {
    const endOf = (timeMs: number) => timeMs;
    expect(gapsOf({ t: [10, 20, 31, 60, 90], endOf }, range)).toEqual([
      [20, 31],
      [31, 60],
      [60, 90],
    ]);
    expect(gapsOf({ t: [], endOf }, range)).toEqual([[0, 100]]);
    expect(gapsOf({ t: [11, 89], endOf }, range)).toEqual([
      [0, 11],
      [11, 89],
      [89, 100],
    ]);
  });

  test('a bucket stands for all of its time', () => {
    const endOf = (timeMs: number) => timeMs + 15;
    expect(gapsOf({ t: [0, 15, 45, 60, 75, 90], endOf }, range)).toEqual([[30, 45]]);
  });
});
