import { describe, expect, test } from 'vitest';
import type { Score } from '#schemas/assessment.ts';
import { scoredRubrics } from '#schemas/rubrics/index.ts';
import type { Rubric, RubricItem } from '#schemas/rubric.ts';
import { score, total } from '#services/assessment/score.ts';
import { standingOf } from '#services/assessment/standing.ts';

function rubricOf(id: string): Rubric {
  const rubric = scoredRubrics.get(id);
  if (rubric === undefined) throw new Error(`no ${id}`);
  return rubric;
}

/** What an item earns when a person finds this band. */
function found(item: RubricItem, grade: string): Score {
  const population = { counted: 1, of: 1, excluded: [] };
  const base = { value: null, unit: '', population, completeness: null, sources: [], missing: [] };
  return score(item, { ...base, grade, verdict: 'sufficient' });
}

/** Every item found in the band that `pick` names; null leaves it open. */
function assessed(id: string, pick: (item: RubricItem) => string | null) {
  const rubric = rubricOf(id);
  const scores = rubric.items.flatMap((item) => {
    const grade = pick(item);
    return grade === null ? [] : [found(item, grade)];
  });
  const figures = total(scores, rubric);
  return { figures, standing: standingOf(rubric, scores, figures) };
}

describe('levels (micro-park-stars)', () => {
  test('the park reaches the lowest of its rows, and the row that holds it is named', () => {
    const { figures, standing } = assessed('micro-park-stars', ({ id }) =>
      id === 'digital' ? 'level-2' : 'level-4',
    );
    expect(figures).toEqual({ determined: { min: 2, max: 2 }, undetermined: 0, maximum: 5 });
    expect(standing).toMatchObject({ form: 'levels', lowest: ['digital'], grade: null, counts: null });
  });

  test('an open row leaves everything below the others possible, and nothing certain', () => {
    const { figures } = assessed('micro-park-stars', ({ id }) => (id === 'digital' ? null : 'level-4'));
    expect(figures).toEqual({ determined: { min: 0, max: 4 }, undetermined: 1, maximum: 5 });
  });

  test('nothing known is no level and every level', () => {
    const { figures } = assessed('micro-park-stars', () => null);
    expect(figures).toEqual({ determined: { min: 0, max: 5 }, undetermined: 8, maximum: 5 });
  });

  test('a row that reaches not even the first level leaves the park without one', () => {
    const { figures } = assessed('micro-park-stars', ({ id }) => (id === 'scale' ? 'none' : 'level-5'));
    expect(figures.determined).toEqual({ min: 0, max: 0 });
  });
});

describe('requirements (tech-park-ops)', () => {
  test('those that are met are counted, those that do not apply are no part of the whole', () => {
    const { items } = rubricOf('tech-park-ops');
    const [first, second, third] = items;
    const { figures, standing } = assessed('tech-park-ops', (item) =>
      item === first ? 'met' : item === second ? 'not-met' : item === third ? 'not-applicable' : null,
    );
    expect(figures).toEqual({ determined: { min: 1, max: 1 }, undetermined: 149, maximum: 151 });
    expect(standing.counts).toMatchObject({ met: 1, notMet: 1, notApplicable: 1, undetermined: 149 });
  });

  test('binding requirements are told apart', () => {
    const { items } = rubricOf('tech-park-ops');
    const binding = items.filter(({ obligation }) => obligation === 'must').length;
    const { standing } = assessed('tech-park-ops', ({ obligation }) =>
      obligation === 'must' ? 'met' : 'not-met',
    );
    expect(standing.counts?.must).toEqual({ met: binding, of: binding });
    expect(standing.counts?.met).toBe(binding);
  });
});

describe('grades and vetoes (shenzhen-dbxx)', () => {
  const best = (item: RubricItem) => item.bands[0]?.id ?? '';
  const worst = (item: RubricItem) => item.bands.at(-1)?.id ?? '';

  test('the grade is certain when the points and every veto are', () => {
    const { figures, standing } = assessed('shenzhen-dbxx', best);
    expect(figures.determined.min).toBe(100);
    expect(standing.grade?.certain?.en).toBe('5 stars');
    expect(standing.vetoes.map(({ state }) => state)).toEqual(['clear', 'clear']);
  });

  test('a veto nobody looked at makes no grade certain, and one that occurred ends every hope', () => {
    const open = assessed('shenzhen-dbxx', (item) => (item.section === 'veto' ? null : best(item)));
    expect(open.standing.grade).toMatchObject({ certain: null, possible: { en: '5 stars' } });
    const ended = assessed('shenzhen-dbxx', (item) =>
      item.id === 'veto.accident' ? 'occurred' : best(item),
    );
    expect(ended.standing.grade).toEqual({ certain: null, possible: null });
    expect(ended.standing.vetoes.map(({ state }) => state)).toEqual(['clear', 'occurred']);
  });

  test('points on a bound have the grade that begins there, one below it has not', () => {
    const rubric = rubricOf('shenzhen-dbxx');
    const at = (points: number) => {
      const figures = { determined: { min: points, max: points }, undetermined: 0, maximum: 100 };
      const clear = rubric.items
        .filter(({ section }) => section === 'veto')
        .map((item) => found(item, 'clear'));
      return standingOf(rubric, clear, figures).grade?.certain?.en ?? null;
    };
    expect([69.9, 70, 79.9, 80, 90].map(at)).toEqual([null, '3 stars', '3 stars', '4 stars', '5 stars']);
  });

  test('open items leave the best grade that is still within reach', () => {
    const { standing } = assessed('shenzhen-dbxx', (item) =>
      item.section === 'veto' ? 'clear' : item.row !== undefined && item.row < 4 ? worst(item) : null,
    );
    expect(standing.grade?.certain).toBeNull();
    expect(standing.grade?.possible).not.toBeNull();
  });

  test('a rubric without grades has none', () => {
    expect(assessed('shenzhen-self-2025', () => null).standing.grade).toBeNull();
  });
});
