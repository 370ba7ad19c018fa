import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fold, type Stand, type Standing } from '#services/ingest/fold.ts';

const sample: fc.Arbitrary<Standing> = fc.record({
  value: fc.integer({ min: 0, max: 3 }),
  quality: fc.integer({ min: 0, max: 1 }),
  rev: fc.integer({ min: 0, max: 2 }),
});
const samples = fc.array(sample, { minLength: 1, maxLength: 12 });

/** Folds flush by flush, keeping the journal as the store does. */
function foldAll(flushes: readonly (readonly Standing[])[]) {
  let stands: Standing | null = null;
  const journal: Stand[] = [];
  const outcomes: string[] = [];
  for (const flush of flushes.filter((one) => one.length > 0)) {
    const folded = fold(stands, journal, flush);
    stands = folded.stands;
    journal.push(...folded.corrections.map((correction) => correction.old));
    outcomes.push(...folded.outcomes);
  }
  return { stands, journal, outcomes };
}

describe('fold()', () => {
  test('fold() does not depend on how samples fall into flushes', () => {
    fc.assert(
      fc.property(samples, fc.nat({ max: 12 }), (all, cut) => {
        expect(foldAll([all.slice(0, cut), all.slice(cut)])).toEqual(foldAll([all]));
        expect(foldAll(all.map((one) => [one]))).toEqual(foldAll([all]));
      }),
    );
  });

  test('fold() of any prefix again changes nothing and counts duplicates only', () => {
    fc.assert(
      fc.property(samples, fc.nat({ max: 12 }), (all, cut) => {
        const prefix = all.slice(0, cut);
        const [once, again] = [foldAll([all]), foldAll([all, prefix])];
        expect(again.stands).toEqual(once.stands);
        expect(again.journal).toEqual(once.journal);
        expect(again.outcomes.slice(all.length)).toEqual(prefix.map(() => 'duplicate'));
      }),
    );
  });

  test('fold() lets the highest revision stand and the later sample of it', () => {
    const { stands, outcomes } = fold(
      null,
      [],
      [
        { value: 1, quality: 0, rev: 1 },
        { value: 9, quality: 0, rev: 0 },
        { value: 2, quality: 0, rev: 1 },
      ],
    );
    expect(stands.value).toBe(2);
    expect(outcomes).toEqual(['new', 'duplicate', 'corrected']);
  });
});
