import { expect, test } from 'vitest';
import type { Basis, RubricItem } from '#schemas/rubric.ts';
import { rubrics } from '#schemas/rubrics/index.ts';
import { collectors } from '#services/assessment/measures/collectors.ts';
import { derivations } from '#services/assessment/measures/derivations.ts';
import { measureProblem } from '#services/assessment/rubric-check.ts';

const known = new Set(derivations.keys());

function isServedInFull(item: RubricItem): boolean {
  return item.measure !== undefined && measureProblem(item, known) === null;
}

test('points of the Chengdu rubric are measured, exercised and recorded by real measures; the rest is attested', () => {
  const points: Record<Basis, number> = { measured: 0, exercised: 0, recorded: 0, attested: 0 };
  for (const item of rubrics.get('chengdu-2021')?.items ?? []) {
    const isServed = isServedInFull(item) && item.measure !== 'attestation';
    points[isServed ? item.basis : 'attested'] += item.points;
  }
  expect(points.measured).toBeGreaterThanOrEqual(134);
  expect(points.exercised).toBeGreaterThanOrEqual(117);
  expect(points.recorded).toBeGreaterThanOrEqual(165);
  expect(points.attested).toBeLessThanOrEqual(84);
});

test('every measure has both halves', () => {
  expect([...collectors.keys()].toSorted()).toEqual([...derivations.keys()].toSorted());
});
