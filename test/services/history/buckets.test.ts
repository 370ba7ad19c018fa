import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { queryReadings } from '#services/history/readings.ts';
import { quarterOf } from '#services/rollup/buckets.ts';
import { runRollup } from '#services/rollup/job.ts';
import { journalRange } from '#services/rollup/journal-store.ts';
import {
  batches,
  dayMs,
  hourMs,
  jobDeps,
  metrics,
  minuteMs,
  noonMs,
  openBench,
  timeZone,
  writeHistory,
  type Bench,
} from '../rollup/harness.ts';

const points = metrics.map(([device, metric]) => `${device}.${metric}`);
let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench[Symbol.asyncDispose]());

async function ask(resolution: '1m' | '15m' | '1h' | '1d', fromMs: number, toMs: number) {
  // The classes of the points are those of the park.
  const { directory } = bench.harness;
  const known = { ...directory, find: (device: string, metric: string) => withClass(device, metric) };
  const withClass = (device: string, metric: string) => {
    const point = directory.find(device, metric);
    const deviceClass = device === 'meter' ? 'energy-meter' : 'environment-station';
    return point === undefined ? undefined : { ...point, deviceClass };
  };
  const deps = { db: bench.database.pool, directory: known, clock: bench.clock, horizonDays: 7, timeZone };
  return queryReadings(deps, { points, fromMs, toMs, resolution });
}

describe('readRollups()', () => {
  test('readRollups() answers the same before and after the rollups have caught up', async () => {
    const resolutions = ['15m', '1h', '1d'] as const;
    const range = fc.tuple(fc.nat({ max: 400 }), fc.integer({ min: 1, max: 400 }));
    await fc.assert(
      fc.asyncProperty(batches, fc.nat({ max: 3 }), range, async (history, runEvery, [start, length]) => {
        await writeHistory(bench, history, runEvery);
        const fromMs = noonMs - 3 * dayMs + start * 10 * minuteMs;
        const toMs = fromMs + length * 13 * minuteMs;
        for (const resolution of resolutions) {
          const before = await ask(resolution, fromMs, toMs);
          await runRollup(jobDeps(bench.database.pool, bench.clock));
          expect(await ask(resolution, fromMs, toMs)).toEqual(before);
        }
      }),
      { numRuns: 25 },
    );
  });

  test('readRollups() finds in each bucket what the raw readings hold', async () => {
    await runRollup(jobDeps(bench.database.pool, bench.clock));
    const { series } = await ask('1h', noonMs - 3 * dayMs, noonMs);
    for (const { point, t, count = [], min = [], max = [] } of series) {
      const [device = '', metric = ''] = point.split('.');
      const { rows } = await bench.database.pool.query(
        `select (extract(epoch from date_trunc('hour', time)) * 1000)::float8 as t, count(*)::int as count,
           min(value) filter (where quality < 2) as min, max(value) filter (where quality < 2) as max
         from reading join point p using (point_id)
         where p.device_id = $1 and p.metric = $2 and time >= $3 and time < $4 group by 1 order by 1`,
        [device, metric, new Date(noonMs - 3 * dayMs), new Date(noonMs)],
      );
      expect(rows.length).toBeGreaterThan(0);
      expect(t.map((ms, at) => ({ t: ms, count: count[at], min: min[at], max: max[at] }))).toEqual(rows);
    }
  });

  test('readRollups() says pending when more is behind than it computes', async () => {
    const range = { fromMs: quarterOf(noonMs) - 40 * dayMs, toMs: quarterOf(noonMs) };
    await journalRange(bench.database.pool, range);
    const caughtUp = await ask('15m', noonMs - 2 * hourMs, noonMs);
    expect(caughtUp.pending).toBeUndefined();
    expect((await ask('15m', range.fromMs, range.toMs)).pending).toBe(true);
    expect((await ask('1d', range.fromMs, range.toMs)).pending).toBe(true);
    await runRollup(jobDeps(bench.database.pool, bench.clock));
    expect((await ask('1d', range.fromMs, range.toMs)).pending).toBeUndefined();
  });
});
