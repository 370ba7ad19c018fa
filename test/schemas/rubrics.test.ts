import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '#test/kit/tree.ts';
import chengduData from '#schemas/rubrics/chengdu-2021.json' with { type: 'json' };
import { conventionOf } from '#schemas/convention.ts';
import { isWholeUnit } from '#schemas/rubric-units.ts';
import { rubricSchema } from '#schemas/rubric.ts';
import type { Range, Rubric, RubricItem } from '#schemas/rubric.ts';
import type { PartProof } from '#schemas/rubric-proof.ts';
import { deviceClasses } from '#schemas/device-classes/index.ts';
import { rubrics } from '#schemas/rubrics/index.ts';

function rubricOf(id: string): Rubric {
  const rubric = rubrics.get(id);
  if (rubric === undefined) throw new Error(`no rubric ${id}`);
  return rubric;
}

const chengdu = rubricOf('chengdu-2021');

function itemOf(id: string): RubricItem {
  const item = chengdu.items.find((entry) => entry.id === id);
  if (item === undefined) throw new Error(`no item ${id}`);
  return item;
}

/** Points of the items, added up by what `key` says of them. */
function pointsBy(key: (item: RubricItem) => string): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const item of chengdu.items) sums[key(item)] = (sums[key(item)] ?? 0) + item.points;
  return sums;
}

describe('the Chengdu rubric', () => {
  test('has 70 items in 30 indicators and 5 sections', () => {
    expect(chengdu.items).toHaveLength(70);
    expect(chengdu.sections).toHaveLength(5);
    expect(chengdu.sections.flatMap((section) => section.indicators)).toHaveLength(30);
    expect(new Set(chengdu.items.map((item) => item.id)).size).toBe(70);
  });

  test('adds up to 500 points, 100 in each section, and to its figure in each indicator', () => {
    expect(chengdu.points).toBe(500);
    expect(pointsBy((item) => item.section)).toEqual({
      infra: 100,
      operation: 100,
      service: 100,
      org: 100,
      industry: 100,
    });
    const indicators = chengdu.sections.flatMap((section) => section.indicators);
    expect(pointsBy((item) => item.indicator)).toEqual(
      Object.fromEntries(indicators.map((indicator) => [indicator.id, indicator.points])),
    );
    expect(indicators.map((indicator) => indicator.points)).toEqual([
      45, 10, 10, 10, 25, 18, 5, 10, 5, 10, 5, 5, 5, 12, 20, 5, 15, 15, 25, 15, 30, 20, 20, 20, 20, 10, 10,
      10, 75, 15,
    ]);
  });

  test('rests its points on the evidence sources as counted from the source text', () => {
    expect(pointsBy((item) => item.evidenceSource)).toEqual({
      telemetry: 12,
      'telemetry+registry': 59,
      registry: 63,
      'system-function': 117,
      'business-record': 165,
      document: 84,
    });
    expect(pointsBy((item) => item.basis)).toEqual({
      measured: 134,
      exercised: 117,
      recorded: 165,
      attested: 84,
    });
  });

  test('rests its points on the obligations of the guideline', () => {
    expect(pointsBy((item) => item.obligation)).toEqual({ must: 233, encouraged: 225, may: 37, should: 5 });
  });

  test('leaves a range of points without a rule of its own in 57 items, each with our convention named', () => {
    const open = chengdu.items.filter((item) => item.insideBand !== undefined);
    expect(open).toHaveLength(57);
    for (const item of open) {
      expect(
        item.bands.some((band) => band.points.min < band.points.max),
        item.id,
      ).toBe(true);
      expect(conventionOf(chengdu, item), item.id).not.toBeNull();
    }
  });

  test('has 39 graded items, 10 ratios and the other kinds as counted', () => {
    const kinds: Record<string, number> = {};
    for (const item of chengdu.items) kinds[item.kind] = (kinds[item.kind] ?? 0) + 1;
    expect(kinds).toEqual({
      'graded-partial': 39,
      'ratio-bands': 10,
      'count-bands': 6,
      judged: 5,
      boolean: 4,
      'per-unit-capped': 4,
      'deduct-per-missing': 1,
      'duration-bands': 1,
    });
  });

  test('can be scored item by item: a number, functions that count, or a band that is named', () => {
    for (const item of chengdu.items) {
      const numeric = item.bands.some((band) => band.ranges.length > 0);
      const countable = item.functions.some((entry) => entry.role === 'required');
      const other = item.graded || item.perUnit.length > 0 || item.deduction !== undefined;
      expect(numeric || countable || other, item.id).toBe(true);
      if (numeric) expect(item.quantity, item.id).toBeDefined();
    }
  });
});

describe('bands', () => {
  interface Case {
    readonly item: RubricItem;
    readonly unit: string;
    readonly ranges: readonly Range[];
  }

  const cases: Case[] = chengdu.items.flatMap((item) => {
    const units = new Set(item.bands.flatMap((band) => band.ranges.map((range) => range.unit)));
    return [...units].map((unit) => ({
      item,
      unit,
      ranges: item.bands.flatMap((band) => band.ranges.filter((range) => range.unit === unit)),
    }));
  });

  test('are there for every item that a number decides', () => {
    // Ten ratios, six counts (one of them in either of two units), one duration, one floor area.
    expect(cases).toHaveLength(19);
  });

  test('run from open above to open below, or to nothing at all', () => {
    for (const { item, ranges } of cases) {
      expect(ranges[0]?.max, item.id).toBeNull();
      const last = ranges.at(-1);
      const countsNothing = last?.min === 0 && last.max === 0 && last.minInclusive && last.maxInclusive;
      expect(last?.min === null || countsNothing, item.id).toBe(true);
    }
  });

  test('meet without a gap, with exactly one inclusive side at each boundary', () => {
    let joints = 0;
    for (const { item, ranges } of cases) {
      for (const [index, upper] of ranges.entries()) {
        const lower = ranges[index + 1];
        if (lower === undefined) continue;
        joints += 1;
        const marked = item.gap !== undefined && item.gap.min === lower.max && item.gap.max === upper.min;
        const nextWhole =
          isWholeUnit(upper.unit) &&
          upper.minInclusive &&
          lower.maxInclusive &&
          upper.min === Number(lower.max) + 1;
        const meets = upper.min === lower.max && upper.minInclusive !== lower.maxInclusive;
        expect(marked || nextWhole || meets, `${item.id} at ${upper.min}`).toBe(true);
      }
    }
    expect(joints).toBe(38);
  });

  test('mark the one gap and the two undecidable bounds of the source', () => {
    expect(chengdu.items.filter((item) => item.gap !== undefined).map((item) => item.id)).toEqual([
      'org.training',
    ]);
    const ambiguous = cases.filter(({ ranges }) => ranges.some((range) => range.minBound === 'ambiguous'));
    expect(ambiguous.map(({ item }) => item.id)).toEqual(['infra.network.5g-coverage', 'infra.network.wifi']);
  });
});

/** What a proof names and the device classes do not have. */
function unknownNames(proof: PartProof): string[] {
  const classes = 'classes' in proof ? proof.classes : [];
  const known = classes.map((id) => deviceClasses.get(id));
  const has = (metric: string) =>
    known.some((one) => one !== undefined && Object.hasOwn(one.metrics, metric));
  const metrics = proof.kind === 'live' || proof.kind === 'alarm' ? (proof.metrics ?? []) : [];
  const states = proof.kind === 'state' ? proof.states : [];
  return [
    ...classes.filter((id) => !deviceClasses.has(id)),
    ...metrics.filter((metric) => !has(metric)),
    ...states.filter(
      (state) =>
        proof.kind !== 'state' ||
        !known.every((one) => one?.metrics[proof.metric]?.states?.some(({ key }) => key === state)),
    ),
    ...(proof.kind === 'due'
      ? known.flatMap((one) =>
          Object.hasOwn(one?.attributes ?? {}, proof.attribute) ? [] : [proof.attribute],
        )
      : []),
  ];
}

describe('the items that have a measure', () => {
  test('tell our convention, and name only classes, metrics and states that there are', () => {
    for (const item of chengdu.items.filter(({ measure }) => measure !== undefined)) {
      expect(item.convention, item.id).toBeDefined();
      for (const { id, proofs = [] } of item.functions) {
        for (const proof of proofs) expect(unknownNames(proof), `${item.id} ${id}`).toEqual([]);
      }
    }
  });

  test('stand in docs/functions.md with every event type that proves a function', () => {
    const page = readFileSync(join(root, 'docs/functions.md'), 'utf8');
    const types = chengdu.items.flatMap(({ functions }) =>
      functions.flatMap(({ proofs = [] }) =>
        proofs.flatMap((proof) => ('types' in proof ? proof.types : [])),
      ),
    );
    expect(types.filter((type) => !page.includes(`\`${type}\``))).toEqual([]);
    expect(types.length).toBeGreaterThan(80);
  });

  test('name in their conventions the figures that their measures use', () => {
    const metering = itemOf('operation.property.remote-metering').convention;
    expect(metering?.zh).toContain('95%');
    expect(metering?.en).toContain('95 %');
    expect(itemOf('operation.security.video-retention').convention?.zh).toContain('30 天');
    expect(itemOf('operation.environment').convention?.zh).toContain('/board');
    expect(itemOf('operation.environment').convention?.en).toContain('95 %');
  });

  test('list the functions that are judged one by one', () => {
    expect(itemOf('operation.environment').functions.map(({ id, role }) => [id, role])).toEqual([
      ['air', 'required'],
      ['water-quality', 'required'],
      ['noise', 'required'],
      ['publication', 'supporting'],
    ]);
    expect(itemOf('operation.property.remote-metering')).toMatchObject({
      functionsLimitBand: true,
      functions: [{ id: 'water' }, { id: 'electricity' }, { id: 'gas' }],
    });
  });
});

type Draft = typeof chengduData;

function accepts(change: (draft: Draft) => void): boolean {
  const draft = structuredClone(chengduData);
  change(draft);
  return rubricSchema.safeParse(draft).success;
}

function firstItem(draft: Draft) {
  const item = draft.items[0];
  if (item === undefined) throw new Error('the rubric is empty');
  return item;
}

describe('rubricSchema', () => {
  test('accepts the data as they are', () => {
    expect(accepts(() => undefined)).toBe(true);
  });

  test.each<[string, (draft: Draft) => void]>([
    ['a section that does not add up', (draft) => Object.assign(draft.sections[0] ?? {}, { points: 99 })],
    ['an item with other points', (draft) => Object.assign(firstItem(draft), { points: 6 })],
    ['an item of no indicator', (draft) => Object.assign(firstItem(draft), { indicator: 'infra.nothing' })],
    ['an item of another section', (draft) => Object.assign(firstItem(draft), { section: 'org' })],
    ['an item twice', (draft) => draft.items.splice(1, 1, structuredClone(firstItem(draft)))],
    [
      'bands in disorder',
      (draft) => Object.assign(firstItem(draft), { bands: firstItem(draft).bands?.toReversed() }),
    ],
    ['an item without bands', (draft) => Object.assign(firstItem(draft), { bands: [] })],
    [
      'a range of points without our rule',
      (draft) => Object.assign(firstItem(draft), { insideBand: undefined }),
    ],
    ['an unknown field', (draft) => Object.assign(firstItem(draft), { weight: 1 })],
    ['a text in one language', (draft) => Object.assign(firstItem(draft), { name: { zh: '甲' } })],
  ])('refuses %s', (_what, change) => {
    expect(accepts(change)).toBe(false);
  });
});
