import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { StoreDialect } from '#infra/migrate.ts';
import { makeKeptPartition, makePartitions } from '#infra/partitions.ts';
import { ParkError } from '#schemas/errors.ts';
import { localCalendar, shiftDay } from '#schemas/local-time.ts';
import { exportBlocks } from '#services/history/export-blocks.ts';
import { refuseBeyondHorizon } from '#services/history/reach.ts';
import { queryReadings, type HistoryQuery } from '#services/history/readings.ts';
import { runRetention, type RetentionDeps } from '#services/retention/job.ts';
import { insertKeep, writeKeptPoints } from '#services/retention/keep-store.ts';
import { batchesOf } from '#services/retention/keep.ts';
import { runRollup } from '#services/rollup/job.ts';
import { readDialect } from '#services/serve/database.ts';
import { telemetry } from '#test/kit/packets.ts';
import { createTestDatabase } from '#test/kit/postgres.ts';
import {
  batches,
  dayMs,
  hourMs,
  jobDeps,
  noonMs,
  openBench,
  timeZone,
  write,
  writeHistory,
  type Bench,
} from '../rollup/harness.ts';

const calendar = localCalendar(timeZone);
/** A local day whose UTC days are dropped when a week has passed: none that is written to now. */
const day = shiftDay(calendar.dayOf(noonMs), -4);
const midnightMs = calendar.startOf(day);
const beyond = { code: 'beyond-horizon' };

function retentionDeps({ database, clock }: Bench, dialect: StoreDialect): RetentionDeps {
  return { ...jobDeps(database.pool, clock), dialect, horizonDays: 7, check: () => Promise.resolve() };
}

async function retain(bench: Bench, more: Partial<RetentionDeps> = {}) {
  const dialect = await readDialect(bench.database.pool);
  return runRetention({ ...retentionDeps(bench, dialect), ...more });
}

const rollup = ({ database, clock }: Bench) => runRollup(jobDeps(database.pool, clock, { quietMs: 0 }));

const keep = (bench: Bench, name: string, days: number | null) =>
  insertKeep(bench.database.pool, { class: name, days, author: 'ann', reason: 'asked' });

const historyDeps = ({ database, clock, harness }: Bench) => ({
  db: database.pool,
  directory: harness.directory,
  clock,
  horizonDays: 7,
  timeZone,
});

const ask = (bench: Bench, points: string[], query: Partial<HistoryQuery> = {}) =>
  queryReadings(historyDeps(bench), {
    points,
    fromMs: midnightMs,
    toMs: midnightMs + dayMs,
    resolution: 'raw',
    ...query,
  });

const power = ['meter.active_power'];
const noise = ['station.noise_leq'];

/** A reading every five minutes, of the meter and of the station. */
async function writeDay(bench: Bench, firstMs = midnightMs) {
  const samples = Array.from({ length: 288 }, (_, at) => ({
    timeMs: firstMs + at * 300_000 + 17_000,
    value: Math.sin(at) * 10,
    quality: at % 7 === 0 ? ('uncertain' as const) : ('good' as const),
  }));
  const of = (metric: string) => samples.map((sample) => ({ ...sample, metric }));
  const received = { receivedAtMs: bench.clock.nowMs() };
  await write(bench, [
    telemetry('meter', of('active_power'), received),
    telemetry('station', of('noise_leq'), received),
  ]);
}

/** Closes what the horizon has passed, and drops it. */
async function closeAndDrop(bench: Bench) {
  await rollup(bench);
  const { closed } = await retain(bench);
  const { dropped } = await retain(bench);
  return { closed, dropped };
}

async function countCopies({ database }: Bench, point: string): Promise<number> {
  const { rows } = await database.pool.query<{ count: number }>(
    `select count(*)::int as count from reading_kept join point using (point_id) where device_id || '.' || metric = $1`,
    [point],
  );
  return rows[0]?.count ?? -1;
}

/** With TimescaleDB most copies are compressed when they go; more than it lets one transaction change unasked. */
async function compressCopies({ database }: Bench) {
  if ((await readDialect(database.pool)) === 'plain') return;
  await database.pool.query(
    `with first as materialized (
       select min(time) as time, point_id from reading_kept join point p using (point_id)
       where p.device_id = 'meter' group by point_id)
     insert into reading_kept select time + n * interval '0.1 s' + interval '1 us', n, point_id, 0
       from first, generate_series(1, 150000) n;
     alter table reading_kept set (timescaledb.compress, timescaledb.compress_segmentby = 'point_id',
       timescaledb.compress_orderby = 'time');
     select compress_chunk(chunk) from show_chunks('reading_kept') chunk`,
  );
}

async function exported(bench: Bench) {
  const deps = historyDeps(bench);
  const point = bench.harness.directory.find('meter', 'active_power');
  const points = point === undefined ? [] : [point];
  const isBeyond = await refuseBeyondHorizon(deps, { points, resolution: 'raw', fromMs: midnightMs });
  const plan = { points, fromMs: midnightMs, toMs: midnightMs + dayMs, resolution: 'raw', isBeyond } as const;
  const blocks = [];
  for await (const block of exportBlocks({ db: bench.database.pool, calendar }, plan)) blocks.push(block);
  return blocks;
}

test('runRetention() keeps raw readings of a class that is kept longer: every question is answered as before', async () => {
  await using bench = await openBench();
  await keep(bench, 'energy-meter', 60);
  await writeDay(bench);
  const all = async () => ({
    raw: await ask(bench, power),
    minutes: await ask(bench, power, { resolution: '1m' }),
    auto: await ask(bench, power, { resolution: 'auto', toMs: midnightMs + hourMs }),
    shape: await ask(bench, power, { lttb: 50 }),
    exported: await exported(bench),
  });
  const before = await all();
  expect(before.raw.series[0]?.t).toHaveLength(288);
  await bench.clock.advance(7 * dayMs);
  await rollup(bench);
  await expect(ask(bench, power)).rejects.toMatchObject(beyond);
  await retain(bench);
  expect(await all()).toEqual(before);
  const { dropped } = await retain(bench);
  expect(dropped.length).toBeGreaterThan(0);
  const { database } = bench;
  const left = await database.pool.query('select from reading where time < $1', [
    new Date(midnightMs + dayMs),
  ]);
  expect(left.rowCount).toBe(0);
  expect(await all()).toEqual(before);
  await expect(ask(bench, noise)).rejects.toMatchObject(beyond);
  await expect(ask(bench, [...power, ...noise])).rejects.toMatchObject(beyond);
  // The day before was closed, too, with nothing in it; what lies before all that was closed is not claimed.
  await expect(ask(bench, power, { fromMs: midnightMs - 30 * dayMs })).rejects.toMatchObject(beyond);
});

test('runRetention() keeps any history of a class bit for bit, whatever came twice, late or corrected', async () => {
  await fc.assert(
    fc.asyncProperty(batches, async (history) => {
      await using bench = await openBench();
      await keep(bench, 'energy-meter', 20);
      await keep(bench, 'environment-station', 30);
      await writeHistory(bench, history, 2);
      const range = { fromMs: noonMs - 4 * dayMs, toMs: noonMs };
      const points = [...power, ...noise, 'station.wind_direction'];
      const [first] = (
        await bench.database.pool.query<{ ms: number }>(
          `select extract(epoch from date_trunc('day', min(time), 'UTC'))::float8 * 1000 as ms from reading`,
        )
      ).rows;
      // Before the first part that was closed nothing is claimed.
      const fromMs = calendar.startOf(shiftDay(calendar.dayOf((first?.ms ?? 0) - 1), 1));
      const answer = () => ask(bench, points, { ...range, fromMs: Math.max(range.fromMs, fromMs) });
      const before = await answer();
      await bench.clock.advance(10 * dayMs);
      await closeAndDrop(bench);
      expect(await answer()).toEqual(before);
    }),
    { numRuns: 8 },
  );
});

test('runRetention() may die before any commit: what is kept is whole, and the next run ends it', async () => {
  await using bench = await openBench();
  await keep(bench, 'energy-meter', 20);
  await keep(bench, 'environment-station', 30);
  await writeDay(bench);
  const before = await ask(bench, [...power, ...noise]);
  await bench.clock.advance(7 * dayMs);
  await rollup(bench);
  let deaths = 0;
  for (let alive = 0; ; alive++) {
    let left = alive;
    const dying = {
      fence: () => (left-- > 0 ? Promise.resolve() : Promise.reject(new Error('died'))),
    };
    const died = await retain(bench, dying).then(
      () => false,
      () => true,
    );
    // All or nothing: part of it is never answered.
    const answer = await ask(bench, [...power, ...noise]).catch((error: unknown) => error);
    if (answer instanceof ParkError) expect(answer).toMatchObject(beyond);
    else expect(answer).toEqual(before);
    if (!died) break;
    deaths++;
  }
  expect(deaths).toBeGreaterThan(2);
  await retain(bench);
  expect(await ask(bench, [...power, ...noise])).toEqual(before);
  expect(await countCopies(bench, 'meter.active_power')).toBe(288);
});

test('runRetention() keeps days that came late, once they are closed, of points whose class is kept longer', async () => {
  await using bench = await openBench();
  await keep(bench, 'energy-meter', 60);
  const at = (offsetMs: number, value: number) => ({ timeMs: midnightMs + offsetMs, value });
  const others = [at(0, 40), at(36 * hourMs, 41)].map((sample) => ({ metric: 'noise_leq', ...sample }));
  await write(bench, [telemetry('station', others)]);
  await bench.clock.advance(14 * dayMs);
  await closeAndDrop(bench);
  const received = { receivedAtMs: bench.clock.nowMs() };
  const late = [at(60_000, 1), at(60_001, 2)].map((sample) => ({ metric: 'active_power', ...sample }));
  await write(bench, [telemetry('meter', late, received)]);
  const answer = await ask(bench, power);
  expect(answer.series[0]?.v).toEqual([1, 2]);
  await rollup(bench);
  await bench.clock.advance(8 * dayMs);
  await bench.database.pool.query(`update late_day set first_at = first_at - interval '30 days'`);
  await rollup(bench);
  await retain(bench);
  const { rowCount } = await bench.database.pool.query('select from reading_late');
  expect(rowCount).toBe(0);
  expect(await ask(bench, power)).toEqual(answer);
});

test('runRetention() lets copies go when their class is kept no longer, each class by its own days', async () => {
  await using bench = await openBench();
  await keep(bench, 'energy-meter', 20);
  await keep(bench, 'environment-station', 60);
  await writeDay(bench);
  await bench.clock.advance(7 * dayMs);
  await closeAndDrop(bench);
  expect(await countCopies(bench, 'meter.active_power')).toBe(288);
  expect(await countCopies(bench, 'station.noise_leq')).toBe(288);
  await compressCopies(bench);
  await bench.clock.advance(20 * dayMs);
  await retain(bench);
  await expect(ask(bench, power)).rejects.toMatchObject(beyond);
  expect((await ask(bench, noise)).series[0]?.t).toHaveLength(288);
  expect(await countCopies(bench, 'meter.active_power')).toBe(0);
  // What is gone is not claimed again.
  await keep(bench, 'energy-meter', 60);
  await retain(bench);
  await expect(ask(bench, power)).rejects.toMatchObject(beyond);
  await keep(bench, 'environment-station', null);
  await expect(ask(bench, noise)).rejects.toMatchObject(beyond);
  await retain(bench);
  expect(await countCopies(bench, 'station.noise_leq')).toBe(0);
  await keep(bench, 'energy-meter', null);
  await retain(bench);
  const { rowCount } = await bench.database.pool.query('select from raw_kept_point');
  expect(rowCount).toBe(0);
});

test('runRetention() drops whole parts of copies that no class keeps', async () => {
  await using bench = await openBench();
  await keep(bench, 'energy-meter', 20);
  await writeDay(bench);
  await bench.clock.advance(7 * dayMs);
  await closeAndDrop(bench);
  await bench.clock.advance(40 * dayMs);
  const dialect = await readDialect(bench.database.pool);
  if (dialect === 'plain') await makePartitions(bench.database.pool, [bench.clock.nowMs()]);
  const sample = { metric: 'active_power', timeMs: bench.clock.nowMs(), value: 1 };
  await write(bench, [telemetry('meter', [sample])]);
  await bench.clock.advance(10 * dayMs);
  await rollup(bench);
  const { dropped } = await retain(bench);
  expect(dropped.some((name) => name.includes('kept') || name.includes('hyper'))).toBe(true);
  expect(await countCopies(bench, 'meter.active_power')).toBe(1);
});

test('runRetention() claims nothing of a point that was of another class when its days were closed', async () => {
  await using bench = await openBench();
  await keep(bench, 'energy-meter', 60);
  await writeDay(bench);
  await writeDay(bench, midnightMs + 3 * dayMs);
  const { pool } = bench.database;
  let changes = 0;
  const become = async (name: string) => {
    const at = new Date(Date.parse('2020-06-01T00:00:00Z') + changes++ * dayMs);
    await pool.query(`update device set valid_to = $1 where id = 'meter' and valid_to = 'infinity'`, [at]);
    await pool.query(`insert into device (id, valid_from, class, name) values ('meter', $2, $1, 'meter')`, [
      name,
      at,
    ]);
  };
  await bench.clock.advance(4 * dayMs + 4 * hourMs);
  await closeAndDrop(bench);
  expect(await countCopies(bench, 'meter.active_power')).toBeGreaterThan(0);
  // An import may say that it has been so for years.
  await become('pv-inverter');
  await bench.clock.advance(2 * dayMs);
  await closeAndDrop(bench);
  await become('energy-meter');
  await expect(ask(bench, power)).rejects.toMatchObject(beyond);
  await bench.clock.advance(3 * dayMs);
  await closeAndDrop(bench);
  await expect(ask(bench, power)).rejects.toMatchObject(beyond);
  const whole = { fromMs: midnightMs + 3 * dayMs, toMs: midnightMs + 4 * dayMs };
  expect((await ask(bench, power, whole)).series[0]?.t).toHaveLength(288);
});

test('writeKeptPoints() claims a point since the first part of an unbroken run of parts it was copied in', async () => {
  await using database = await createTestDatabase();
  const db = database.pool;
  const keptAt = (pointIds: number[], date: number) =>
    writeKeptPoints(db, { pointIds, fromMs: Date.UTC(2026, 0, date) });
  await keptAt([1, 2], 1);
  await keptAt([2, 3], 2);
  await keptAt([1, 2], 3);
  const { rows } = await db.query(
    `select point_id as id, to_char(whole_from at time zone 'UTC', 'DD') as day from raw_kept_point
     where isfinite(whole_from) order by 1`,
  );
  expect(rows).toEqual([
    { id: 1, day: '03' },
    { id: 2, day: '01' },
  ]);
});

test('makeKeptPartition() makes a month once, and ends what was left half made', async ({ skip }) => {
  await using database = await createTestDatabase();
  const db = database.pool;
  skip((await readDialect(db)) === 'timescale', 'chunks are made by themselves');
  const [lastMs, firstMs] = [Date.UTC(2026, 11, 31, 23, 59, 59, 999), Date.UTC(2027, 0, 1)];
  await db.query('create table reading_kept_202612 (like reading_kept including all)');
  expect(await makeKeptPartition(db, lastMs)).toBe('reading_kept_202612');
  expect(await makeKeptPartition(db, lastMs)).toBe('reading_kept_202612');
  expect(await makeKeptPartition(db, firstMs)).toBe('reading_kept_202701');
  await db.query('insert into reading_kept select t, 1, 1, 0 from unnest($1::timestamptz[]) t', [
    [new Date(Date.UTC(2026, 11, 1)), new Date(lastMs), new Date(firstMs)],
  ]);
  const { rows } = await db.query('select tableoid::regclass::text as name from reading_kept order by time');
  expect(rows.map(({ name }) => name as string)).toEqual([
    'reading_kept_202612',
    'reading_kept_202612',
    'reading_kept_202701',
  ]);
});

test('batchesOf() cuts by readings and by points', () => {
  expect(batchesOf([])).toEqual([]);
  const counts = [150_000, 50_000, 1, 900_000, 5].map((count, pointId) => ({ pointId, count }));
  expect(batchesOf(counts)).toEqual([[0, 1], [2], [3], [4]]);
  const many = Array.from({ length: 2_500 }, (_, pointId) => ({ pointId, count: 1 }));
  expect(batchesOf(many).map((batch) => batch.length)).toEqual([1_000, 1_000, 500]);
});
