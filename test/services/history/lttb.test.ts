import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lttb } from '#services/history/lttb.ts';

const gapMs = 1_000;
const reading = fc.record({
  step: fc.oneof(
    { weight: 9, arbitrary: fc.integer({ min: 1, max: gapMs }) },
    fc.integer({ min: 1_001, max: 50_000 }),
  ),
  v: fc.double({ min: -1e6, max: 1e6, noNaN: true }),
  q: fc.constantFrom(0, 0, 0, 1, 2),
});
const columns = fc.array(reading, { maxLength: 400 }).map((rows) => {
  let now = 0;
  return { t: rows.map(({ step }) => (now += step)), v: rows.map(({ v }) => v), q: rows.map(({ q }) => q) };
});
const most = fc.integer({ min: 3, max: 120 });

describe('lttb()', () => {
  test('lttb() keeps a subset in order, its ends, and no more than was asked for', () => {
    fc.assert(
      fc.property(columns, most, (series, limit) => {
        const kept = lttb(series, limit, gapMs);
        const { length } = series.t;
        expect(kept.length).toBeLessThanOrEqual(limit);
        expect(kept.every((place, index) => place < length && place > (kept[index - 1] ?? -1))).toBe(true);
        if (length === 0) return;
        expect([kept[0], kept.at(-1)]).toEqual([0, length - 1]);
        // All that there is room for is used.
        expect(kept.length).toBe(Math.min(length, limit));
      }),
      { numRuns: 2_000 },
    );
  });

  test('lttb() keeps both sides of every gap where there is room for them', () => {
    fc.assert(
      fc.property(columns, most, (series, limit) => {
        const kept = new Set(lttb(series, limit, gapMs));
        const gaps = series.t.flatMap((t, place) =>
          place > 0 && t - (series.t[place - 1] ?? 0) > gapMs ? [place] : [],
        );
        fc.pre(gaps.length <= limit / 2 - 1);
        for (const place of gaps) expect([kept.has(place - 1), kept.has(place)]).toEqual([true, true]);
      }),
      { numRuns: 2_000 },
    );
  });

  test('lttb() keeps a peak, and not one that is bad', () => {
    const t = Array.from({ length: 1_000 }, (_, place) => place);
    const v = t.map((place) => (place === 444 ? 50 : place === 600 ? 1e9 : 0));
    const kept = lttb({ t, v, q: t.map((place) => (place === 600 ? 2 : 0)) }, 20, gapMs);
    expect(kept).toContain(444);
    expect(kept).not.toContain(600);
  });
});
