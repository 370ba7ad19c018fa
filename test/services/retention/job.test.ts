import { expect, test } from 'vitest';
import { silentLog } from '#infra/log.ts';
import type { StoreDialect } from '#infra/migrate.ts';
import { createPool } from '#infra/postgres.ts';
import { localCalendar, shiftDay } from '#schemas/local-time.ts';
import { readConsumption } from '#services/consumption/consumption.ts';
import { queryLatest, queryReadings } from '#services/history/readings.ts';
import { runRetention, type RetentionDeps } from '#services/retention/job.ts';
import { quarterMs } from '#services/rollup/buckets.ts';
import { runRollup } from '#services/rollup/job.ts';
import { readDialect } from '#services/serve/database.ts';
import { fakeDirectory } from '#test/kit/directory.ts';
import { telemetry } from '#test/kit/packets.ts';
import { startHarness } from '../ingest/harness.ts';
import { dayMs, hourMs, jobDeps, noonMs, openBench, timeZone, write, type Bench } from '../rollup/harness.ts';

const calendar = localCalendar(timeZone);
/** A local day whose UTC days are dropped when a week has passed: none that is written to now. */
const day = shiftDay(calendar.dayOf(noonMs), -4);
const midnightMs = calendar.startOf(day);

function retentionDeps({ database, clock }: Bench, dialect: StoreDialect): RetentionDeps {
  return { ...jobDeps(database.pool, clock), dialect, horizonDays: 7, check: () => Promise.resolve() };
}

/** A day of a register with a reset and a spike, and of a gauge. */
async function writeDay(bench: Bench) {
  const { rows } = await bench.database.pool.query<{ id: number }>(
    `select point_id as id from point where device_id = 'meter' and metric = 'active_energy_import'`,
  );
  bench.harness.directory.add('meter', 'active_energy_import', {
    pointId: rows[0]?.id ?? -1,
    kind: 'counter',
  });
  const samples = Array.from({ length: 288 }, (_, at) => ({
    timeMs: midnightMs + at * 300_000 + 17_000,
    value: at === 100 ? 9e6 : at < 200 ? 1_000 + at * 0.75 : at * 0.25,
  }));
  for (const metric of ['active_energy_import', 'active_power']) {
    await write(bench, [
      telemetry(
        'meter',
        samples.map((sample) => ({ ...sample, metric })),
      ),
    ]);
  }
}

test('runRetention() drops raw readings and nothing that is answered from them, while others write', async () => {
  await using bench = await openBench();
  const db = bench.database.pool;
  const dialect = await readDialect(db);
  await writeDay(bench);
  await bench.clock.advance(7 * dayMs);
  await runRollup(jobDeps(db, bench.clock));
  const counter = bench.harness.directory.find('meter', 'active_energy_import');
  if (counter === undefined) throw new Error('the counter is missing');
  const intervals = Array.from({ length: 96 }, (_, at) => ({
    fromUs: (midnightMs + at * quarterMs) * 1_000,
    toUs: (midnightMs + (at + 1) * quarterMs) * 1_000,
  }));
  const ask = async () => ({
    consumption: await readConsumption(db, { points: [counter], intervals }),
    readings: await queryReadings(
      { db, directory: bench.harness.directory, clock: bench.clock, horizonDays: 7, timeZone },
      { points: ['meter.active_power'], fromMs: midnightMs, toMs: midnightMs + dayMs, resolution: '15m' },
    ),
  });
  const latest = async () =>
    queryLatest({ db, clock: bench.clock, latest: { of: () => undefined } }, [counter]);
  const before = await ask();
  const newest = await latest();
  expect(newest).toHaveLength(1);

  await using other = await startHarness(bench.database.url, { directory: fakeDirectory() });
  other.directory.add('other', 'power', { pointId: 900 });
  let written = 0;
  const others = new AbortController();
  const writing = (async () => {
    while (!others.signal.aborted) {
      await other.writer.write(
        telemetry('other', [{ metric: 'power', timeMs: Date.now() + written / 1_000, value: written }]),
      );
      written++;
    }
  })();
  const closed = await runRetention(retentionDeps(bench, dialect));
  expect(closed.dropped).toEqual([]);
  expect(closed.closed.length).toBeGreaterThan(0);
  expect(await ask()).toEqual(before);
  const { dropped } = await runRetention(retentionDeps(bench, dialect));
  others.abort();
  await writing;
  expect(dropped.length).toBeGreaterThan(0);
  expect(written).toBeGreaterThan(0);
  expect(other.writer.status().lanes.map((lane) => lane.failure)).toEqual([null, null]);
  const left = await db.query('select from reading where time < $1', [new Date(midnightMs + dayMs)]);
  expect(left.rowCount).toBe(0);
  expect(await ask()).toEqual(before);
  expect(await latest()).toEqual(newest);
});

test('runRetention() keeps raw readings of a day that is not closed, or that changed', async () => {
  await using bench = await openBench();
  const db = bench.database.pool;
  const deps = retentionDeps(bench, await readDialect(db));
  await writeDay(bench);
  await bench.clock.advance(7 * dayMs);
  const rest = async () =>
    (await db.query('select from raw_kept where since > $1', [new Date(midnightMs)])).rowCount;
  await runRetention(deps);
  expect(await rest()).toBe(0);
  await runRollup(jobDeps(db, bench.clock));
  await db.query('update day_close set changed_at = now()');
  await runRetention(deps);
  expect(await rest()).toBe(0);
  await db.query('update day_close set changed_at = null');
  await runRetention(deps);
  expect(await rest()).toBe(1);
});

test('runRetention() gives up a lock soon, writes nothing twice, and ends what it began the next time', async ({
  skip,
}) => {
  await using bench = await openBench();
  const db = bench.database.pool;
  const dialect = await readDialect(db);
  skip(dialect === 'timescale', 'only partitions are detached');
  await bench.clock.advance(7 * dayMs);
  const deps = retentionDeps(bench, dialect);
  const { closed } = await runRetention(deps);
  const [oldest = ''] = closed;
  const reader = createPool({ url: bench.database.url, max: 1, name: 'reader', log: silentLog() });
  const held = await reader.connect();
  await held.query('begin');
  await held.query(`select from ${oldest} limit 1`);
  await expect(runRetention(deps)).rejects.toMatchObject({ code: '55P03' });
  // Whoever writes meanwhile is not kept waiting.
  await write(bench, [
    telemetry('meter', [{ metric: 'active_power', timeMs: noonMs + hourMs, value: 1 }], {
      receivedAtMs: bench.clock.nowMs(),
    }),
  ]);
  await held.query('commit');
  held.release();
  await reader.end();
  const { dropped } = await runRetention(deps);
  expect(dropped).toContain(oldest);
  const pending = await db.query('select from pg_inherits where inhdetachpending');
  expect(pending.rowCount).toBe(0);
});

test('runRetention() compresses chunks, and late, repeated and corrected data still go into them', async ({
  skip,
}) => {
  await using bench = await openBench();
  const db = bench.database.pool;
  const dialect = await readDialect(db);
  skip(dialect === 'plain', 'only TimescaleDB compresses');
  await writeDay(bench);
  const compressed = async () => {
    const { rowCount } = await db.query(
      `select from timescaledb_information.chunks where hypertable_name = 'reading' and is_compressed`,
    );
    return rowCount ?? 0;
  };
  await runRetention(retentionDeps(bench, dialect));
  expect(await compressed()).toBeGreaterThan(0);
  const at = (offsetMs: number, value: number) => ({
    metric: 'active_power',
    timeMs: midnightMs + offsetMs,
    value,
  });
  const received = { receivedAtMs: bench.clock.nowMs() };
  await write(bench, [telemetry('meter', [at(17_000, 1_000), at(17_000, 5), at(20_000, 6)], received)]);
  const { rows } = await db.query(
    `select value from reading where time >= $1 and time < $1::timestamptz + interval '1 minute' and point_id = $2`,
    [new Date(midnightMs), bench.harness.directory.find('meter', 'active_power')?.pointId],
  );
  expect(rows.map(({ value }) => value as number).toSorted((a, b) => a - b)).toEqual([5, 6]);
});
