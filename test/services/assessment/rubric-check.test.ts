import { describe, expect, test } from 'vitest';
import { rubrics } from '#schemas/rubrics/index.ts';
import { rubricSchema, type Rubric } from '#schemas/rubric.ts';
import { derivations } from '#services/assessment/measures/derivations.ts';
import { rubricProblems } from '#services/assessment/rubric-check.ts';

const known = new Set(derivations.keys());
const shipped = [...rubrics.values()];

function chengdu(change: (draft: Rubric) => void, id = 'chengdu-2021'): Rubric {
  const rubric = rubrics.get('chengdu-2021');
  if (rubric === undefined) throw new Error('no rubric');
  const draft = { ...structuredClone(rubric), id };
  change(draft);
  return draft;
}

function item(draft: Rubric, id: string): Record<string, unknown> {
  const found = draft.items.find((entry) => entry.id === id);
  if (found === undefined) throw new Error(`no item ${id}`);
  return found;
}

describe('rubricProblems()', () => {
  test('finds nothing in the rubrics of this release', () => {
    expect(rubricProblems(shipped, known)).toEqual([]);
  });

  test('names an item whose measure does not exist, or has nothing to go by', () => {
    const draft = chengdu((rubric) => {
      item(rubric, 'operation.fire')['measure'] = 'fire-law';
      delete item(rubric, 'infra.network.wifi')['coverage'];
      const [repair] = rubric.items.find(({ id }) => id === 'operation.property.repair')?.functions ?? [];
      if (repair !== undefined) delete repair.proofs;
    });
    expect(rubricProblems([draft], known)).toEqual([
      'chengdu-2021 infra.network.wifi: it names no spaces to be covered',
      'chengdu-2021 operation.fire: it names the measure fire-law, which does not exist',
      'chengdu-2021 operation.property.repair: nothing is named that proves repair',
    ]);
  });

  test('names an edition that begins before the former ends, or that follows nothing', () => {
    const former = (to: string | null) =>
      chengdu((rubric) => Object.assign(rubric, { effective: { from: '2021-06-01', to } }));
    const next = (from: string) =>
      chengdu(
        (rubric) => Object.assign(rubric, { supersedes: 'chengdu-2021', effective: { from, to: null } }),
        'chengdu-2027',
      );
    expect(rubricProblems([former('2027-01-01'), next('2027-01-01')], known)).toEqual([]);
    expect(rubricProblems([former('2027-01-01'), next('2026-12-31')], known)).toEqual([
      'chengdu-2027: it begins on 2026-12-31, before chengdu-2021 ends on 2027-01-01',
    ]);
    expect(rubricProblems([former(null), next('2027-01-01')], known)).toEqual([
      'chengdu-2027: it begins on 2027-01-01, and chengdu-2021 does not end',
    ]);
    expect(rubricProblems([next('2027-01-01')], known)).toEqual([
      'chengdu-2027: it follows chengdu-2021, which is not there',
    ]);
    expect(rubricProblems([former('2021-06-01')], known)).toEqual([
      'chengdu-2021: it ends on 2021-06-01, before it begins on 2021-06-01',
    ]);
  });
});

describe('rubricSchema', () => {
  /** The bands of the Wi-Fi item: 90 and above, 85 to below 90, below 85. */
  const told = (change: (bands: { ranges: Record<string, unknown>[] }[]) => void) => {
    const draft = chengdu((rubric) => {
      for (const entry of rubric.items as unknown as Record<string, unknown>[]) delete entry['basis'];
      change(item(rubric, 'infra.network.wifi')['bands'] as { ranges: Record<string, unknown>[] }[]);
    });
    const parsed = rubricSchema.safeParse(draft);
    return parsed.success ? [] : parsed.error.issues.map(({ message }) => message);
  };

  test('takes bands that meet', () => {
    expect(told(() => undefined)).toEqual([]);
  });

  test.each([
    ['overlap', { max: 91 }, 'bands overlap between 90 and 91 %'],
    ['leave a gap', { max: 89 }, 'no band takes what lies between 89 and 90 %'],
    ['take a bound twice', { maxInclusive: true }, 'two bands take 90 %'],
  ])('refuses bands that %s, and says where', (_, change, sentence) => {
    expect(told((bands) => Object.assign(bands[1]?.ranges[0] ?? {}, change))).toEqual([
      `infra.network.wifi: ${sentence}`,
    ]);
  });

  test('refuses bands of which none takes a bound, or the largest values', () => {
    expect(
      told((bands) => Object.assign(bands[0]?.ranges[0] ?? {}, { minInclusive: false, max: 99 })),
    ).toEqual(['infra.network.wifi: no band takes 90 %', 'infra.network.wifi: no band takes more than 99 %']);
  });
});
