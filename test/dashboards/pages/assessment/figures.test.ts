import { expect, test } from 'vitest';
import type { AssessmentItem } from '#dashboards/app/api.ts';
import { lostPoints, pointsText, sectionsOf, shares } from '#dashboards/pages/assessment/figures.ts';

function item(section: string, maximum: number, points: AssessmentItem['points']): AssessmentItem {
  return {
    item: `${section}.${maximum}`,
    section,
    indicator: section,
    clause: '1',
    name: { zh: '项', en: 'item' },
    maximum,
    points,
    band: null,
    conventionPoints: null,
    convention: null,
    openQuestions: [],
    basis: points === null ? 'missing' : 'measured',
    verdict: points === null ? 'missing' : 'sufficient',
    reason: { zh: '因', en: 'why' },
    value: null,
    unit: '%',
    completeness: null,
    computed: null,
    evidenceId: null,
    decision: null,
  };
}

test('pointsText() shows a range as a range', () => {
  expect(pointsText({ min: 4, max: 4 })).toBe('4');
  expect(pointsText({ min: 2, max: 4 })).toBe('2–4');
});

test('lostPoints() is a range where the score is one', () => {
  const figures = { undetermined: 10, maximum: 20 };
  expect(lostPoints({ ...figures, determined: { min: 7, max: 9 } })).toEqual({ min: 1, max: 3 });
  expect(lostPoints({ ...figures, determined: { min: 9, max: 9 } })).toEqual({ min: 1, max: 1 });
});

test('sectionsOf() adds nothing for an undetermined item and says how much it could be', () => {
  const sections = sectionsOf([item('a', 5, { min: 2, max: 4 }), item('b', 3, null), item('a', 4, null)]);
  expect(
    sections.map(({ id, determined, undetermined, maximum }) => ({ id, determined, undetermined, maximum })),
  ).toEqual([
    { id: 'a', determined: { min: 2, max: 4 }, undetermined: 4, maximum: 9 },
    { id: 'b', determined: { min: 0, max: 0 }, undetermined: 3, maximum: 3 },
  ]);
});

test('shares() make up the whole', () => {
  const parts = shares({ determined: { min: 212, max: 231 }, undetermined: 19, maximum: 500 });
  expect(parts.certain + parts.range + parts.undetermined + parts.lost).toBeCloseTo(1, 12);
  expect(parts.range).toBeCloseTo(19 / 500, 12);
});
