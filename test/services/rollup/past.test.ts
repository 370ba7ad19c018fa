import { expect, test } from 'vitest';
import { localCalendar } from '#schemas/local-time.ts';
import { runRollup, runTurn } from '#services/rollup/job.ts';
import { takeDirtyOfDay } from '#services/rollup/journal-store.ts';
import { localDay } from '#services/rollup/local-day.ts';
import { startSweep } from '#services/rollup/sweep.ts';
import { telemetry } from '#test/kit/packets.ts';
import { createTestDatabase } from '#test/kit/postgres.ts';
import {
  dayMs,
  hourMs,
  jobDeps,
  minuteMs,
  noonMs,
  openBench,
  timeZone,
  write,
  type Bench,
} from './harness.ts';

/** Readings of the eight first quarters of a day so long ago, older than the horizon. */
const quartersOf = (daysAgo: number, value = 1) =>
  Array.from({ length: 8 }, (_, at) =>
    telemetry('meter', [
      { metric: 'active_power', timeMs: noonMs - daysAgo * dayMs + at * 15 * minuteMs + value, value },
    ]),
  );

async function packedDays({ database }: Bench): Promise<number> {
  const { rows } = await database.pool.query<{ days: number }>(
    'select count(*)::int as days from rollup_15m_day',
  );
  return rows[0]?.days ?? 0;
}

test('runRollup() packs days that are complete while a back-fill still comes in', async () => {
  await using bench = await openBench();
  let daysAgo = 400;
  await write(bench, quartersOf(daysAgo));
  const fence = async () => {
    if ((await packedDays(bench)) > 0) return;
    if (--daysAgo < 340) throw new Error('sixty days came in, and none was packed');
    await write(bench, quartersOf(daysAgo));
  };
  await runRollup(jobDeps(bench.database.pool, bench.clock, { fence }));
  expect(await packedDays(bench)).toBe(400 - daysAgo + 1);
});

test('runTurn() comes to every day, whatever one of them is told meanwhile', async () => {
  await using bench = await openBench();
  await write(bench, [...quartersOf(300), ...quartersOf(20)]);
  const sweep = startSweep();
  let value = 1;
  const fence = async () => {
    if ((await packedDays(bench)) < 2) await write(bench, quartersOf(300, ++value));
  };
  const deps = jobDeps(bench.database.pool, bench.clock, { fence });
  await runTurn(deps, sweep);
  expect(await packedDays(bench)).toBe(2);
  // Nothing that was told is forgotten.
  for (let more = true; more;) ({ more } = await runTurn(deps, sweep));
  const { rows } = await bench.database.pool.query(
    `select sum(count)::int as packed, (select count(*)::int from reading_late) as stored from rollup_1d`,
  );
  expect(rows).toEqual([{ packed: 8 * (value + 1), stored: 8 * (value + 1) }]);
});

test('runTurn() lets no day wait for its seal that late readings have left, and seals none that they still come to', async () => {
  await using bench = await openBench();
  const sweep = startSweep();
  const turn = () => runTurn(jobDeps(bench.database.pool, bench.clock), sweep);
  await write(bench, quartersOf(30));
  expect(await turn()).toMatchObject({ packed: 1, sealed: 0 });
  await bench.clock.advance(10 * minuteMs);
  await write(bench, quartersOf(30, 2));
  expect(await turn()).toMatchObject({ packed: 1, sealed: 0 });
  await bench.clock.advance(16 * minuteMs);
  const sealed = async () => {
    const { rows } = await bench.database.pool.query<{ day: string; version: number }>(
      `select to_char(day, 'YYYY-MM-DD') as day, version from day_close`,
    );
    return rows;
  };
  expect(await sealed()).toEqual([]);
  await turn();
  const day = localCalendar(timeZone).dayOf(noonMs - 30 * dayMs);
  expect(await sealed()).toEqual([{ day, version: 1 }]);
});

test('takeDirtyOfDay() takes the oldest rows of so many cells, and a bare one with all others of its bucket', async () => {
  await using database = await createTestDatabase();
  const day = localDay(localCalendar(timeZone), '2026-03-03');
  const rows: readonly [quarter: number, points: number[] | null][] = [
    [0, [1, 2, 3]],
    [1, [1, 2, 3]],
    [0, [4]],
    [2, null],
    [2, [5]],
    [96, [9]],
  ];
  for (const [quarter, points] of rows) {
    await database.pool.query('insert into dirty_bucket (bucket, point_ids) values ($1, $2)', [
      new Date(day.fromMs + quarter * 15 * minuteMs),
      points,
    ]);
  }
  const take = (mostCells: number, mostRows = 100) =>
    takeDirtyOfDay(database.pool, { ...day, mostCells, mostRows });
  const bucket = (quarter: number) => day.fromMs + quarter * 15 * minuteMs;
  expect(await take(2)).toEqual({ dirty: [{ bucketMs: bucket(0), pointIds: [1, 2, 3] }], isAll: false });
  expect(await take(100, 1)).toEqual({ dirty: [{ bucketMs: bucket(1), pointIds: [1, 2, 3] }], isAll: false });
  expect(await take(4)).toEqual({ dirty: [{ bucketMs: bucket(0), pointIds: [4] }], isAll: false });
  expect(await take(4)).toEqual({ dirty: [{ bucketMs: bucket(2), pointIds: null }], isAll: false });
  expect(await take(4)).toEqual({ dirty: [], isAll: true });
  expect((await database.pool.query('select from dirty_bucket')).rowCount).toBe(1);
});

test('runTurn() computes no days of a counter that late readings still come to', async () => {
  await using bench = await openBench();
  const { pool } = bench.database;
  const { rows } = await pool.query<{ id: number }>(
    `select point_id as id from point where device_id = 'meter' and metric = 'active_energy_import'`,
  );
  bench.harness.directory.add('meter', 'active_energy_import', {
    pointId: rows[0]?.id ?? -1,
    kind: 'counter',
  });
  const register = (daysAgo: number, value: number) =>
    write(bench, [
      telemetry('meter', [
        { metric: 'active_energy_import', timeMs: noonMs - daysAgo * dayMs - hourMs, value },
      ]),
    ]);
  const sweep = startSweep();
  const turn = () => runTurn(jobDeps(pool, bench.clock), sweep);
  const kept = async () => (await pool.query('select from consumption_day')).rowCount;
  for (let daysAgo = 14; daysAgo > 9; daysAgo--) {
    await register(daysAgo, 100 - daysAgo);
    await turn();
  }
  expect(await kept()).toBe(0);
  await bench.clock.advance(3 * minuteMs);
  await turn();
  // Yesterday may still change.
  expect(await kept()).toBe(13);
});
