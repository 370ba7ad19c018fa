import { describe, expect, test } from 'vitest';
import { levelRubrics, requirementRubrics, rubrics, scoredRubrics } from '#schemas/rubrics/index.ts';

const scored = (id: string) => {
  const rubric = scoredRubrics.get(id);
  if (rubric === undefined) throw new Error(`no ${id}`);
  return rubric;
};

test('scoredRubrics holds all five; Chengdu as it is written', () => {
  expect([...scoredRubrics.keys()]).toEqual([
    'chengdu-2021',
    'shenzhen-self-2025',
    'shenzhen-dbxx',
    'micro-park-stars',
    'tech-park-ops',
  ]);
  expect(scored('chengdu-2021')).toBe(rubrics.get('chengdu-2021'));
});

test('every item of the other four has a measure, an id of its own, a section and bands to decide by', () => {
  for (const [id, { items, sections }] of scoredRubrics) {
    if (id === 'chengdu-2021') continue;
    expect(new Set(items.map((item) => item.id)).size).toBe(items.length);
    for (const item of items) {
      expect(item.measure, item.id).toBeDefined();
      expect(sections.map((section) => section.id)).toContain(item.section);
      expect(item.bands.length, item.id).toBeGreaterThan(1);
    }
  }
});

describe('fromLevels()', () => {
  test('gives each of the eight rows a band for each of the five levels and one below, highest first', () => {
    const { items, form, points } = scored('micro-park-stars');
    expect([form, points, items.length]).toEqual(['levels', 5, 8]);
    for (const { bands } of items) expect(bands.map((band) => band.points.max)).toEqual([5, 4, 3, 2, 1, 0]);
    expect(items[0]?.bands[1]?.condition.en).toBe('Level 4: rated A or better');
    const scale = items.find(({ id }) => id === 'scale');
    expect(scale?.bands[0]?.condition.zh).toMatch(/^5 级：.*≥ \d+/);
    expect(levelRubrics.get('micro-park-stars')?.items).toHaveLength(items.length);
  });
});

describe('fromRequirements()', () => {
  test('makes each of the 152 requirements an item of one that is met, not met or does not apply', () => {
    const { items, form, points, sections } = scored('tech-park-ops');
    expect([form, points, items.length]).toEqual(['requirements', 152, 152]);
    for (const { bands } of items) {
      expect(bands.map(({ id, points: { max } }) => [id, max])).toEqual([
        ['met', 1],
        ['not-met', 0],
        ['not-applicable', 0],
      ]);
    }
    expect(sections.reduce((sum, section) => sum + section.points, 0)).toBe(152);
    const binding = requirementRubrics
      .get('tech-park-ops')
      ?.items.filter(({ obligation }) => obligation === 'must');
    expect(items.filter(({ obligation }) => obligation === 'must')).toHaveLength(binding?.length ?? -1);
  });
});

test('attestedPoints() appends vetoes that earn nothing and leaves every sum as it was', () => {
  const { items, points, sections } = scored('shenzhen-dbxx');
  expect(items.filter(({ section }) => section === 'veto').map(({ id, points: own }) => [id, own])).toEqual([
    ['veto.violation', 0],
    ['veto.accident', 0],
  ]);
  expect(items.reduce((sum, item) => sum + item.points, 0)).toBe(points);
  expect(sections.reduce((sum, section) => sum + section.points, 0)).toBe(points);
});
