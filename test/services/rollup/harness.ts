import fc from 'fast-check';
import type { Clock } from '#infra/clock.ts';
import { silentLog } from '#infra/log.ts';
import type { Database } from '#infra/postgres.ts';
import { localCalendar } from '#schemas/local-time.ts';
import { runRollup, type JobDeps } from '#services/rollup/job.ts';
import { fakeClock, type FakeClock } from '#test/kit/clock.ts';
import { fakeDirectory } from '#test/kit/directory.ts';
import { telemetry } from '#test/kit/packets.ts';
import { insertDevices } from '#test/kit/park-rows.ts';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';
import { startHarness, type WriterHarness } from '../ingest/harness.ts';

export const timeZone = 'Asia/Shanghai';
export const minuteMs = 60_000;
export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;
/** The partitions of a test database stand around today. */
export const noonMs = Math.floor(Date.now() / dayMs) * dayMs + 4 * hourMs;
export const metrics = [
  ['meter', 'active_power'],
  ['station', 'noise_leq'],
  ['station', 'wind_direction'],
] as const;

/** A job without a lease: what a leader gives is left out. */
export function jobDeps(db: Database, clock: Clock, more: Partial<JobDeps> = {}): JobDeps {
  return {
    db,
    clock,
    log: silentLog(),
    calendar: localCalendar(timeZone),
    fence: () => Promise.resolve(),
    signal: new AbortController().signal,
    ...more,
  };
}

/** Every derived row, as text that can be compared. */
export async function derivedRows(db: Database): Promise<Record<string, string[]>> {
  const tables = ['rollup_15m', 'rollup_15m_day', 'rollup_1d', 'point_day', 'state_span'];
  const found: Record<string, string[]> = {};
  for (const table of tables) {
    const { rows } = await db.query<{ text: string }>(`select t::text as text from ${table} t order by 1`);
    found[table] = rows.map(({ text }) => text);
  }
  return found;
}

export interface Bench extends AsyncDisposable {
  readonly database: TestDatabase;
  readonly clock: FakeClock;
  readonly harness: WriterHarness;
}

/** Points with the classes' means, known to the writer by their numbers in the store. */
export async function openBench(): Promise<Bench> {
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
export async function write({ harness, clock }: Bench, packets: readonly ReturnType<typeof telemetry>[]) {
  const written = Promise.all(packets.map((packet) => harness.writer.write(packet)));
  await clock.advance(5);
  await written;
}

/** One sample of a history: which point, when (ms before noon), what. */
export interface Step {
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
export const batches = fc.array(fc.array(step, { minLength: 1, maxLength: 12 }), {
  minLength: 1,
  maxLength: 8,
});

export async function writeHistory(bench: Bench, history: readonly (readonly Step[])[], runEvery: number) {
  for (const [index, batch] of history.entries()) {
    const packets = batch.map(({ point, agoMs, value, quality }) => {
      const [device, metric] = metrics[point] ?? metrics[0];
      return telemetry(device, [{ metric, timeMs: bench.clock.nowMs() - agoMs, value, quality }]);
    });
    await write(bench, packets);
    if (runEvery > 0 && index % runEvery === 0) await runRollup(jobDeps(bench.database.pool, bench.clock));
  }
}
