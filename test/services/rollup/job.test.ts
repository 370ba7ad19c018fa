import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '#infra/postgres.ts';
import { localCalendar, shiftDay } from '#schemas/local-time.ts';
import type { PointInfo } from '#schemas/registry.ts';
import { runRollup } from '#services/rollup/job.ts';
import { journalRange } from '#services/rollup/journal-store.ts';
import { requestRebuild } from '#services/rollup/rebuild.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { telemetry } from '#test/kit/packets.ts';
import { coverReadings, insertDevices, insertReadings } from '#test/kit/park-rows.ts';
import { createTestDatabase } from '#test/kit/postgres.ts';
import {
  batches,
  dayMs,
  derivedRows,
  hourMs,
  jobDeps,
  minuteMs,
  noonMs,
  openBench,
  timeZone,
  write,
  writeHistory,
  type Bench,
} from './harness.ts';

const calendar = localCalendar(timeZone);

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
    expect(await runRollup(deps)).toMatchObject({ buckets: 1, packed: 0 });
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

describe.each([
  ['2026-03-29', 92],
  ['2026-10-25', 100],
  ['2026-06-01', 96],
])('the local day %s', (day, places) => {
  test(`runRollup() packs its ${places} buckets`, async () => {
    await using database = await createTestDatabase();
    const berlin = localCalendar('Europe/Berlin');
    const [fromMs, toMs] = [berlin.startOf(day), berlin.startOf(shiftDay(day, 1))];
    const range = { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
    await insertDevices(database.pool, [
      { id: 'meter', class: 'energy-meter', from: '2020-01-01T00:00:00Z' },
    ]);
    await coverReadings(database.pool, { from: shiftDay(day, -1), to: shiftDay(day, 1) });
    const series = { device: 'meter', metric: 'active_power', everyS: 300, ...range };
    await insertReadings(database.pool, series);
    await journalRange(database.pool, { fromMs, toMs });
    await runRollup(jobDeps(database.pool, fakeClock(toMs + dayMs), { calendar: berlin }));
    const { rows } = await database.pool.query(
      `select to_char(day, 'YYYY-MM-DD') as day, cardinality(count) as places, count[1], count[cardinality(count)] as last
       from rollup_15m_day`,
    );
    expect(rows).toEqual([{ day, places, count: 3, last: 3 }]);
    const days = await database.pool.query('select count, sum, first_time, last_time from rollup_1d');
    const last = new Date(toMs - 300_000);
    expect(days.rows).toEqual([
      { count: places * 3, sum: places * 3, first_time: new Date(fromMs), last_time: last },
    ]);
  });
});

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
      { numRuns: 15 },
    );
  });
});

async function rebuildAll({ database, clock }: Bench) {
  const deps = { db: database.pool, clock, calendar, horizonDays: 7 };
  const nowMs = clock.nowMs();
  await database.pool.query('truncate point_day, state_span, day_close');
  await requestRebuild(deps, { from: calendar.dayOf(nowMs - 3 * dayMs), to: calendar.dayOf(nowMs) });
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
