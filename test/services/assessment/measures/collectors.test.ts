import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RubricItem } from '#schemas/rubric.ts';
import { rubrics } from '#schemas/rubrics/index.ts';
import type { CollectRequest } from '#services/assessment/collect.ts';
import { collectors } from '#services/assessment/measures/collectors.ts';
import { derivations } from '#services/assessment/measures/derivations.ts';
import { coverReadings, insertDevices, insertReadings } from '#test/kit/park-rows.ts';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';

/**
 * A park in Berlin around the end of summer time: 2026-10-24 has 24 hours, the 25th 25 (22:00Z to 23:00Z), the 26th 24.
 */
const period = { from: '2026-10-23T22:00:00Z', to: '2026-10-26T23:00:00Z' };
const days = {
  saturday: { from: '2026-10-23T22:00:00Z', to: '2026-10-24T22:00:00Z' },
  sunday: { from: '2026-10-24T22:00:00Z', to: '2026-10-25T23:00:00Z' },
  monday: { from: '2026-10-25T23:00:00Z', to: '2026-10-26T23:00:00Z' },
};
const request: CollectRequest = {
  fromMs: Date.parse(period.from),
  toMs: Date.parse(period.to),
  asOfMs: Date.parse('2026-10-27T08:00:00Z'),
  timeZone: 'Europe/Berlin',
};
const long = '2026-01-01T00:00:00Z';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await coverReadings(database.pool, { from: '2026-09-20', to: '2026-10-28' });
});
afterAll(() => database[Symbol.asyncDispose]());

/** The item of a rubric that a measure serves. */
function itemOf(measure: string): RubricItem {
  const items = [...rubrics.values()].flatMap((rubric) => rubric.items);
  const [any] = items;
  // No item is scored by the registry alone: it proves parts of items.
  if (measure === 'registry' && any !== undefined)
    return { ...any, measure, registry: { of: 'devices', has: 'space', makes: 'share' } };
  const item = items.find((each) => each.measure === measure);
  if (item === undefined) throw new Error(`${measure} serves no item`);
  return item;
}

function collect(measure: string, more: Partial<CollectRequest> = {}) {
  const collector = collectors.get(measure);
  if (collector === undefined) throw new Error(`no collector ${measure}`);
  return collector.collect(database.pool, { ...request, ...more }, itemOf(measure));
}

describe('remote-metering', () => {
  beforeAll(async () => {
    const { pool } = database;
    await insertDevices(pool, [
      { id: 'w-1', class: 'water-meter', from: long },
      { id: 'e-1', class: 'energy-meter', from: long, provenance: 'simulated' },
      // Renamed on Sunday: two rows, one time in service.
      { id: 'g-1', class: 'gas-meter', from: long, to: '2026-10-25T10:00:00Z' },
      { id: 'g-1', class: 'gas-meter', from: '2026-10-25T10:00:00Z' },
      { id: 'w-retired', class: 'water-meter', from: long, to: '2026-10-01T00:00:00Z' },
      { id: 'w-planned', class: 'water-meter', from: long, lifecycle: 'planned' },
      { id: 'w-silent', class: 'water-meter', from: long },
      { id: 'h-1', class: 'heat-meter', from: long },
    ]);
    const volume = { metric: 'volume', everyS: 900 };
    await insertReadings(pool, { device: 'w-1', ...volume, ...period });
    // Only the last quarter of the 25th hour of Sunday, the first instant of Monday, and bad ones on Saturday.
    await insertReadings(pool, {
      device: 'g-1',
      metric: 'volume',
      everyS: 60,
      from: '2026-10-25T22:59:00Z',
      to: '2026-10-25T23:00:00.010Z',
    });
    await insertReadings(pool, { device: 'g-1', ...volume, ...days.saturday, quality: 2 });
    await insertReadings(pool, {
      device: 'e-1',
      metric: 'active_energy_import',
      everyS: 3_600,
      ...days.sunday,
    });
    // A gauge of a meter is no register.
    await insertReadings(pool, { device: 'e-1', metric: 'active_power', everyS: 60, ...days.monday });
  });

  test('collect() answers the meters in service, each with one mark a local day of 24 and 25 hours', async () => {
    const facts = await collect('remote-metering');
    expect(facts).toMatchObject({
      measure: 'remote-metering',
      timeZone: 'Europe/Berlin',
      days: [
        { day: '2026-10-24', from: '2026-10-23T22:00:00.000Z', watched: true },
        { day: '2026-10-25', from: '2026-10-24T22:00:00.000Z', to: '2026-10-25T23:00:00.000Z' },
        { day: '2026-10-26', to: '2026-10-26T23:00:00.000Z' },
      ],
      meters: [
        { deviceId: 'e-1', medium: 'electricity', received: '010', provenance: 'simulated' },
        {
          deviceId: 'g-1',
          medium: 'gas',
          received: '011',
          service: [{ from: '2026-01-01T00:00:00.000Z', to: null }],
          // Bad readings came, so the system watched.
          firstReading: '2026-10-23T22:00:00.000Z',
        },
        { deviceId: 'w-1', medium: 'water', received: '111', point: 'w-1.volume' },
        { deviceId: 'w-silent', received: '000', firstReading: null },
      ],
    });
  });

  test('collect() reads an exclusion that was valid within the period', async () => {
    await database.pool.query(
      `insert into exclusion (measure, device_id, valid_from, valid_to, reason_zh, reason_en, actor)
       values ('remote-metering', 'w-silent', $1, $2, '停用房间', 'room shut', 'eva'),
              ('remote-metering', 'w-1', '2026-01-01Z', '2026-02-01Z', '检修', 'repair', 'eva')`,
      [period.from, period.to],
    );
    const facts = await collect('remote-metering');
    const members = derivations.get('remote-metering')?.members(facts, itemOf('remote-metering'));
    expect(members?.map(({ deviceId, standing }) => [deviceId, standing])).toEqual([
      ['e-1', 'not-counted'],
      ['g-1', 'not-counted'],
      ['w-1', 'counted'],
      ['w-silent', 'excluded'],
    ]);
  });

  test('collect() tells the days on which nothing of the park was stored, whatever point it might have been', async () => {
    const from = Date.parse('2026-09-20T22:00:00Z');
    const facts = await collect('remote-metering', { fromMs: from, toMs: from + 2 * 86_400_000 });
    expect(facts).toMatchObject({ days: [{ watched: false }, { watched: false }] });
    await insertReadings(database.pool, {
      device: 'h-1',
      metric: 'energy',
      from: '2026-09-22T21:59:59Z',
      to: '2026-09-22T22:00:00Z',
      everyS: 60,
    });
    const again = await collect('remote-metering', { fromMs: from, toMs: from + 2 * 86_400_000 });
    expect(again).toMatchObject({ days: [{ watched: false }, { watched: true }] });
  });

  test('collect() sees no day that the period cuts', async () => {
    const facts = await collect('remote-metering', { toMs: request.toMs - 1 });
    expect(facts).toMatchObject({ days: [{ day: '2026-10-24' }, { day: '2026-10-25' }] });
  });
});

describe('video-retention', () => {
  test('collect() takes cameras in service at the end and their newest good value before it', async () => {
    await insertDevices(database.pool, [
      { id: 'c-1', class: 'camera', from: '2026-10-20T00:00:00Z' },
      { id: 'c-2', class: 'camera', from: long },
      { id: 'c-gone', class: 'camera', from: long, to: '2026-10-26T00:00:00Z' },
      { id: 'c-later', class: 'camera', from: '2026-10-26T23:00:00Z' },
    ]);
    const age = { device: 'c-1', metric: 'oldest_recording_age', everyS: 3_600 };
    await insertReadings(database.pool, { ...age, ...days.monday, value: 500_000 });
    await insertReadings(database.pool, {
      ...age,
      from: '2026-10-26T22:30:00Z',
      to: '2026-10-26T22:31:00Z',
      quality: 2,
      value: 9,
    });
    await insertReadings(database.pool, {
      ...age,
      from: '2026-10-26T23:00:00Z',
      to: '2026-10-26T23:01:00Z',
      value: 7,
    });
    expect(await collect('video-retention')).toMatchObject({
      cameras: [
        {
          deviceId: 'c-1',
          service: [{ from: '2026-10-20T00:00:00.000Z', to: null }],
          reading: { time: '2026-10-26T22:00:00.000Z', ageS: 500_000 },
        },
        { deviceId: 'c-2', reading: null },
      ],
    });
  });
});

describe('environment-monitoring', () => {
  test('collect() counts good readings by day of the points that ever spoke, and fresh servings', async () => {
    await insertDevices(database.pool, [{ id: 's-1', class: 'environment-station', from: long }]);
    await insertReadings(database.pool, { device: 's-1', metric: 'pm25', everyS: 60, ...period });
    await insertReadings(database.pool, { device: 's-1', metric: 'noise_leq', everyS: 60, ...days.sunday });
    await insertReadings(database.pool, { device: 's-1', metric: 'wind_speed', everyS: 60, ...days.sunday });
    await database.pool.query(
      `insert into board_serving (minute, medium, servings, newest_time) values
       ('2026-10-25T10:00Z', 'air', 2, '2026-10-25T09:59:40Z'),
       ('2026-10-25T10:05Z', 'air', 3, '2026-10-25T10:05:02Z'),
       ('2026-10-25T10:05Z', 'noise', 3, '2026-10-24T10:05:00Z'),
       ('2026-10-27T10:05Z', 'noise', 3, '2026-10-27T10:05:00Z')`,
    );
    const facts = await collect('environment-monitoring');
    expect(facts).toMatchObject({
      stations: [
        {
          deviceId: 's-1',
          points: [
            // By metric; Saturday and Sunday here, Monday too for dust.
            { point: 's-1.noise_leq', medium: 'noise', good: [0, 1_500, 0] },
            { point: 's-1.pm25', medium: 'air', expectedIntervalS: 60, good: [1_440, 1_500, 1_440] },
          ],
        },
      ],
      // The stale one and the one after the period show nothing.
      publications: [
        { medium: 'air', servings: 5, first: '2026-10-25T10:00:00.000Z', last: '2026-10-25T10:05:00.000Z' },
      ],
    });
    expect(
      derivations
        .get('environment-monitoring')
        ?.derive(facts, itemOf('environment-monitoring'))
        .functions?.map(({ state }) => state),
    ).toEqual(['proven', 'missing', 'missing', 'proven']);
  });
});

test('facts survive the way through a file: what is derived from the text equals what was derived before', async () => {
  for (const [id, derivation] of derivations) {
    const facts = await collect(id);
    const read: unknown = JSON.parse(JSON.stringify(facts));
    const item = itemOf(id);
    expect(derivation.derive(read, item)).toEqual(derivation.derive(facts, item));
  }
});
