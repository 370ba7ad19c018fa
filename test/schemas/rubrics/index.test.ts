import { describe, expect, test } from 'vitest';
import stars from '#schemas/rubrics/micro-park-stars.json' with { type: 'json' };
import dbxxData from '#schemas/rubrics/shenzhen-dbxx.json' with { type: 'json' };
import { levelRubricSchema } from '#schemas/rubric-levels.ts';
import { requirementRubricSchema } from '#schemas/rubric-requirements.ts';
import { rubricSchema } from '#schemas/rubric.ts';
import type { Rubric, RubricItem } from '#schemas/rubric.ts';
import { crosswalk } from '#schemas/rubrics/crosswalk.ts';
import { levelRubrics, requirementRubrics, rubrics } from '#schemas/rubrics/index.ts';

function pointRubric(id: string): Rubric {
  const rubric = rubrics.get(id);
  if (rubric === undefined) throw new Error(`no rubric ${id}`);
  return rubric;
}

function only<T>(rubricsOfForm: ReadonlyMap<string, T>): T {
  const [rubric] = rubricsOfForm.values();
  if (rubric === undefined) throw new Error('no rubric of the form');
  return rubric;
}

/** Entries counted, or their points added up, by what `key` says. */
function sumsBy<T>(entries: readonly T[], key: (entry: T) => string, points: (entry: T) => number) {
  const sums: Record<string, number> = {};
  for (const entry of entries) sums[key(entry)] = (sums[key(entry)] ?? 0) + points(entry);
  return sums;
}
const one = () => 1;
const pointsOf = ({ points }: RubricItem) => points;
const natureOf = ({ nature }: RubricItem) => String(nature);
const sourceOf = ({ evidenceSource }: RubricItem) => evidenceSource;

/** Rows that rest on a counted threshold, and what they make. */
function countedRows({ items }: Rubric): [number, number] {
  const counted = items.filter(({ kind }) => kind === 'thresholds');
  return [counted.length, counted.reduce((sum, { points }) => sum + points, 0)];
}

describe('the Shenzhen self-assessment of 2025', () => {
  const rubric = pointRubric('shenzhen-self-2025');

  test('has 57 rows in 19 indicators and 6 sections that make 100 points', () => {
    expect(rubric.items.map(({ row }) => row)).toEqual(Array.from({ length: 57 }, (_, index) => index + 1));
    expect(rubric.sections.map(({ points }) => points)).toEqual([40, 9, 8, 23, 10, 10]);
    expect(rubric.sections.flatMap(({ indicators }) => indicators)).toHaveLength(19);
    expect(rubric.points).toBe(100);
    expect(rubric.grades).toBeUndefined();
  });

  test('has 30 binding rows of 60 points and 27 guiding ones of 40', () => {
    expect(sumsBy(rubric.items, natureOf, one)).toEqual({ binding: 30, guiding: 27 });
    expect(sumsBy(rubric.items, natureOf, pointsOf)).toEqual({
      binding: 60,
      guiding: 40,
    });
  });

  test('rests its points on the evidence sources as counted, 14 rows of 24 points on a threshold', () => {
    expect(sumsBy(rubric.items, sourceOf, pointsOf)).toEqual({
      'telemetry+registry': 13,
      registry: 5,
      'system-function': 6,
      'business-record': 53,
      document: 23,
    });
    expect(countedRows(rubric)).toEqual([14, 24]);
  });
});

describe('the Shenzhen operation standard, appendix A', () => {
  const rubric = pointRubric('shenzhen-dbxx');

  test('has 60 scored rows in 63 serials: two veto, the blank 16 left out', () => {
    expect(rubric.vetoes?.map(({ row }) => row)).toEqual([1, 2]);
    const rows = rubric.items.map(({ row }) => row);
    expect(rows).toHaveLength(60);
    expect(rows).toEqual(Array.from({ length: 61 }, (_, index) => index + 3).filter((row) => row !== 16));
  });

  test('makes 21, 60, 8, 7 and 4 points, 64 binding in 32 rows and 36 guiding in 28', () => {
    expect(rubric.sections.map(({ points }) => points)).toEqual([21, 60, 8, 7, 4]);
    expect(sumsBy(rubric.items, natureOf, one)).toEqual({ binding: 32, guiding: 28 });
    expect(sumsBy(rubric.items, natureOf, pointsOf)).toEqual({
      binding: 64,
      guiding: 36,
    });
  });

  test('rests its points on the evidence sources as counted, 18 rows of 23 points on a threshold', () => {
    expect(sumsBy(rubric.items, sourceOf, pointsOf)).toEqual({
      'telemetry+registry': 12,
      registry: 5,
      'system-function': 8,
      'business-record': 50,
      document: 25,
    });
    expect(countedRows(rubric)).toEqual([18, 23]);
  });

  test('gives stars at 70, 80 and 90', () => {
    expect(rubric.grades?.map(({ id, min, max }) => [id, min, max])).toEqual([
      ['stars-3', 70, 80],
      ['stars-4', 80, 90],
      ['stars-5', 90, null],
    ]);
  });

  test('is refused when its grades overlap or leave a gap', () => {
    for (const max of [79, 81]) {
      const draft = structuredClone(dbxxData);
      Object.assign(draft.grades[0] ?? {}, { max });
      expect(rubricSchema.safeParse(draft).success).toBe(false);
    }
  });
});

describe('the stars of parks for small enterprises', () => {
  const rubric = only(levelRubrics);

  test('have 8 indicators of 5 levels and no points', () => {
    expect(rubric.items.map(({ row }) => row)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    for (const item of rubric.items) expect(item.levels.map(({ level }) => level)).toEqual([1, 2, 3, 4, 5]);
    expect(sumsBy(rubric.items, ({ evidenceSource }) => evidenceSource, one)).toEqual({
      document: 2,
      registry: 2,
      'business-record': 3,
      'system-function': 1,
    });
  });

  test('ask more of each level, never less', () => {
    for (const { id, levels } of rubric.items) {
      const figures = levels.map(({ rules }) =>
        rules.flatMap(({ parkKind, thresholds }) =>
          thresholds.map(({ unit, min }) => ({ of: `${parkKind} ${unit}`, min: min ?? 0 })),
        ),
      );
      for (const [index, lower] of figures.entries()) {
        for (const { of, min } of lower) {
          const higher = figures[index + 1]?.find((each) => each.of === of);
          expect(higher?.min ?? min, `${id} level ${index + 2}: ${of}`).toBeGreaterThanOrEqual(min);
        }
      }
    }
  });

  test('are refused with a rating outside the scale, or a level left out', () => {
    const rating = structuredClone(stars);
    Object.assign(rating.items[0]?.levels[0] ?? {}, { rating: 'D' });
    expect(levelRubricSchema.safeParse(rating).success).toBe(false);
    const level = structuredClone(stars);
    level.items[1]?.levels.pop();
    expect(levelRubricSchema.safeParse(level).success).toBe(false);
  });
});

describe('the requirements of technology parks', () => {
  const rubric = only(requirementRubrics);

  test('are 152: 112 must, 23 should, 17 unmarked', () => {
    expect(sumsBy(rubric.items, ({ obligation }) => obligation, one)).toEqual({
      must: 112,
      should: 23,
      unmarked: 17,
    });
    expect(sumsBy(rubric.items, ({ monitoring }) => monitoring, one)).toEqual({
      no: 94,
      partial: 47,
      yes: 11,
    });
  });

  test('rest on the evidence sources as counted, with one figure: 70 % technology companies', () => {
    expect(sumsBy(rubric.items, ({ evidenceSource }) => evidenceSource, one)).toEqual({
      telemetry: 3,
      'telemetry+registry': 10,
      registry: 12,
      'system-function': 11,
      'business-record': 75,
      document: 41,
    });
    expect(
      rubric.items.flatMap(({ clause, threshold }) => (threshold ? [[clause, threshold.min]] : [])),
    ).toEqual([['2.3', 70]]);
  });

  test('are refused when one stands twice', () => {
    expect(
      requirementRubricSchema.safeParse({ ...rubric, items: [...rubric.items, rubric.items[0]] }).success,
    ).toBe(false);
  });
});

describe('the crosswalk', () => {
  const known = new Set(
    [...rubrics.values(), ...levelRubrics.values(), ...requirementRubrics.values()].flatMap((rubric) =>
      rubric.items.map(({ id }) => `${rubric.id}/${id}`),
    ),
  );

  test('has 30 groups, each of items that exist', () => {
    expect(crosswalk).toHaveLength(30);
    for (const { items } of crosswalk) for (const item of items) expect(known, item).toContain(item);
  });

  test('serves Chengdu points as counted: metering 8, recognitions 75, organisation 70', () => {
    const chengdu = new Map(pointRubric('chengdu-2021').items.map(({ id, points }) => [id, points]));
    const points = (group: string) =>
      (crosswalk.find(({ id }) => id === group)?.items ?? []).reduce(
        (sum, item) => sum + (chengdu.get(item.replace('chengdu-2021/', '')) ?? 0),
        0,
      );
    expect(['metering', 'cctv', 'recognitions', 'organisation'].map(points)).toEqual([8, 9, 75, 70]);
  });
});
