import { describe, expect, test } from 'vitest';
import { rubrics } from '#schemas/rubrics/index.ts';
import { measurementSchema } from '#schemas/assessment.ts';
import {
  remoteMetering,
  type MeterFacts,
  type RemoteMeteringFacts,
} from '#services/assessment/measures/remote-metering/derive.ts';
import { score } from '#services/assessment/score.ts';

const item = rubrics.get('chengdu-2021')?.items.find(({ id }) => id === 'operation.property.remote-metering');
const day = (index: number) => new Date(Date.UTC(2026, 10, 1) + index * 86_400_000).toISOString();

/** Twenty days of a park in UTC, so that 95 % are exactly 19 of them. */
function facts(meters: MeterFacts[], days = 20, unwatched: number[] = []): RemoteMeteringFacts {
  return {
    measure: 'remote-metering',
    version: 1,
    from: day(0),
    to: day(days),
    asOf: day(days),
    timeZone: 'UTC',
    days: Array.from({ length: days }, (_, index) => ({
      day: day(index).slice(0, 10),
      from: day(index),
      to: day(index + 1),
      watched: !unwatched.includes(index),
    })),
    meters,
  };
}

const received = (good: number, days = 20) => '1'.repeat(good).padStart(days, '0');

function meter(deviceId: string, medium: MeterFacts['medium'], rest: Partial<MeterFacts> = {}): MeterFacts {
  return {
    deviceId,
    name: deviceId,
    class: `${medium === 'electricity' ? 'energy' : medium}-meter`,
    provenance: 'field',
    service: [{ from: day(-100), to: null }],
    exclusion: null,
    medium,
    point: `${deviceId}.volume`,
    received: received(20),
    firstReading: day(-50),
    ...rest,
  };
}

function judge(given: RemoteMeteringFacts) {
  if (item === undefined) throw new Error('the item is gone');
  const measurement = measurementSchema.parse(remoteMetering.derive(given));
  return { measurement, score: score(item, measurement) };
}

const standings = (given: RemoteMeteringFacts) =>
  Object.fromEntries(remoteMetering.members(given).map(({ deviceId, standing }) => [deviceId, standing]));

describe('remoteMetering.derive()', () => {
  test('ten meters of three media all read: 10/10 = 100 %, three functions proven, 3 of 3 points', () => {
    const meters = Array.from({ length: 10 }, (_, n) =>
      meter(`m${n}`, (['water', 'electricity', 'gas'] as const)[n % 3] ?? 'water'),
    );
    const { measurement, score: earned } = judge(facts(meters));
    expect(measurement.value).toBe(100);
    expect(measurement.functions?.map(({ state }) => state)).toEqual(['proven', 'proven', 'proven']);
    expect(measurement.completeness).toBe(1);
    expect(earned.points).toEqual({ min: 3, max: 3 });
  });

  test('19 of 20 days are 95 % and count, 18 of 20 are 90 % and do not', () => {
    const given = facts([
      meter('a', 'water', { received: received(19) }),
      meter('b', 'water', { received: received(18) }),
    ]);
    expect(standings(given)).toEqual({ a: 'counted', b: 'not-counted' });
    // Days: (19 + 18) of (20 + 20).
    expect(judge(given).measurement.completeness).toBe(37 / 40);
  });

  test('9 of 12 meters are 75 %: the partial band of 1 to 2, by convention 1 + (75 - 60) / (90 - 60) = 1.5', () => {
    const meters = Array.from({ length: 12 }, (_, n) =>
      meter(`m${n}`, (['water', 'electricity', 'gas'] as const)[n % 3] ?? 'water', {
        received: received(n < 9 ? 20 : 3),
      }),
    );
    const { measurement, score: earned } = judge(facts(meters));
    expect(measurement.value).toBe(75);
    expect(earned.points).toEqual({ min: 1, max: 2 });
    expect(earned.conventionPoints).toBe(1.5);
  });

  test('a medium none of whose meters is read lowers the band although 19 of 20 meters are', () => {
    const meters = Array.from({ length: 20 }, (_, n) =>
      meter(`m${n}`, n % 2 === 0 ? 'water' : 'electricity'),
    );
    meters[19] = meter('g', 'gas', { received: received(0) });
    const { measurement, score: earned } = judge(facts(meters));
    expect(measurement.value).toBe(95);
    expect(measurement.functions?.find(({ id }) => id === 'gas')?.state).toBe('missing');
    // 95 % alone would be the full band; one function is missing, so partial; 95 lies beyond it: its upper end.
    expect(earned).toMatchObject({ points: { min: 1, max: 2 }, conventionPoints: 2, band: 'partial' });
  });

  test('a medium that the park does not have is left out of the functions', () => {
    const { measurement, score: earned } = judge(facts([meter('w', 'water'), meter('e', 'electricity')]));
    expect(measurement.functions?.find(({ id }) => id === 'gas')?.state).toBe('not-applicable');
    expect(earned.points).toEqual({ min: 3, max: 3 });
  });

  test('a meter in service for a part of the period is judged by its own complete days, and noted', () => {
    const given = facts([
      meter('old', 'water'),
      // In service since noon of day 15: days 16 to 19 are complete, four of four good.
      meter('new', 'water', {
        service: [{ from: new Date(Date.parse(day(15)) + 43_200_000).toISOString(), to: null }],
        received: received(4),
        firstReading: day(16),
      }),
    ]);
    const { measurement } = judge(given);
    expect(measurement.population).toMatchObject({ counted: 2, of: 2 });
    expect(measurement.population.noted?.map(({ id }) => id)).toEqual(['new']);
    expect(remoteMetering.members(given)[1]?.reason).toEqual({
      zh: '4 个投用日中 4 日有良好计度读数（100 %）',
      en: 'Good register readings on 4 of 4 local days in service (100 %)',
    });
  });

  test('left out are only a meter without a complete day and one a person named, each with the reason', () => {
    const given = facts([
      meter('kept', 'water'),
      meter('brief', 'gas', {
        service: [{ from: new Date(Date.parse(day(19)) + 1).toISOString(), to: null }],
      }),
      meter('named', 'gas', { exclusion: { zh: '拆除', en: 'dismantled' }, received: received(0) }),
    ]);
    const { measurement } = judge(given);
    expect(measurement.population).toMatchObject({ counted: 1, of: 1 });
    expect(measurement.population.excluded.map(({ id, reason }) => [id, reason.en])).toEqual([
      ['brief', 'In service for less than one complete local day of the period'],
      ['named', 'Left out by a person: dismantled'],
    ]);
    expect(measurement.sources).toEqual(['kept.volume']);
  });

  test('nothing is decided without a complete day, without a meter, without any reading', () => {
    for (const given of [
      facts([meter('a', 'water', { received: '' })], 0),
      facts([]),
      facts([meter('a', 'water', { received: received(0), firstReading: null })]),
      facts([meter('a', 'water', { service: [{ from: day(19.5), to: null }] })]),
    ]) {
      const { measurement, score: earned } = judge(given);
      expect(measurement.verdict).toBe('insufficient');
      expect(measurement.missing).toHaveLength(1);
      expect(earned).toMatchObject({ points: null, basis: 'missing' });
    }
  });

  test('when nobody watched on two of twenty days nothing is decided; one of twenty counts as a day without data', () => {
    const { measurement } = judge(facts([meter('a', 'water', { received: received(18) })], 20, [0, 1]));
    expect(measurement.verdict).toBe('insufficient');
    expect(measurement.missing[0]?.en).toBe(
      'On 2 of 20 local days (2026-11-01 … 2026-11-02) no reading of the park was received at all',
    );
    const once = judge(facts([meter('a', 'water', { received: received(19) })], 20, [0])).measurement;
    expect(once).toMatchObject({ verdict: 'sufficient', value: 100, completeness: 0.95 });
  });

  test('a meter that is silent while the park is watched has failed, although it is the only one', () => {
    expect(judge(facts([meter('a', 'gas', { received: received(5) })])).measurement).toMatchObject({
      verdict: 'sufficient',
      value: 0,
    });
  });

  test('days before any member was in service need nobody who watched', () => {
    const late = meter('a', 'water', { service: [{ from: day(15), to: null }], received: received(5) });
    const unwatched = Array.from({ length: 15 }, (_, index) => index);
    expect(judge(facts([late], 20, unwatched)).measurement).toMatchObject({
      verdict: 'sufficient',
      value: 100,
    });
  });

  test('facts of another measure or version are refused', () => {
    expect(() => remoteMetering.derive({ ...facts([]), version: 2 })).toThrow('not those of remote-metering');
    expect(() => remoteMetering.derive(null)).toThrow('not those of remote-metering');
  });
});
