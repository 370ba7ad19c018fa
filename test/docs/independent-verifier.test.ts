import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { scoredRubrics } from '#schemas/rubrics/index.ts';
import { derivations } from '#services/assessment/measures/derivations.ts';
import { score } from '#services/assessment/score.ts';
import { hasPython, verifyIndependently } from '#test/kit/independent-verifier.ts';
import { randomFacts } from '#test/kit/random-facts.ts';
import { Chance } from '#test/simulation/sim.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parkwatch-twice-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** What the code makes of random facts of every item of a rubric. */
function derivedCases(rubricId: string, seeds: number) {
  const items = scoredRubrics.get(rubricId)?.items ?? [];
  return items.flatMap((item) =>
    Array.from({ length: seeds }, (_, seed) => {
      const chance = new Chance(seed * 1_000 + items.indexOf(item));
      const facts = randomFacts(chance, item);
      const derivation = derivations.get(item.measure ?? '');
      if (derivation === undefined) throw new Error(`${item.id} has no measure`);
      const measurement = derivation.derive(facts, item);
      const { points, conventionPoints, band } = score(item, measurement);
      return {
        title: `${item.id}, seed ${seed}`,
        item,
        facts,
        measurement,
        score: { points, conventionPoints, band },
      };
    }),
  );
}

describe.skipIf(!hasPython)('a verifier written from the documents alone derives', () => {
  test.each([...scoredRubrics.keys()])(
    'every item of %s as the code does, whatever the facts',
    async (id) => {
      const cases = derivedCases(id, 30);
      const file = join(folder, `${id}.json`);
      await writeFile(file, JSON.stringify(cases));
      // Facts that decide nothing would make it easy to agree.
      const items = new Set(cases.map(({ item }) => item.id));
      const decided = new Set(
        cases.filter(({ score: { points } }) => points !== null).map(({ item }) => item.id),
      );
      expect([...items].filter((item) => !decided.has(item))).toEqual([]);
      expect(await verifyIndependently('--derive', file)).toEqual({ code: 0, out: 'HOLDS\n' });
    },
  );

  test('another figure than the code, where one of them is wrong', async () => {
    const [one] = derivedCases('chengdu-2021', 1);
    if (one === undefined) throw new Error('no case');
    const file = join(folder, 'wrong.json');
    const wrong = { ...one, measurement: { ...one.measurement, completeness: 0.123 } };
    await writeFile(file, JSON.stringify([wrong]));
    const { code, out } = await verifyIndependently('--derive', file);
    expect([code, out]).toEqual([1, expect.stringContaining('completeness')]);
  });
});
