import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Client } from 'pg';
import { findEmbeddedPostgres } from '#infra/embedded-postgres.ts';
import type { Assessment } from '#schemas/api/assessment.ts';
import { conditionOf, type Gap, type WhatIf } from '#schemas/api/gaps.ts';
import { openFolder, startServe, type ServedPark } from '#test/kit/serve.ts';
import { runBench } from './bench.ts';
import { breakYearPark, fillYearPark, yearPark } from './year-park.ts';

/**
 * `npm run bench:assessment`: the whole Chengdu rubric over a year of 5,000 devices, single items of it, and what to mend
 * when a fifth of the devices lacks days, as the API answers them. `-- --backfilled DATA_DIR`: of a park that the simulator
 * filled through the broker (docs/performance.md says how).
 */
const zone = 'Asia/Shanghai';
const dayMs = 86_400_000;
const importRows = 2_000;
const liveItems = [
  'operation.energy',
  'operation.property.remote-metering',
  'operation.security.video-coverage',
  'operation.environment',
  'operation.one-card',
];

async function importPark(park: ServedPark, devices: number): Promise<void> {
  const { spaces, devices: all } = yearPark(devices, Date.now());
  for (let from = 0; from < all.length; from += importRows) {
    const body = { spaces: from === 0 ? spaces : [], devices: all.slice(from, from + importRows) };
    const { status, body: answer } = await park.request('POST', '/imports', body);
    if (status !== 200) throw new Error(`The import answered ${status}: ${JSON.stringify(answer)}`);
  }
}

async function withDatabase(dataDir: string, work: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client({ connectionString: findEmbeddedPostgres(dataDir) ?? '' });
  client.on('error', () => undefined);
  await client.connect();
  await work(client);
  await client.end();
}

await runBench(
  'assessment',
  () => 300,
  async (report, { smoke, backfilled }) => {
    await using parts = new AsyncDisposableStack();
    const dataDir = backfilled === undefined ? await openFolder() : resolve(backfilled);
    if (backfilled === undefined) parts.defer(() => rm(dataDir, { recursive: true, force: true }));
    const days = smoke ? 3 : 365;
    // A park that the simulator handed in is taken as it is; whatever it lacks belongs to the figures.
    if (backfilled === undefined) {
      await using park = await startServe({ dataDir, env: { LOG_LEVEL: 'warn' } });
      await importPark(park, smoke ? 50 : 5_000);
      await withDatabase(dataDir, (client) =>
        fillYearPark(client, { days, eventsADay: smoke ? 10 : 500, zone }),
      );
    }
    const park = parts.use(await startServe({ dataDir, env: { LOG_LEVEL: 'warn' } }));
    const todayMs = Math.floor((Date.now() + 8 * 3_600_000) / dayMs) * dayMs - 8 * 3_600_000;
    const period = new URLSearchParams({
      from: new Date(todayMs - days * dayMs).toISOString(),
      to: new Date(todayMs).toISOString(),
    }).toString();
    const timed = async (path: string, rounds: number, question?: object) => {
      const lengthsMs: number[] = [];
      let body: unknown;
      for (let round = 0; round < rounds; round++) {
        const startMs = performance.now();
        const answer = await park.request(question === undefined ? 'GET' : 'POST', path, question);
        lengthsMs.push(performance.now() - startMs);
        if (answer.status !== 200)
          throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
        body = answer.body;
      }
      const sorted = lengthsMs.toSorted((a, b) => a - b);
      const medianMs = sorted[Math.floor(rounds / 2)] ?? 0;
      return { medianMs, slowestMs: sorted.at(-1) ?? 0, firstMs: lengthsMs[0] ?? 0, body };
    };
    const whole = await timed(`/assessments/chengdu-2021?${period}`, smoke ? 1 : 9);
    const { items } = whole.body as Assessment;
    const determined = items.filter(({ points }) => points !== null).length;
    report.add('whole rubric over a year of 5,000 devices, median', whole.medianMs / 1_000, {
      unit: 's',
      atMost: 3,
      detail: `first ${(whole.firstMs / 1_000).toFixed(2)} s, slowest ${(whole.slowestMs / 1_000).toFixed(2)} s; ${determined} of ${items.length} items determined`,
    });
    for (const item of liveItems) {
      const one = await timed(`/assessments/chengdu-2021/items/${item}?${period}`, smoke ? 1 : 9);
      const detail = `over a year; first ${one.firstMs.toFixed(0)} ms, slowest ${one.slowestMs.toFixed(0)} ms`;
      report.add(`${item}, median`, one.medianMs, { unit: 'ms', atMost: 300, detail });
    }
    // Its own faults are what a simulated year lacks, and it is measured again as it is.
    if (backfilled === undefined) await withDatabase(dataDir, (client) => breakYearPark(client, days));
    const list = await timed(`/assessments/chengdu-2021/gaps?${period}`, smoke ? 1 : 9);
    const { items: gaps } = list.body as { items: Gap[] };
    report.add('what to mend first, a fifth of 5,000 devices lacking days, median', list.medianMs / 1_000, {
      unit: 's',
      atMost: 3,
      detail: `slowest ${(list.slowestMs / 1_000).toFixed(2)} s; ${gaps.length} gaps`,
    });
    const chosen = gaps.flatMap((gap) => conditionOf(gap) ?? []);
    const supposed = await timed(`/assessments/chengdu-2021/what-if?${period}`, smoke ? 1 : 9, {
      gaps: chosen,
    });
    const { members, mended } = supposed.body as WhatIf;
    report.add('what if all of it were mended, median', supposed.medianMs / 1_000, {
      unit: 's',
      atMost: 3,
      detail: `${chosen.length} gaps, ${members} devices; ${mended} of them not found again`,
    });
  },
);
