import { describe, expect, test } from 'vitest';
import { partProofSchema } from '#schemas/rubric-proof.ts';
import { rubrics, scoredRubrics } from '#schemas/rubrics/index.ts';
import selfData from '#schemas/rubrics/shenzhen-self-2025.json' with { type: 'json' };
import { rubricSchema, type Rubric, type RubricItem } from '#schemas/rubric.ts';
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

  test('names parameters that the measure of an item does not know', () => {
    const draft = chengdu((rubric) => {
      item(rubric, 'infra.network.wifi')['records'] = { kind: 'count', register: 'plan', unit: 'cases' };
      item(rubric, 'operation.charging')['sharedKey'] = 'card';
      const proof = { kind: 'found', measure: 'remote-metering', least: 90 };
      const [water] = rubric.items.find(({ id }) => id === 'operation.energy')?.functions ?? [];
      Object.assign(water ?? {}, { proofs: [proof] });
      const [gates] =
        rubric.items.find(({ id }) => id === 'operation.security.video-coverage')?.functions ?? [];
      Object.assign(gates ?? {}, { proofs: [{ kind: 'rule', classes: ['camera'] }] });
    });
    expect(rubricProblems([draft], known).toSorted()).toEqual([
      'chengdu-2021 infra.network.wifi: the measure space-coverage does not know records',
      'chengdu-2021 operation.charging: the measure records does not know sharedKey',
      'chengdu-2021 operation.energy: the measure functions does not know proofs of the kind found',
      'chengdu-2021 operation.security.video-coverage: the measure space-coverage does not know proofs',
    ]);
  });

  test('names parts that nothing proves, and parts between which no band decides', () => {
    const told = (change: (own: RubricItem) => void) => {
      const rubric = scoredRubrics.get('tech-park-ops');
      if (rubric === undefined) throw new Error('no rubric');
      const draft = structuredClone(rubric);
      const own = draft.items.find(({ id }) => id === 'c5.1.2');
      if (own !== undefined) change(own);
      return rubricProblems([draft], known);
    };
    expect(told(() => undefined)).toEqual([]);
    const head = 'tech-park-ops c5.1.2:';
    expect(told(({ functions }) => delete functions[0]?.proofs)).toEqual([
      `${head} nothing is named that proves greening`,
    ]);
    expect(told((own) => own.functions.forEach((part) => Object.assign(part, { role: 'optional' })))).toEqual(
      [`${head} no band needs any part`],
    );
    expect(told((own) => void own.bands.splice(1))).toEqual([
      `${head} there is no band below the last that needs parts`,
    ]);
    expect(told((own) => Object.assign(own, { graded: false }))).toEqual([
      `${head} an item of parts is graded`,
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

describe('partProofSchema', () => {
  const records = { kind: 'count', register: 'plan', unit: 'cases' };
  const messages = (proof: object) => {
    const parsed = partProofSchema.safeParse({ kind: 'found', ...proof });
    const flat = (issues: readonly object[]): string[] =>
      issues.flatMap((issue) => {
        const { message, errors } = issue as { message: string; errors?: object[][] };
        return errors === undefined ? [message] : errors.flatMap(flat);
      });
    return parsed.success ? [] : flat(parsed.error.issues);
  };

  test.each<[string, object, string]>([
    [
      'a parameter of another measure',
      { measure: 'remote-metering', records, least: 1 },
      'remote-metering does not know records',
    ],
    [
      'no parameter where the measure goes by one',
      { measure: 'records', least: 1 },
      'records goes by records',
    ],
    [
      'nothing that is asked',
      { measure: 'remote-metering' },
      'a finding is asked for a number, a function or a band',
    ],
    [
      'two things that are asked',
      { measure: 'remote-metering', least: 1, function: 'gas' },
      'a finding is asked for a number, a function or a band',
    ],
    ['bounds in disorder', { measure: 'remote-metering', least: 9, most: 1 }, 'least is above most'],
    [
      'a rule that makes no number',
      { measure: 'records', records: { kind: 'services', area: 'legal', by: 'missing' }, least: 1 },
      'the rule services makes no number',
    ],
  ])('refuses %s', (_, proof, message) => {
    expect(messages(proof)).toContain(message);
  });

  test('refuses a measure that finds nothing of the kind, and takes what is right', () => {
    expect(partProofSchema.safeParse({ kind: 'found', measure: 'attestation', least: 1 }).success).toBe(
      false,
    );
    expect(messages({ measure: 'records', records, least: 1 })).toEqual([]);
  });
});

describe('a band', () => {
  test('that needs a part which the item does not have is refused', () => {
    const draft = structuredClone(selfData);
    const own = draft.items.find(({ id }) => id === 'green.results');
    Object.assign(own?.bands[0] ?? {}, { needs: { least: 1, of: ['green-factory', 'green-moon'] } });
    const parsed = rubricSchema.safeParse(draft);
    expect(parsed.error?.issues.map(({ message }) => message)).toEqual([
      'green.results: met needs green-moon, which it does not have',
    ]);
  });

  test.each([{ all: [], least: 1 }, { all: [] }, { least: 3, of: ['green-factory', 'green-park'] }])(
    'with needs %j is refused',
    (needs) => {
      const draft = structuredClone(selfData);
      Object.assign(draft.items.find(({ id }) => id === 'green.results')?.bands[0] ?? {}, { needs });
      expect(rubricSchema.safeParse(draft).success).toBe(false);
    },
  );
});
