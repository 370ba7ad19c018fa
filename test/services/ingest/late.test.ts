import fc from 'fast-check';
import { expect, test } from 'vitest';
import { localCalendar, shiftDay } from '#schemas/local-time.ts';
import type { PointInfo } from '#schemas/registry.ts';
import { readConsumption, readKeptConsumption } from '#services/consumption/consumption.ts';
import { queryReadings } from '#services/history/readings.ts';
import { waitingValues } from '#services/ingest/ledger.ts';
import { runRetention } from '#services/retention/job.ts';
import { quarterMs } from '#services/rollup/buckets.ts';
import { runRollup } from '#services/rollup/job.ts';
import { readDialect } from '#services/serve/database.ts';
import { telemetry } from '#test/kit/packets.ts';
import { insertDevices } from '#test/kit/park-rows.ts';
import {
  dayMs,
  derivedRows,
  jobDeps,
  noonMs,
  openBench,
  timeZone,
  write,
  type Bench,
} from '../rollup/harness.ts';
import { storedLedger } from './harness.ts';

const calendar = localCalendar(timeZone);
/** The local day that some points say nothing of in time, and its neighbours. */
const day = shiftDay(calendar.dayOf(noonMs), -4);
const midnightMs = calendar.startOf(day);

interface Sample {
  readonly device: string;
  readonly metric: string;
  readonly timeMs: number;
  readonly value: number;
  readonly quality: 'good' | 'uncertain' | 'bad';
}

interface Park {
  readonly bench: Bench;
  readonly counter: PointInfo;
}

async function openPark(): Promise<Park & AsyncDisposable> {
  await using parts = new AsyncDisposableStack();
  const bench = parts.use(await openBench());
  const { pool } = bench.database;
  await insertDevices(pool, [{ id: 'lift', class: 'elevator', from: '2020-01-01T00:00:00Z' }]);
  const { rows } = await pool.query<{ id: number; device: string; metric: string; states: number }>(
    `select point_id as id, device_id as device, metric from point
     where (device_id, metric) in (('meter', 'active_energy_import'), ('lift', 'door'))`,
  );
  for (const { id, device, metric } of rows) {
    const kind = metric === 'door' ? 'state' : 'counter';
    bench.harness.directory.add(device, metric, { pointId: id, kind, states: ['closed', 'open', 'blocked'] });
  }
  const counter = bench.harness.directory.find('meter', 'active_energy_import');
  if (counter === undefined) throw new Error('the counter is missing');
  const running = parts.move();
  return { bench, counter, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

async function send({ bench }: Park, samples: readonly Sample[]): Promise<void> {
  await write(
    bench,
    samples.map(({ device, ...sample }) => telemetry(device, [sample])),
  );
}

const rollup = ({ bench }: Park) => runRollup(jobDeps(bench.database.pool, bench.clock, { quietMs: 0 }));

async function retain({ bench }: Park): Promise<void> {
  const { pool } = bench.database;
  const dialect = await readDialect(pool);
  const check = () => Promise.resolve();
  await runRetention({ ...jobDeps(pool, bench.clock), dialect, horizonDays: 7, check });
}

/** Quarters of the days around, in order. */
const quarters = Array.from({ length: 3 * 96 }, (_, at) => ({
  fromUs: (midnightMs - dayMs + at * quarterMs) * 1_000,
  toUs: (midnightMs - dayMs + (at + 1) * quarterMs) * 1_000,
}));

async function consumptionOf({ bench, counter }: Park) {
  return (await readConsumption(bench.database.pool, { points: [counter], intervals: quarters })).get(
    counter.pointId,
  );
}

async function factsOf(park: Park) {
  return { ...(await derivedRows(park.bench.database.pool)), consumption: await consumptionOf(park) };
}

const quality = fc.constantFrom('good', 'good', 'good', 'uncertain', 'bad');
const time = fc.nat({ max: 280 }).map((n) => midnightMs + n * 307_000);
const sampleOf = (device: string, metric: string, value: fc.Arbitrary<number>) =>
  fc.record<Sample>({
    device: fc.constant(device),
    metric: fc.constant(metric),
    timeMs: time,
    value,
    quality,
  });
/** One value a key: what is repeated is repeated as it was. */
const dayOfAll = fc.uniqueArray(
  fc.oneof(
    sampleOf('meter', 'active_power', fc.double({ min: 0, max: 90, noNaN: true })),
    sampleOf('station', 'wind_direction', fc.integer({ min: 0, max: 359 })),
    sampleOf('station', 'noise_leq', fc.double({ min: 20, max: 120, noNaN: true })),
    sampleOf('lift', 'door', fc.nat({ max: 2 })),
  ),
  { minLength: 1, maxLength: 30, selector: ({ metric, timeMs }) => `${metric} ${timeMs}` },
);
/** Steps of a register: mostly forward, now and then none, back a little, or from zero. */
const register = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.constantFrom(0, 0.25, 1.5, 3, -0.25, -900), quality), {
    maxLength: 60,
  })
  .map((steps) => {
    let [timeMs, value] = [midnightMs + 17_000, 1_000];
    return steps.flatMap(([minutes, step, of]): Sample[] => {
      timeMs += minutes * 60_000;
      value = Math.max(0, value + step);
      if (timeMs >= midnightMs + dayMs) return [];
      return [{ device: 'meter', metric: 'active_energy_import', timeMs, value, quality: of }];
    });
  });
const neighbours: readonly Sample[] = [-600, -301, -7, 1_441, 1_600, 2_000].flatMap((minutes) =>
  [
    ['meter', 'active_energy_import', 990 + minutes / 100],
    ['meter', 'active_power', 5],
  ].map(([device, metric, value]) => ({
    device: String(device),
    metric: String(metric),
    timeMs: midnightMs + minutes * 60_000,
    value: Number(value),
    quality: 'good' as const,
  })),
);

test('readings of a day that was empty, when they are older than the horizon, give what they would have given in time', async () => {
  const history = fc.tuple(dayOfAll, register).chain(([some, counted]) => {
    const samples = [...some, ...counted];
    const repeats = fc.array(fc.constantFrom(...samples), { maxLength: 20 });
    return fc.record({
      samples: fc.constant(samples),
      arrival: repeats.chain((again) =>
        fc.shuffledSubarray([...samples, ...again], { minLength: samples.length + again.length }),
      ),
    });
  });
  await fc.assert(
    fc.asyncProperty(history, async ({ samples, arrival }) => {
      await using early = await openPark();
      await using late = await openPark();
      for (const park of [early, late]) await send(park, neighbours);
      await send(early, samples);
      for (const park of [early, late]) {
        await park.bench.clock.advance(14 * dayMs);
        await rollup(park);
      }
      // What was received is closed to knots and dropped; the day in between is not there yet.
      await retain(late);
      await retain(late);
      for (let at = 0; at < arrival.length; at += 17) {
        await send(late, arrival.slice(at, at + 17));
        if (at % 3 === 0) await rollup(late);
      }
      await rollup(late);
      const expected = await factsOf(early);
      expect(await factsOf(late)).toEqual(expected);
      const ledger = (await storedLedger(late.bench.database.pool)).bySource.values().toArray();
      const duplicates = ledger.reduce((sum, tally) => sum + tally.valuesDuplicate, 0);
      expect(duplicates).toBe(arrival.length - samples.length);
      expect(ledger.map(waitingValues)).toEqual(ledger.map(() => 0));

      // One horizon later the day is closed: the readings go, and nothing changes.
      await retain(late);
      const { rowCount } = await late.bench.database.pool.query('select from reading_late');
      expect(rowCount).toBe(0);
      expect(await factsOf(late)).toEqual(expected);
    }),
    { numRuns: 6, endOnFailure: true },
  );
});

test('what comes of a day that was received and is closed: counters enter the knots, all else is refused and listed', async () => {
  await using park = await openPark();
  const { pool } = park.bench.database;
  const at = (minutes: number, value: number, metric = 'active_energy_import'): Sample => ({
    device: 'meter',
    metric,
    timeMs: midnightMs + minutes * 60_000,
    value,
    quality: 'good',
  });
  await send(park, [at(0, 1_000), at(60, 1_006), at(600, 1_060), at(660, 1_066), at(30, 4, 'active_power')]);
  await park.bench.clock.advance(14 * dayMs);
  await rollup(park);
  await retain(park);
  await retain(park);
  const before = await factsOf(park);
  await send(park, [at(60, 1_006), at(31, 4, 'active_power')]);
  await rollup(park);
  expect(await factsOf(park)).toEqual(before);

  await send(park, [at(300, 1_010)]);
  await send(park, [at(300, 1_010)]);
  await send(park, [at(300, 1_011)]);
  const intervals = [{ fromUs: midnightMs * 1_000, toUs: (midnightMs + dayMs) * 1_000 }];
  const kept = async () =>
    (await readKeptConsumption(pool, { points: [park.counter], intervals, calendar })).get(
      park.counter.pointId,
    );
  const whole = await kept();
  await rollup(park);
  expect((await kept())?.[0]?.value).toBe(whole?.[0]?.value);
  const quarter = (await consumptionOf(park))?.find(
    ({ fromUs }) => fromUs === (midnightMs + 240 * 60_000) * 1_000,
  );
  expect(quarter?.value).toBeCloseTo((4 / 240) * 15, 9);
  const { rows: causes } = await pool.query('select distinct cause from consumption_change');
  expect(causes).toEqual([{ cause: 'late-book' }]);
  const { rows } = await pool.query('select outcome, metrics, value_count from late_entry order by id');
  expect(rows).toEqual([
    { outcome: 'refused', metrics: ['active_power'], value_count: 1 },
    { outcome: 'register', metrics: ['active_energy_import'], value_count: 1 },
    { outcome: 'refused', metrics: ['active_energy_import'], value_count: 1 },
  ]);
  const { rows: booked } = await pool.query(
    `select metrics from rejection where reason = 'older-than-horizon' order by id`,
  );
  expect(booked).toEqual([{ metrics: ['active_power'] }, { metrics: ['active_energy_import'] }]);
});

test('queryReadings() answers raw readings of such days until they are closed, and of no other day beyond the horizon', async () => {
  await using park = await openPark();
  const { bench } = park;
  const { database, clock, harness } = bench;
  await send(park, neighbours);
  await clock.advance(14 * dayMs);
  await rollup(park);
  await retain(park);
  await retain(park);
  const timeMs = midnightMs + 60_000;
  await send(park, [
    { device: 'meter', metric: 'active_power', timeMs: timeMs + 1, value: 2, quality: 'uncertain' },
    { device: 'meter', metric: 'active_power', timeMs, value: 1, quality: 'good' },
  ]);
  const { directory } = harness;
  const raw = (points: string[], fromMs: number) =>
    queryReadings(
      { db: database.pool, directory, clock, horizonDays: 7, timeZone },
      { points, fromMs, toMs: midnightMs + dayMs, resolution: 'raw' },
    );
  const beyond = { code: 'beyond-horizon' };
  expect(await raw(['meter.active_power'], midnightMs)).toMatchObject({
    resolution: 'raw',
    series: [{ t: [timeMs, timeMs + 1], v: [1, 2], q: [0, 1] }],
  });
  await expect(raw(['meter.active_power'], midnightMs - 1)).rejects.toMatchObject(beyond);
  await expect(raw(['meter.active_power', 'lift.door'], midnightMs)).rejects.toMatchObject(beyond);
  await rollup(park);
  await retain(park);
  await expect(raw(['meter.active_power'], midnightMs)).rejects.toMatchObject(beyond);
});
