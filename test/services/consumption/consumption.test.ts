import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createBus } from '#infra/bus.ts';
import { silentLog } from '#infra/log.ts';
import type { ConsumptionAnswer, ConsumptionBucket } from '#schemas/api/consumption.ts';
import { consumptionRoutes } from '#services/consumption/routes.ts';
import { startPointDirectory, type RunningPointDirectory } from '#services/registry/directory.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { coverReadings, insertDevices } from '#test/kit/park-rows.ts';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';
import { openRouteApi, type RouteApi } from '#test/kit/route-api.ts';

/** A park whose clocks are moved: on 29 March 2026 from 2 to 3, on 25 October from 3 back to 2. */
const timeZone = 'Europe/Berlin';
const energy = 'active_energy_import';
const points = `meter.${energy}`;
let database: TestDatabase;
let directory: RunningPointDirectory;
let api: RouteApi;

beforeAll(async () => {
  database = await createTestDatabase();
  const db = database.pool;
  await coverReadings(db, { from: '2026-03-27', to: '2026-03-31' });
  await coverReadings(db, { from: '2026-10-23', to: '2026-10-27' });
  await insertDevices(db, [{ id: 'meter', class: 'energy-meter', from: '2026-01-01T00:00:00Z' }]);
  // 60 kWh an hour, one every minute.
  await db.query(
    `insert into reading (point_id, time, value, quality)
     select point_id, t, extract(epoch from t - '2026-01-01T00:00:00Z'::timestamptz) / 60, 0
     from point, (values ('2026-03-27T00:00:00Z'::timestamptz), ('2026-10-23T00:00:00Z')) span (since),
       generate_series(since, since + interval '4 days', interval '1 minute') t
     where device_id = 'meter' and metric = $1`,
    [energy],
  );
  const bus = createBus((error) => {
    throw error;
  });
  directory = await startPointDirectory({ db, bus, log: silentLog() });
  const deps = { db, directory, clock: fakeClock(), timeZone };
  api = await openRouteApi((scope) => consumptionRoutes(scope, deps));
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

async function buckets(query: Record<string, string>) {
  const text = new URLSearchParams({ points, ...query }).toString();
  const { status, body } = await api.ask('viewer', 'GET', `/consumption?${text}`);
  expect(status, JSON.stringify(body)).toBe(200);
  const { items, totals } = body as ConsumptionAnswer;
  const valuesOf = (list: ConsumptionBucket[] = []) => list.map(({ value }) => value);
  expect(valuesOf(totals[0]?.buckets)).toEqual(valuesOf(items[0]?.buckets));
  return items[0]?.buckets ?? [];
}

describe('GET /consumption where clocks are moved', () => {
  const changes = [
    {
      // Three local days from a midnight in winter to one in summer.
      range: { from: '2026-03-27T23:00:00Z', to: '2026-03-30T22:00:00Z' },
      day: { from: '2026-03-28T23:00:00Z', to: '2026-03-29T22:00:00Z' },
      hours: 23,
    },
    {
      range: { from: '2026-10-23T22:00:00Z', to: '2026-10-26T23:00:00Z' },
      day: { from: '2026-10-24T22:00:00Z', to: '2026-10-25T23:00:00Z' },
      hours: 25,
    },
  ];

  test.each(changes)('answers a local day of $hours hours whole', async ({ range, day, hours }) => {
    const days = await buckets({ ...range, interval: '1d' });
    expect(days.map(({ value }) => value)).toEqual([1_440, hours * 60, 1_440]);
    expect(days.map(({ coverage, flags }) => [coverage, flags])).toEqual(days.map(() => [1, []]));
    expect(days[1]).toMatchObject({
      from: new Date(day.from).toISOString(),
      to: new Date(day.to).toISOString(),
    });
  });

  test.each(changes)('cuts a local day of $hours hours at each of them', async ({ day, hours }) => {
    const inHours = await buckets({ ...day, interval: '1h' });
    expect(inHours.map(({ value }) => value)).toEqual(Array(hours).fill(60));
    const inQuarters = await buckets({ ...day, interval: '15m' });
    expect(inQuarters.map(({ value }) => value)).toEqual(Array(hours * 4).fill(15));
  });

  test.each(changes)(
    'answers days of 24 hours beside $hours for a zone that stands still',
    async ({ day }) => {
      // Midnight in Shanghai is 16:00 UTC.
      const starts = (await buckets({ ...day, interval: '1d', tz: 'Asia/Shanghai' })).map(({ from }) => from);
      const [date = ''] = day.to.split('T');
      expect(starts).toEqual([new Date(day.from).toISOString(), `${date}T16:00:00.000Z`]);
    },
  );

  test('a month with a day of 23 hours holds what its days hold', async () => {
    const whole = { from: '2026-02-28T23:00:00Z', to: '2026-03-31T22:00:00Z' };
    const [month, ...rest] = await buckets({ ...whole, interval: '1mo' });
    const days = await buckets({ ...whole, interval: '1d' });
    expect([rest, days.length]).toEqual([[], 31]);
    const sum = days.reduce((total, { value }) => total + (value ?? 0), 0);
    expect(month).toMatchObject({ value: sum });
    // The month has 743 hours, of which four days are covered.
    expect(month?.coverage).toBeCloseTo(96 / 743, 12);
  });
});
