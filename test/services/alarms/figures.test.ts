import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  classEndS,
  durationClass,
  durationClasses,
  durations,
  figuresOf,
  floodsOf,
  quantile,
  type AlarmDay,
} from '#services/alarms/figures.ts';

const day = (change: Partial<AlarmDay> = {}): AlarmDay => ({
  day: '2026-03-02',
  fromMs: Date.parse('2026-03-01T16:00:00Z'),
  announced: [0, 0, 0, 0],
  recorded: 0,
  buckets: [],
  acknowledgedAfter: [],
  acknowledgedAfterS: 0,
  clearedAfter: [],
  clearedAfterS: 0,
  standing: 0,
  shelvedS: 0,
  suppressedS: 0,
  outOfServiceS: 0,
  ...change,
});

describe('floodsOf()', () => {
  it('begins above ten in a bucket and is over below five', () => {
    const { inFlood, lengths } = floodsOf([10, 11, 6, 5, 4, 11, 4, 12]);
    expect(inFlood).toEqual([false, true, true, true, false, true, false, true]);
    expect(lengths).toEqual([3, 1, 1]);
  });
});

describe('durations()', () => {
  it('tells percentiles as upper bounds at most 26 % above the truth', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.001, max: 900_000, noNaN: true }), { minLength: 1 }),
        (seconds) => {
          const classes = Array.from({ length: durationClasses }, () => 0);
          for (const each of seconds) {
            const index = durationClass(each);
            classes[index] = (classes[index] ?? 0) + 1;
          }
          const ascending = seconds.toSorted((a, b) => a - b);
          const figures = durations([{ classes, sumS: seconds.reduce((a, b) => a + b, 0) }]);
          for (const [told, share] of [
            [figures.medianS, 0.5],
            [figures.p95S, 0.95],
          ] as const) {
            const truth = quantile(ascending, share) ?? NaN;
            expect(told).toBeGreaterThanOrEqual(truth * (1 - 1e-9));
            expect(told).toBeLessThanOrEqual(Math.max(1, truth) * 10 ** 0.1 * (1 + 1e-9));
          }
        },
      ),
    );
    expect(durations([])).toEqual({ count: 0, meanS: null, medianS: null, p95S: null });
    expect(classEndS(0)).toBe(1);
  });
});

describe('figuresOf()', () => {
  it('takes rate, peak and floods over all buckets of the days', () => {
    const figures = figuresOf([
      day({ announced: [1, 2, 3, 0], recorded: 2, buckets: [0, 1, 2, 3], shelvedS: 60 }),
      day({
        day: '2026-03-03',
        fromMs: Date.parse('2026-03-02T16:00:00Z'),
        announced: [0, 0, 0, 14],
        buckets: [12, 2],
      }),
    ]);
    expect(figures).toMatchObject({
      announced: 20,
      recorded: 2,
      bySeverity: { critical: 1, high: 2, medium: 3, low: 14 },
      rate: {
        buckets: 6,
        median: 2,
        p95: 12,
        peak: 12,
        peakAt: '2026-03-02T16:00:00.000Z',
        perDay: 480,
        overManageable: 4 / 6,
        overMost: 2 / 6,
        inFlood: 1 / 6,
      },
      floods: { count: 1, longestMs: 600_000 },
      held: { shelvedS: 60 },
    });
    expect(figures.days.map((each) => [each.peak, each.floodBuckets])).toEqual([
      [3, 0],
      [12, 1],
    ]);
  });

  it('says nothing where there are no days, and no peak where nothing was raised', () => {
    expect(figuresOf([]).rate).toMatchObject({
      mean: null,
      median: null,
      peak: null,
      perDay: null,
      inFlood: null,
    });
    expect(figuresOf([day({ buckets: [0, 0] })]).rate).toMatchObject({
      mean: 0,
      peak: 0,
      peakAt: null,
      perDay: 0,
    });
  });
});
