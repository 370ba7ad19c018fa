import { expect, test } from 'vitest';
import type { Basis, RubricItem } from '#schemas/rubric.ts';
import { rubrics } from '#schemas/rubrics/index.ts';
import { collectors } from '#services/assessment/measures/collectors.ts';
import { derivations } from '#services/assessment/measures/derivations.ts';

/** What a measure needs of the item, so that the item can earn all its points by it; the others need nothing. */
const needs: Readonly<Record<string, (item: RubricItem) => boolean>> = {
  functions: ({ functions, graded }) =>
    functions.some(({ proofs }) => proofs !== undefined) &&
    (graded || functions.every(({ role, proofs }) => role === 'optional' || proofs !== undefined)),
  'space-coverage': ({ coverage }) => coverage !== undefined,
  records: ({ records }) => records !== undefined,
};

function isServedInFull(item: RubricItem): boolean {
  const { measure } = item;
  if (measure === undefined || !derivations.has(measure) || !collectors.has(measure)) return false;
  return needs[measure]?.(item) ?? true;
}

test('points of the Chengdu rubric are measured, exercised and recorded by real measures; the rest is attested', () => {
  const points: Record<Basis, number> = { measured: 0, exercised: 0, recorded: 0, attested: 0 };
  for (const item of rubrics.get('chengdu-2021')?.items ?? []) {
    points[isServedInFull(item) ? item.basis : 'attested'] += item.points;
  }
  expect(points.measured).toBeGreaterThanOrEqual(134);
  expect(points.exercised).toBeGreaterThanOrEqual(117);
  expect(points.recorded).toBeGreaterThanOrEqual(165);
  expect(points.attested).toBeLessThanOrEqual(84);
});

test('every measure that a rubric names exists', () => {
  for (const { id, items } of rubrics.values()) {
    const named = items.flatMap(({ measure }) => measure ?? []);
    expect(
      named.filter((measure) => !derivations.has(measure) || !collectors.has(measure)),
      id,
    ).toEqual([]);
  }
});
