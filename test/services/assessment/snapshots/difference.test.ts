import { expect, test } from 'vitest';
import type { Decided, Score } from '#schemas/assessment.ts';
import { rubrics } from '#schemas/rubrics/index.ts';
import { causesOf, hasChanged, type ItemState } from '#services/assessment/snapshots/difference.ts';

const item = rubrics.get('chengdu-2021')?.items.find(({ id }) => id === 'org.body');

function state(score: Partial<Score> & { decided?: Decided }, over: Partial<ItemState> = {}): ItemState {
  const text = { zh: '理由', en: 'The reason' };
  return {
    score: {
      item: 'org.body',
      points: { min: 2, max: 4 },
      conventionPoints: null,
      basis: 'recorded',
      band: 'partial',
      reason: text,
      ...score,
    },
    measurement: {
      value: null,
      unit: '',
      population: { counted: 0, of: 0, excluded: [] },
      completeness: null,
      sources: [],
      verdict: 'sufficient',
      missing: [],
    },
    measure: 'records',
    measureVersion: 1,
    facts: null,
    ...over,
  };
}

function causes(before: ItemState, after: ItemState, sameRules = true) {
  if (item === undefined) throw new Error('no item');
  return causesOf(item, { before, after, sameRules });
}

test('hasChanged() tells other points and other certainty, not other reasons', () => {
  const score = state({}).score;
  expect(hasChanged(score, { ...score, reason: { zh: 'x', en: 'x' } })).toBe(false);
  expect(hasChanged(score, { ...score, points: { min: 3, max: 3 } })).toBe(true);
  expect(hasChanged(score, { ...score, points: null })).toBe(true);
  expect(hasChanged(null, score)).toBe(true);
  expect(hasChanged(null, { ...score, points: null })).toBe(false);
});

test('causesOf() names what an assessor decided', () => {
  const decided = { points: 3, reason: '看过现场', by: 'ann', at: '2026-01-05T00:00:00.000Z' };
  const after = state({ points: { min: 3, max: 3 }, decided });
  expect(causes(state({}), after)).toEqual([
    {
      kind: 'records',
      id: 'decision',
      name: null,
      before: null,
      after: { zh: 'ann 评定 3 分：看过现场', en: 'ann decided on 3 points: 看过现场' },
      point: null,
    },
  ]);
});

test('causesOf() names a claim that stands in the place of what is computed, and one that is over', () => {
  const claimed = state({ basis: 'attested', points: { min: 4, max: 4 } }, { measure: 'attestation' });
  expect(causes(state({}), claimed)).toMatchObject([{ kind: 'records', id: 'claim' }]);
  expect(causes(claimed, state({}))).toMatchObject([{ kind: 'records', id: 'claim' }]);
});

test('causesOf() names another version of the measure and another text of the rubric', () => {
  const after = state({ points: null }, { measureVersion: 2 });
  expect(causes(state({}), after, false)).toMatchObject([
    { kind: 'rules', before: { en: 'records v1' }, after: { en: 'records v2' } },
    { kind: 'rules', after: { en: 'The present text of the rubric' } },
  ]);
});

test('causesOf() names what keeps an item from a verdict, and the period when there is nothing else', () => {
  const open = state({ points: null });
  const missing = [{ zh: '没有记录', en: 'No record' }];
  const after = { ...open, measurement: { ...open.measurement, missing } };
  expect(causes(state({}), after)).toMatchObject([
    { kind: 'missing', before: null, after: { en: 'No record' } },
  ]);
  expect(causes(state({}), open)).toMatchObject([{ kind: 'period' }]);
});
