import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { measurementSchema } from '#schemas/assessment.ts';
import type { Measurement, Score } from '#schemas/assessment.ts';
import type { Rubric, RubricItem } from '#schemas/rubric.ts';
import { rubrics } from '#schemas/rubrics/index.ts';
import { score, total } from '#services/assessment/score.ts';

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

function measured(value: number | null, unit: string, rest: Partial<Measurement> = {}): Measurement {
  return measurementSchema.parse({
    value,
    unit,
    population: { counted: 1, of: 1, excluded: [] },
    completeness: 1,
    sources: [],
    verdict: 'sufficient',
    missing: [],
    ...rest,
  });
}

type State = 'proven' | 'missing' | 'not-applicable';

function functions(states: Record<string, State>): Pick<Measurement, 'functions'> {
  const reason = { zh: '试验', en: 'test' };
  return { functions: Object.entries(states).map(([id, state]) => ({ id, state, reason })) };
}

const all = { water: 'proven', electricity: 'proven', gas: 'proven' } as const;

/** One number: the points, or our own convention inside their range. */
function earned(coverage: number): number {
  const item = itemOf('operation.property.remote-metering');
  const { points, conventionPoints } = score(item, measured(coverage, '%', functions(all)));
  return conventionPoints ?? points?.min ?? 0;
}

describe('score() of remote metering', () => {
  const item = itemOf('operation.property.remote-metering');

  test.each([
    [100, 'full', 3, 3, null],
    [90, 'full', 3, 3, null],
    [89.999, 'partial', 1, 2, 2],
    [75, 'partial', 1, 2, 1.5],
    [66, 'partial', 1, 2, 1.2],
    [60, 'partial', 1, 2, 1],
    [59.999, 'none', 0, 0, null],
    [0, 'none', 0, 0, null],
  ])('gives %d %% the band %s with %d to %d points', (value, ...expected) => {
    const [band, min, max, conventionPoints] = expected;
    expect(score(item, measured(value, '%', functions(all)))).toMatchObject({
      item: item.id,
      points: { min, max },
      conventionPoints,
      basis: 'measured',
      band,
    });
  });

  test('decides 90 % of a whole number of meters as 90 %, whatever the number', () => {
    for (let of = 10; of <= 5_000; of += 10) {
      const value = (100 * (of / 10) * 9) / of;
      expect(score(item, measured(value, '%', functions(all))).band).toBe('full');
    }
  });

  test('lets the lower band stand where function and coverage disagree', () => {
    const part = functions({ ...all, gas: 'missing' });
    expect(score(item, measured(95, '%', part))).toMatchObject({
      band: 'partial',
      points: { min: 1, max: 2 },
      conventionPoints: 2,
    });
    expect(score(item, measured(59, '%', part)).band).toBe('none');
    const none = functions({ water: 'missing', electricity: 'missing', gas: 'missing' });
    expect(score(item, measured(95, '%', none)).band).toBe('none');
  });

  test('leaves out kinds of meters that the park does not have', () => {
    const noGas = functions({ ...all, gas: 'not-applicable' });
    expect(score(item, measured(90, '%', noGas)).band).toBe('full');
  });

  test('names the value and the band, and never rounds up to a bound', () => {
    const { reason } = score(item, measured(89.99999, '%', functions(all)));
    expect(reason.en).toBe('89.9999 %: part of it works, or coverage from 60 % to below 90 %');
    expect(reason.zh).toContain('89.9999 %');
  });

  test('gives no more for less coverage', () => {
    const percent = fc.double({ min: 0, max: 100, noNaN: true });
    fc.assert(fc.property(percent, percent, (a, b) => earned(Math.min(a, b)) <= earned(Math.max(a, b))));
  });
});

describe('score() of video retention', () => {
  const item = itemOf('operation.security.video-retention');

  test.each([
    [365, 'full', 2],
    [30, 'full', 2],
    [29.9999, 'partial', 1],
    [5, 'partial', 1],
    [4.9999, 'none', 0],
    [0, 'none', 0],
  ])('gives %d days the band %s with %d points', (value, band, points) => {
    expect(score(item, measured(value, 'd'))).toMatchObject({
      band,
      points: { min: points, max: points },
      conventionPoints: null,
      basis: 'measured',
    });
  });
});

function media(proven: readonly string[]) {
  const ids = ['air', 'water-quality', 'noise', 'publication'];
  return functions(Object.fromEntries(ids.map((id) => [id, proven.includes(id) ? 'proven' : 'missing'])));
}

describe('score() of environment monitoring', () => {
  const item = itemOf('operation.environment');

  test.each([
    [['air', 'water-quality', 'noise', 'publication'], 'full', 5, 5, null],
    [['air', 'water-quality', 'noise'], 'partial', 2, 4, 3.5],
    [['air', 'water-quality', 'publication'], 'partial', 2, 4, 3.5],
    [['air', 'publication'], 'partial', 2, 4, 3],
    [['noise'], 'partial', 2, 4, 2.5],
    [['publication'], 'none', 0, 0, null],
    [[], 'none', 0, 0, null],
  ])('with %j proven gives the band %s with %d to %d points', (proven, ...expected) => {
    const [band, min, max, conventionPoints] = expected;
    const result = score(item, measured(null, '', media(proven)));
    expect(result).toMatchObject({ band, points: { min, max }, conventionPoints, basis: 'measured' });
  });

  test('says how many functions are proven', () => {
    const { reason } = score(item, measured(null, '', media(['air', 'water-quality', 'publication'])));
    expect(reason.en).toBe('3 of 4 functions proven: some of it');
  });
});

describe('score() of other kinds', () => {
  test.each([
    ['infra.network.fibre-to-desk', 'pilots', 0, 'none', null],
    ['infra.network.fibre-to-desk', 'pilots', 1, 'partial', 2],
    ['infra.network.fibre-to-desk', 'pilots', 2, 'partial', 4],
    ['infra.network.fibre-to-desk', 'pilots', 3, 'full', null],
    ['infra.network.5g-coverage', '%', 90, 'full', null],
    ['infra.data-centre', 'enterprises', 4, 'none', null],
    ['infra.data-centre', 'enterprises', 5, 'partial', 5],
    ['infra.data-centre', 'enterprises', 9, 'partial', 9],
    ['infra.data-centre', 'enterprises', 10, 'full', null],
    ['infra.control-centre.site', 'm2', 0, 'none', null],
    ['infra.control-centre.site', 'm2', 25, 'partial', 3],
    ['infra.control-centre.site', 'm2', 50, 'full', null],
    ['org.training', 'events/a', 0, 'none', null],
    ['org.training', 'events/a', 1, 'none', null],
    ['org.training', 'events/a', 2, 'partial', 4],
    ['org.training', 'events/a', 4, 'partial', 9],
    ['org.training', 'events/a', 5, 'full', null],
  ] as const)('%s in %s: %d falls into %s', (id, unit, value, ...expected) => {
    const [band, conventionPoints] = expected;
    expect(score(itemOf(id), measured(value, unit))).toMatchObject({ band, conventionPoints });
  });

  test('takes the better of two quantities', () => {
    const item = itemOf('service.innovation');
    const both = (enterprises: number, funds: number) =>
      score(item, measured(enterprises, 'enterprises', { quantities: { '10k-CNY': funds } }));
    expect(both(5, 200)).toMatchObject({ band: 'full', points: { min: 15, max: 15 } });
    expect(both(6, 0)).toMatchObject({ band: 'partial', conventionPoints: 6 });
    expect(both(9, 49.99)).toMatchObject({ band: 'partial', conventionPoints: 14 });
    expect(both(5, 49.99)).toMatchObject({ band: 'none', points: { min: 0, max: 0 } });
  });

  test('counts points for each one up to the cap', () => {
    const institutions = itemOf('service.public.institutions');
    expect(score(institutions, measured(1, 'institutions')).points).toEqual({ min: 5, max: 5 });
    expect(score(institutions, measured(3, 'institutions')).points).toEqual({ min: 10, max: 10 });
    const cloud = measured(null, '', { quantities: { 'three-star': 1, 'four-star': 2, 'five-star': 0 } });
    expect(score(itemOf('industry.enterprise.cloud'), cloud).points).toEqual({ min: 11, max: 11 });
  });

  test('takes points off for what is missing, not below the floor', () => {
    const item = itemOf('infra.network.wired-services');
    expect(score(item, measured(0, '')).points).toEqual({ min: 5, max: 5 });
    expect(score(item, measured(2, '')).points).toEqual({ min: 3, max: 3 });
    expect(score(item, measured(9, '')).points).toEqual({ min: 0, max: 0 });
  });

  test('takes the band that was named, and leaves the point inside to the assessor', () => {
    expect(score(itemOf('org.rules'), measured(null, '', { grade: 'partial' }))).toMatchObject({
      points: { min: 10, max: 19 },
      conventionPoints: null,
      basis: 'attested',
    });
  });

  test('gives nothing without an essential function, nor for it alone', () => {
    const item = itemOf('operation.property.elevator');
    const rest = { 'early-warning': 'proven', alarm: 'proven', 'remote-assistance': 'proven' } as const;
    const none = { 'early-warning': 'missing', alarm: 'missing', 'remote-assistance': 'missing' } as const;
    const band = (states: Record<string, State>) => score(item, measured(null, '', functions(states))).band;
    expect(band({ monitoring: 'proven', ...rest })).toBe('full');
    expect(band({ monitoring: 'missing', ...rest })).toBe('none');
    expect(band({ monitoring: 'proven', ...none })).toBe('none');
    expect(band({ monitoring: 'proven', ...none, alarm: 'proven' })).toBe('partial');
  });

  test('gives a boolean item nothing for a part', () => {
    const item = itemOf('operation.fire');
    const part = functions({ configured: 'proven', working: 'missing' });
    expect(score(item, measured(null, '', part))).toMatchObject({ band: 'none', points: { min: 0, max: 0 } });
  });
});

describe('score() of too little data', () => {
  test('adds nothing and says what is missing, whatever the value', () => {
    const item = itemOf('operation.property.remote-metering');
    const missing = [{ zh: '没有水表', en: 'no water meters' }];
    expect(score(item, measured(100, '%', { verdict: 'insufficient', missing }))).toEqual({
      item: item.id,
      points: null,
      conventionPoints: null,
      basis: 'missing',
      band: null,
      reason: { zh: '数据不足：没有水表', en: 'Insufficient data: no water meters' },
    });
  });
});

describe('score() of a measurement that does not fit', () => {
  const metering = 'operation.property.remote-metering';

  test.each<[string, string, Measurement]>([
    ['another unit', metering, measured(90, 'd', functions(all))],
    ['no value', metering, measured(null, '%', functions(all))],
    ['no word on the functions', metering, measured(90, '%')],
    ['an unknown function', metering, measured(90, '%', functions({ ...all, heat: 'proven' }))],
    ['an unknown band', 'org.rules', measured(null, '', { grade: 'excellent' })],
    ['no band', 'org.rules', measured(null, '')],
    ['half an institution', 'service.public.institutions', measured(0.5, 'institutions')],
    ['two and a half pilots', 'infra.network.fibre-to-desk', measured(2.5, 'pilots')],
  ])('throws on %s', (_what, id, measurement) => {
    expect(() => score(itemOf(id), measurement)).toThrow(id);
  });
});

function earning(item: string, min: number, max: number): Score {
  const reason = { zh: '试验', en: 'test' };
  return { item, points: { min, max }, conventionPoints: null, basis: 'measured', band: null, reason };
}

function insufficient(item: string): Score {
  return { ...earning(item, 0, 0), points: null, basis: 'missing' };
}

describe('total()', () => {
  test('keeps determined, undetermined and maximum apart', () => {
    const scores = [
      earning('operation.property.remote-metering', 1, 2),
      earning('operation.security.video-retention', 2, 2),
      insufficient('operation.environment'),
    ];
    expect(total(scores, chengdu)).toEqual({
      determined: { min: 3, max: 4 },
      undetermined: 495,
      maximum: 500,
    });
  });

  test('leaves everything undetermined without scores', () => {
    expect(total([], chengdu)).toEqual({ determined: { min: 0, max: 0 }, undetermined: 500, maximum: 500 });
  });

  test('counts an item that earned zero as determined', () => {
    expect(total([earning('operation.environment', 0, 0)], chengdu).undetermined).toBe(495);
  });

  test('throws on a foreign item and on an item scored twice', () => {
    expect(() => total([earning('operation.nothing', 1, 1)], chengdu)).toThrow('operation.nothing');
    const twice = [earning('operation.environment', 5, 5), earning('operation.environment', 5, 5)];
    expect(() => total(twice, chengdu)).toThrow('twice');
    const open = [insufficient('operation.environment'), insufficient('operation.environment')];
    expect(() => total(open, chengdu)).toThrow('twice');
  });
});
