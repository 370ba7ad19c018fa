import { expect, test } from 'vitest';
import { basesOf, partsBasis, proofBasis } from '#schemas/rubric-basis.ts';
import { attestationMeasure } from '#schemas/rubric-forms.ts';
import type { PartProof } from '#schemas/rubric-proof.ts';
import { scoredRubrics } from '#schemas/rubrics/index.ts';

const basesById = Object.fromEntries([...scoredRubrics].map(([id, rubric]) => [id, basesOf(rubric)]));

/**
 * What a rubric rests on may become better and must not become worse. An item counts for the weakest thing that any of its
 * parts may be proved by, so a reading beside a record makes a record of both.
 */
test('the points of every rubric rest at least so much on data, and at most so much on claims', () => {
  const least: Record<string, Record<string, number>> = {
    'chengdu-2021': { measured: 134, exercised: 117, recorded: 165, attested: 84 },
    'shenzhen-self-2025': { measured: 3, exercised: 3, recorded: 67, attested: 27 },
    'shenzhen-dbxx': { measured: 3, exercised: 3, recorded: 62, attested: 32 },
    'micro-park-stars': { measured: 0, exercised: 0, recorded: 8, attested: 0 },
    'tech-park-ops': { measured: 4, exercised: 7, recorded: 105, attested: 36 },
  };
  for (const [id, { measured = 0, exercised = 0, recorded = 0, attested = 0 }] of Object.entries(least)) {
    const found = basesById[id];
    expect(found, id).toBeDefined();
    expect(found?.measured, `${id} measured`).toBeGreaterThanOrEqual(measured);
    expect((found?.measured ?? 0) + (found?.exercised ?? 0), id).toBeGreaterThanOrEqual(measured + exercised);
    expect(found?.attested, `${id} attested`).toBeLessThanOrEqual(attested);
    expect(measured + exercised + recorded + attested, id).toBe(
      Object.values(found ?? {}).reduce((sum, points) => sum + points, 0),
    );
  }
});

/** Part by part, whatever stands beside it in its item. */
test('the parts of the other four are proved by readings, by what happened, and by registers', () => {
  const counts = Object.fromEntries(
    [...scoredRubrics.values()]
      .filter(({ id }) => id !== 'chengdu-2021')
      .map(({ id, items }) => {
        const parts = items
          .flatMap(({ functions }) => functions)
          .filter(({ proofs }) => proofs !== undefined);
        const of = (basis: string) => parts.filter((part) => partsBasis([part]) === basis).length;
        return [id, [of('measured'), of('exercised'), of('recorded')]];
      }),
  );
  expect(counts).toEqual({
    'shenzhen-self-2025': [16, 10, 106],
    'shenzhen-dbxx': [16, 8, 84],
    'micro-park-stars': [11, 6, 61],
    'tech-park-ops': [23, 8, 173],
  });
});

test('whatever a claim alone decides says so, and only that', () => {
  for (const { id, items } of scoredRubrics.values()) {
    if (id === 'chengdu-2021') continue;
    for (const item of items)
      expect(item.basis === 'attested', item.id).toBe(item.measure === attestationMeasure);
  }
});

test('partsBasis() is the weakest of all that may prove a part', () => {
  const live = { kind: 'live', classes: ['camera'], metrics: ['online'], least: 'one', perDay: 1 } as const;
  const event = { kind: 'event', classes: ['camera'], types: ['a.b'], leastDevices: 1 } as const;
  const count = { kind: 'count', register: 'plan', unit: 'cases' } as const;
  const found = { kind: 'found', measure: 'records', records: count, least: 1 } as const;
  const part = (id: string, ...proofs: readonly PartProof[]) => {
    return { id, name: { zh: '', en: '' }, role: 'required' as const, proofs: [...proofs] };
  };
  expect([live, event, found].map((proof) => proofBasis(proof as unknown as PartProof))).toEqual([
    'measured',
    'exercised',
    'recorded',
  ]);
  const [a, b, c] = [live, event, found] as unknown as [PartProof, PartProof, PartProof];
  expect(partsBasis([part('a', a)])).toBe('measured');
  expect(partsBasis([part('a', a), part('b', b)])).toBe('exercised');
  expect(partsBasis([part('a', a, c), part('b', b)])).toBe('recorded');
  expect(partsBasis([part('a')])).toBe('attested');
  expect(proofBasis({ ...c, measure: 'registry' } as PartProof)).toBe('measured');
});
