import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '#infra/postgres.ts';
import { localCalendar } from '#schemas/local-time.ts';
import type { PointInfo } from '#schemas/registry.ts';
import { runRollup } from '#services/rollup/job.ts';
import { requestRebuild } from '#services/rollup/rebuild.ts';
import { fakeClock, type FakeClock } from '#test/kit/clock.ts';
import { fakeDirectory } from '#test/kit/directory.ts';
import { telemetry } from '#test/kit/packets.ts';
import { insertDevices } from '#test/kit/park-rows.ts';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';
import { startHarness, type WriterHarness } from '../ingest/harness.ts';
import { dayMs, derivedRows, hourMs, jobDeps, minuteMs, timeZone } from './harness.ts';

/** The partitions of a test database stand around today. */
const noonMs = Math.floor(Date.now() / dayMs) * dayMs + 4 * hourMs;
const calendar = localCalendar(timeZone);
const metrics = [
  ['meter', 'active_power'],
  ['station', 'noise_leq'],
  ['station', 'wind_direction'],
] as const;

interface Bench extends AsyncDisposable {
  readonly database: TestDatabase;
  readonly clock: FakeClock;
  readonly harness: WriterHarness;
}

/** Points with the classes' means, known to the writer by their numbers in the store. */
async function openBench(): Promise<Bench> {
  await using parts = new AsyncDisposableStack();
  const database = parts.use(await createTestDatabase());
  const clock = fakeClock(noonMs);
  const directory = fakeDirectory();
  await insertDevices(database.pool, [
    { id: 'meter', class: 'energy-meter', from: '2020-01-01T00:00:00Z' },
    { id: 'station', class: 'environment-station', from: '2020-01-01T00:00:00Z' },
  ]);
  for (const [device, metric] of metrics) {
    const { rows } = await database.pool.query<{ id: number }>(
      'select point_id as id from point where device_id = $1 and metric = $2',
      [device, metric],
    );
    directory.add(device, metric, { pointId: rows[0]?.id ?? -1 });
  }
  const harness = parts.use(await startHarness(database.url, { directory, clock, horizonDays: 7 }));
  const running = parts.move();
  return { database, clock, harness, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

/** Lets the writer's linger pass on the clock that stands still. */
async function write({ harness, clock }: Bench, packets: readonly ReturnType<typeof telemetry>[]) {
  const written = Promise.all(packets.map((packet) => harness.writer.write(packet)));
  await clock.advance(5);
  await written;
}

describe('runRollup()', () => {
  test('runRollup() makes cells of closed buckets and leaves the running one to its journal row', async () => {
    await using bench = await openBench();
    const power = bench.harness.directory.find('meter', 'active_power') as PointInfo;
    const at = (offsetMs: number, value: number, quality: 'good' | 'uncertain' | 'bad' = 'good') =>
      telemetry('meter', [{ metric: 'active_power', timeMs: noonMs + offsetMs, value, quality }]);
    await write(bench, [
      at(-hourMs, 1),
      at(-hourMs + 1_000, 5, 'uncertain'),
      at(-hourMs + 2_000.5, 900, 'bad'),
      at(0, 7),
    ]);
    const deps = jobDeps(bench.database.pool, bench.clock);
    expect(await runRollup(deps)).toEqual({ buckets: 1, packed: 0 });
    const { rows } = await bench.database.pool.query('select * from rollup_15m');
    expect(rows).toEqual([
      {
        bucket: new Date(noonMs - hourMs),
        point_id: power.pointId,
        count: 3,
        good: 1,
        summed: 2,
        min: 1,
        max: 5,
        sum: 6,
        sum_cos: null,
        first: 1,
        last: 5,
        first_us: 0,
        last_us: 1_000_000,
        quality: 2,
      },
    ]);
    const journal = await bench.database.pool.query('select bucket, point_ids from dirty_bucket');
    expect(journal.rows).toEqual([{ bucket: new Date(noonMs), point_ids: null }]);
    await bench.clock.advance(16 * minuteMs);
    expect(await runRollup(deps)).toMatchObject({ buckets: 1 });
    expect((await bench.database.pool.query('select from dirty_bucket')).rowCount).toBe(0);
  });

  test('runRollup() keeps what was committed while it ran for its next run', async () => {
    await using bench = await openBench();
    const late = (value: number) =>
      telemetry('meter', [{ metric: 'active_power', timeMs: noonMs - hourMs + value, value }]);
    await write(bench, [late(1)]);
    let between = true;
    const fence = async () => {
      if (!between) return;
      between = false;
      await write(bench, [late(2)]);
    };
    const deps = jobDeps(bench.database.pool, bench.clock, { fence });
    expect(await runRollup(deps)).toMatchObject({ buckets: 1 });
    expect(await runRollup(deps)).toMatchObject({ buckets: 1 });
    const { rows } = await bench.database.pool.query<{ count: number }>('select count from rollup_15m');
    expect(rows).toEqual([{ count: 2 }]);
  });

  test('runRollup() changes nothing when its lease is lost', async () => {
    await using bench = await openBench();
    await write(bench, [telemetry('meter', [{ metric: 'active_power', timeMs: noonMs - hourMs, value: 1 }])]);
    const lost = jobDeps(bench.database.pool, bench.clock, {
      fence: () => Promise.reject(new Error('the lease is lost')),
    });
    await expect(runRollup(lost)).rejects.toThrow('the lease is lost');
    expect((await bench.database.pool.query('select from dirty_bucket')).rowCount).toBe(1);
    expect((await bench.database.pool.query('select from rollup_15m')).rowCount).toBe(0);
  });
});

/** One sample of a history: which point, when (ms before noon), what. */
interface Step {
  readonly point: number;
  readonly agoMs: number;
  readonly value: number;
  readonly quality: 'good' | 'uncertain' | 'bad';
}

const step = fc.record<Step>({
  point: fc.nat({ max: metrics.length - 1 }),
  // Few times, so that repeats and corrections meet; three local days and the bucket that runs.
  agoMs: fc.oneof(
    fc.nat({ max: 40 }).map((n) => n * 7 * minuteMs),
    fc.nat({ max: 12 }).map((n) => n * 5.5 * hourMs),
    fc.nat({ max: 5 }).map((n) => n * 1_000),
  ),
  value: fc.oneof(fc.integer({ min: 0, max: 90 }), fc.double({ min: 0, max: 90, noNaN: true })),
  quality: fc.constantFrom('good', 'good', 'good', 'uncertain', 'bad'),
});
const batches = fc.array(fc.array(step, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 8 });

describe('derived rows', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench[Symbol.asyncDispose]());

  test('derived rows equal a rebuild from raw after any late, repeated and corrected batches', async () => {
    const db = bench.database.pool;
    await fc.assert(
      fc.asyncProperty(batches, fc.nat({ max: 3 }), async (history, runEvery) => {
        await writeHistory(bench, history, runEvery);
        await runRollup(jobDeps(db, bench.clock));
        const derived = await derivedRows(db);
        expect(derived['rollup_15m_day']).toHaveLength(derived['rollup_1d']?.length ?? -1);
        await expectSums(db);
        await rebuildAll(bench);
        expect(await derivedRows(db)).toEqual(derived);
      }),
      { numRuns: 25 },
    );
  });
});

async function writeHistory(bench: Bench, history: readonly (readonly Step[])[], runEvery: number) {
  for (const [index, batch] of history.entries()) {
    const packets = batch.map(({ point, agoMs, value, quality }) => {
      const [device, metric] = metrics[point] ?? metrics[0];
      return telemetry(device, [{ metric, timeMs: bench.clock.nowMs() - agoMs, value, quality }]);
    });
    await write(bench, packets);
    if (runEvery > 0 && index % runEvery === 0) await runRollup(jobDeps(bench.database.pool, bench.clock));
  }
}

async function rebuildAll({ database, clock }: Bench) {
  const deps = { db: database.pool, clock, calendar, horizonDays: 7 };
  const nowMs = clock.nowMs();
  await requestRebuild(deps, { from: calendar.dayOf(nowMs - 5 * dayMs), to: calendar.dayOf(nowMs) });
  await runRollup(jobDeps(database.pool, clock));
}

/** Counts and extremes against the raw table, by another way than the job's. */
async function expectSums(db: Database) {
  const { rows } = await db.query<{ point: number; day: string; count: number; low: number; high: number }>(
    `select point_id as point, to_char(time at time zone '${timeZone}', 'YYYY-MM-DD') as day, count(*)::int as count,
       min(value) filter (where quality < 2) as low, max(value) filter (where quality < 2) as high
     from reading group by 1, 2 order by 1, 2`,
  );
  const today = calendar.dayOf(noonMs);
  const { rows: days } = await db.query(
    `select point_id as point, to_char(day, 'YYYY-MM-DD') as day, count, min as low, max as high
     from rollup_1d order by 1, 2`,
  );
  expect(days).toEqual(rows.filter(({ day }) => day < today));
}
