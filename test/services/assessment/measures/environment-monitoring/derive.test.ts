import { describe, expect, test } from 'vitest';
import { measurementSchema } from '#schemas/assessment.ts';
import { rubrics } from '#schemas/rubrics/index.ts';
import {
  environmentMonitoring,
  type EnvironmentMonitoringFacts,
  type StationFacts,
  type StationPointFacts,
} from '#services/assessment/measures/environment-monitoring/derive.ts';
import { score } from '#services/assessment/score.ts';

const item = rubrics.get('chengdu-2021')?.items.find(({ id }) => id === 'operation.environment');
const day = (index: number) => new Date(Date.UTC(2026, 10, 1) + index * 86_400_000).toISOString();
/** One value a minute. */
const aDay = 1_440;

/** Two days; `share` of the readings due arrived good on each of them. */
function point(medium: StationPointFacts['medium'], share: number, rest: Partial<StationPointFacts> = {}) {
  return {
    point: `s.${medium}`,
    medium,
    expectedIntervalS: 60,
    firstReading: day(-10),
    good: [aDay * share, aDay * share],
    ...rest,
  };
}

function station(
  deviceId: string,
  points: StationPointFacts[],
  rest: Partial<StationFacts> = {},
): StationFacts {
  return {
    deviceId,
    name: deviceId,
    class: 'environment-station',
    provenance: 'field',
    service: [{ from: day(-100), to: null }],
    exclusion: null,
    points,
    ...rest,
  };
}

const served = (...media: StationPointFacts['medium'][]) =>
  media.map((medium) => ({ medium, servings: 7, first: day(0), last: day(1) }));

function facts(
  stations: StationFacts[],
  publications: EnvironmentMonitoringFacts['publications'] = [],
): EnvironmentMonitoringFacts {
  return {
    measure: 'environment-monitoring',
    version: 1,
    from: day(0),
    to: day(2),
    asOf: day(2),
    timeZone: 'UTC',
    days: [0, 1].map((index) => ({
      day: day(index).slice(0, 10),
      from: day(index),
      to: day(index + 1),
      watched: true,
    })),
    stations,
    publications,
  };
}

function judge(...given: Parameters<typeof facts>) {
  if (item === undefined) throw new Error('the item is gone');
  const measurement = measurementSchema.parse(environmentMonitoring.derive(facts(...given)));
  const states = Object.fromEntries((measurement.functions ?? []).map(({ id, state }) => [id, state]));
  return { measurement, states, score: score(item, measurement) };
}

const allMedia = [point('air', 1), point('water-quality', 0.95), point('noise', 0.97)];

describe('environmentMonitoring.derive()', () => {
  test('three media at 95 % or more and published: four of four functions, 5 points', () => {
    const { measurement, score: earned } = judge(
      [station('s', allMedia)],
      served('air', 'water-quality', 'noise'),
    );
    expect(earned.points).toEqual({ min: 5, max: 5 });
    // (1 + 0.95 + 0.97) / 3 of what was due.
    expect(measurement.completeness).toBeCloseTo(2.92 / 3, 12);
  });

  test('all media live but never published: 3 of 4 functions, 2 to 4 points, by convention 2 + 2 x 3/4 = 3.5', () => {
    const { states, score: earned } = judge([station('s', allMedia)]);
    expect(states['publication']).toBe('missing');
    expect(earned).toMatchObject({ points: { min: 2, max: 4 }, conventionPoints: 3.5 });
  });

  test('air alone, published: 2 of 4 functions, by convention 2 + 2 x 2/4 = 3', () => {
    const { states, score: earned } = judge([station('s', [point('air', 0.96)])], served('air'));
    expect(states).toEqual({
      air: 'proven',
      'water-quality': 'missing',
      noise: 'missing',
      publication: 'proven',
    });
    expect(earned.conventionPoints).toBe(3);
  });

  test('publication asks for every live medium, and earns nothing alone', () => {
    const two = station('s', [point('air', 1), point('noise', 1)]);
    expect(judge([two], served('air')).states['publication']).toBe('missing');
    const dead = judge([station('s', [point('air', 0.5)])], served('air', 'noise'));
    expect(dead.states['publication']).toBe('missing');
    expect(dead.score.points).toEqual({ min: 0, max: 0 });
  });

  test('94.9 % is not live; of several stations one that reaches 95 % is enough', () => {
    const weak = station('weak', [point('air', 0.949)]);
    expect(judge([weak]).states['air']).toBe('missing');
    const { states, measurement } = judge([weak, station('good', [point('air', 0.95)])]);
    expect(states['air']).toBe('proven');
    expect(measurement.population).toMatchObject({ counted: 1, of: 2 });
  });

  test('a flood of readings on one day makes up for no silence on another', () => {
    const flood = station('s', [point('air', 1, { good: [aDay * 5, 0] })]);
    expect(judge([flood])).toMatchObject({ states: { air: 'missing' }, measurement: { completeness: 0.5 } });
  });

  test('a station is asked only for its time in service', () => {
    // In service for the second day alone: 1,440 due, 1,440 there.
    const late = station('s', [point('air', 1, { good: [0, aDay], firstReading: day(1) })], {
      service: [{ from: day(1), to: null }],
    });
    expect(judge([late]).states['air']).toBe('proven');
  });

  test('a station in service for 23 hours is left out, and alone makes the data insufficient', () => {
    const brief = station('s', [point('air', 1)], { service: [{ from: day(1 + 1 / 24), to: null }] });
    const { measurement } = judge([brief]);
    expect(measurement).toMatchObject({ verdict: 'insufficient', population: { of: 0 } });
    expect(measurement.population.excluded[0]?.reason.en).toContain('less than 24 hours');
  });

  test('a period that begins before the first reading is insufficient, unless a medium is live anyway', () => {
    const late = station('late', [point('air', 1, { good: [0, aDay], firstReading: day(1) })]);
    expect(judge([late]).measurement.missing[0]?.en).toContain('choose a later period');
    expect(judge([late, station('old', [point('air', 1)])]).measurement.verdict).toBe('sufficient');
  });

  test('without any station, or any reading of the three media, nothing is decided: silence is no zero', () => {
    for (const stations of [[], [station('silent', [])]]) {
      const { measurement, score: earned } = judge(stations);
      expect(measurement).toMatchObject({ verdict: 'insufficient', completeness: null });
      expect(earned.points).toBeNull();
    }
  });

  test('when nobody watched on one of two days nothing is decided', () => {
    const own = facts([station('s', [point('air', 1, { good: [0, aDay] })])]);
    const days = own.days.map((entry, index) => ({ ...entry, watched: index === 1 }));
    const measurement = environmentMonitoring.derive({ ...own, days });
    expect(measurement.verdict).toBe('insufficient');
    expect(measurement.missing[0]?.zh).toContain('2 个本地日中有 1 日（2026-11-01）');
  });

  test('a station that fell silent within the period is a failure, not a lack of data', () => {
    const { measurement, score: earned } = judge([station('s', [point('air', 1, { good: [100, 0] })])]);
    expect(measurement.verdict).toBe('sufficient');
    expect(earned.points).toEqual({ min: 0, max: 0 });
  });
});
