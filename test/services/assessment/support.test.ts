import { expect, test } from 'vitest';
import { rubrics, scoredRubrics } from '#schemas/rubrics/index.ts';
import { supportOf } from '#services/assessment/support.ts';

const ops = scoredRubrics.get('tech-park-ops');
const chengdu = rubrics.get('chengdu-2021');

test('supportOf() shows beside a requirement what the same meters earn elsewhere, and neither claims nor open items', () => {
  if (ops === undefined || chengdu === undefined) throw new Error('no rubric');
  const row = (item: string, over: object = {}) => ({
    item,
    score: {
      item,
      points: { min: 3, max: 3 },
      conventionPoints: null,
      basis: 'measured' as const,
      band: 'full',
      reason: { zh: '95 %', en: '95 %' },
    },
    measurement: {
      value: 95,
      unit: '%',
      population: { counted: 19, of: 20, excluded: [] },
      completeness: 1,
      sources: [],
      verdict: 'sufficient' as const,
      missing: [],
    },
    measure: 'remote-metering',
    measureVersion: 1,
    factsSha256: '',
    keptSha256: '',
    ...over,
  });
  const night = (items: ReturnType<typeof row>[]) => [
    { rubric: chengdu, day: '2026-01-04', items: new Map(items.map((item) => [item.item, item])) },
  ];
  const metering = 'operation.property.remote-metering';
  const found = supportOf(ops, night([row(metering)]));
  // The group `metering` of the crosswalk names two clauses of this rubric.
  expect(found.map(({ item }) => item)).toEqual(['c5.1.3', 'c5.1.5']);
  expect(found[0]?.support).toMatchObject([
    {
      group: 'metering',
      rubricId: 'chengdu-2021',
      item: metering,
      points: { min: 3, max: 3 },
      day: '2026-01-04',
    },
  ]);
  expect(supportOf(ops, night([row(metering, { measure: 'attestation' })]))).toEqual([]);
  const open = row(metering);
  expect(supportOf(ops, night([{ ...open, score: { ...open.score, points: null as never } }]))).toEqual([]);
  expect(supportOf(ops, [])).toEqual([]);
});
