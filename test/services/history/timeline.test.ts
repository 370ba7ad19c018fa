import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stateSpans, stateTotals, type Run } from '#services/history/timeline.ts';

const run = (value: number, fromMs: number, lastSeenMs = fromMs): Run => ({ value, fromMs, lastSeenMs });

describe('stateSpans()', () => {
  const range = { fromMs: 100, toMs: 200, holdMs: 20 };

  test('a state holds to the next one, is clipped to the range, and is unknown after a silence', () => {
    const runs = [run(0, 50, 95), run(1, 110, 118), run(0, 130, 140), run(1, 170, 190)];
    expect(stateSpans(runs, range)).toEqual([
      { value: 0, fromMs: 100, toMs: 110 },
      { value: 1, fromMs: 110, toMs: 130 },
      { value: 0, fromMs: 130, toMs: 140 },
      { value: 1, fromMs: 170, toMs: 200 },
    ]);
  });

  test('runs cut at midnight are one; a silence between them is not', () => {
    expect(stateSpans([run(1, 100, 140), run(1, 150, 190)], range)).toEqual([
      { value: 1, fromMs: 100, toMs: 200 },
    ]);
    expect(stateSpans([run(1, 100, 110), run(1, 150, 190)], range)).toHaveLength(2);
  });

  test('whatever runs there are, spans are in order, apart, inside the range, and with what is unknown make the whole', () => {
    const runs = fc
      .array(fc.record({ value: fc.nat({ max: 2 }), step: fc.nat({ max: 40 }), length: fc.nat({ max: 30 }) }))
      .map((steps) => {
        let now = 60;
        return steps.map(({ value, step, length }) => {
          const made = run(value, now + step, now + step + length);
          now += step + length;
          return made;
        });
      });
    fc.assert(
      fc.property(runs, (given) => {
        const spans = stateSpans(given, range);
        for (const [index, { fromMs, toMs }] of spans.entries()) {
          expect(fromMs).toBeGreaterThanOrEqual(spans[index - 1]?.toMs ?? range.fromMs);
          expect(toMs).toBeGreaterThan(fromMs);
          expect(toMs).toBeLessThanOrEqual(range.toMs);
        }
        const { byValue, unknownMs } = stateTotals(spans, { ...range, beganBefore: false });
        const knownMs = [...byValue.values()].reduce((sum, { ms }) => sum + ms, 0);
        expect(knownMs + unknownMs).toBe(100);
      }),
    );
  });
});
