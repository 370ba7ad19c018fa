import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SequenceMark } from '#schemas/reading.ts';
import { countGaps, emptySequence, mergeMark } from '#services/ingest/sequence.ts';

const later = 10 * 60_000;

function merge(marks: readonly SequenceMark[]) {
  const state = emptySequence();
  for (const mark of marks) mergeMark(state, mark, 0);
  return { gaps: countGaps(state, later), repeats: state.repeats, restarts: state.restarts, state };
}

/** Numbers of one run, one a second. */
const run = (numbers: readonly number[], fromMs = 0): SequenceMark[] =>
  numbers.map((seq) => ({ seq, timeMs: fromMs + seq * 1_000 }));

describe('mergeMark()', () => {
  test('mergeMark() of one run gives the same answer in every order and with any repeats', () => {
    const numbers = fc.uniqueArray(fc.integer({ min: 0, max: 40 }), { minLength: 1 });
    fc.assert(
      fc.property(
        numbers.chain((some) =>
          fc.tuple(fc.constant(some), fc.shuffledSubarray(some, { minLength: some.length })),
        ),
        fc.nat(),
        ([some, shuffled], again) => {
          const repeated = shuffled[again % shuffled.length] ?? 0;
          const expected = Math.max(...some) - Math.min(...some) + 1 - some.length;
          const { gaps, repeats } = merge(run([...shuffled, repeated]));
          // A newer mark that comes first makes no restart of those behind it: their times are older.
          expect({ gaps, repeats }).toEqual({ gaps: expected, repeats: 1 });
        },
      ),
    );
  });

  test('mergeMark() takes a lower number with a newer time for a restart', () => {
    const { gaps, repeats, restarts } = merge([...run([5, 6, 7]), ...run([0, 1, 2], 100_000)]);
    expect({ gaps, repeats, restarts }).toEqual({ gaps: 0, repeats: 0, restarts: 1 });
  });

  test('mergeMark() puts what comes late around a restart where it belongs', () => {
    const before = run([5, 6, 7, 8]);
    const after = run([0, 1, 2, 3], 100_000);
    const mixed = [before[0], before[1], after[1], before[3], after[0], before[2], after[3], after[2]];
    const { gaps, repeats, restarts } = merge(mixed.filter((mark) => mark !== undefined));
    expect({ gaps, repeats, restarts }).toEqual({ gaps: 0, repeats: 0, restarts: 1 });
  });

  test('mergeMark() stays bounded and counts what it forgets', () => {
    const odd = Array.from({ length: 1_000 }, (_, index) => 2 * index);
    const { gaps, state } = merge(run(odd));
    expect(gaps).toBe(999);
    expect(state.runs[0]?.ranges.length).toBeLessThanOrEqual(64);
  });
});

describe('countGaps()', () => {
  test('countGaps() waits a minute for what may still come', () => {
    const state = emptySequence();
    for (const mark of run([1, 5])) mergeMark(state, mark, 1_000);
    expect(countGaps(state, 60_999)).toBe(0);
    expect(countGaps(state, 61_000)).toBe(3);
    for (const mark of run([3])) mergeMark(state, mark, 62_000);
    expect(countGaps(state, 62_000)).toBe(2);
  });
});
