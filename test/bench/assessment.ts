import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Client } from 'pg';
import { findEmbeddedPostgres } from '#infra/embedded-postgres.ts';
import type { Assessment } from '#schemas/api/assessment.ts';
import { conditionOf, type Gap, type WhatIf } from '#schemas/api/gaps.ts';
import { openFolder, startServe, type ServedPark } from '#test/kit/serve.ts';
import { root } from '#test/kit/tree.ts';
import { runBench, type Report } from './bench.ts';
import { memoryOf } from './processes.ts';
import { breakYearPark, fillYearPark, yearPark } from './year-park.ts';

/**
 * `npm run bench:assessment`: the whole Chengdu rubric over a year of 5,000 devices, single items of it, and what to mend
 * when a fifth of the devices lacks days, as the API answers them; and its evidence: stored, packed, verified. `-- --backfilled DATA_DIR`: of a park that the simulator
 * filled through the broker (docs/performance.md says how), over the days that are packed, a year at most.
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

/** The days that a filled park has packed without a hole, at most so many of the last; and how many devices it has. */
async function packedSpan(
  dataDir: string,
  most: number,
): Promise<{ fromMs: number; toMs: number; devices: number }> {
  const found: { first: string; end: string; devices: number }[] = [];
  await withDatabase(dataDir, async (client) => {
    const { rows } = await client.query<{ first: string; end: string; devices: number }>(
      `with ended as (select ((least(now(), (select min(bucket) from rollup_15m), (select min(bucket) from dirty_bucket))
         at time zone $1)::date) as day)
       select greatest((select min(day) from rollup_1d), ended.day - $2::int)::text as first, ended.day::text as end,
         (select count(*)::int from device where valid_to = 'infinity') as devices from ended`,
      [zone, most],
    );
    found.push(...rows);
  });
  const [span] = found;
  if (span === undefined) throw new Error('The park has no days');
  const startOf = (day: string) => Date.parse(`${day}T00:00:00+08:00`);
  return { fromMs: startOf(span.first), toMs: startOf(span.end), devices: span.devices };
}

interface Measured {
  readonly park: ServedPark;
  /** How much it is, in words. */
  readonly size: string;
  readonly report: Report;
  /** The query that names the year. */
  readonly period: string;
  /** How often a question is asked. */
  readonly rounds: number;
}

interface Timing {
  readonly medianMs: number;
  readonly slowestMs: number;
  readonly firstMs: number;
  /** The last answer. */
  readonly body: unknown;
}

/** Asks a question round by round: by GET, or by POST where it has a body. */
async function timed({ park, rounds }: Measured, path: string, question?: object): Promise<Timing> {
  const lengthsMs: number[] = [];
  let body: unknown;
  for (let round = 0; round < rounds; round++) {
    const startMs = performance.now();
    const answer = await park.request(question === undefined ? 'GET' : 'POST', path, question);
    lengthsMs.push(performance.now() - startMs);
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    body = answer.body;
  }
  const sorted = lengthsMs.toSorted((a, b) => a - b);
  const medianMs = sorted[Math.floor(rounds / 2)] ?? 0;
  return { medianMs, slowestMs: sorted.at(-1) ?? 0, firstMs: lengthsMs[0] ?? 0, body };
}

const inSeconds = (ms: number) => (ms / 1_000).toFixed(2);

async function measureScores(measured: Measured): Promise<void> {
  const { report, period, size } = measured;
  const whole = await timed(measured, `/assessments/chengdu-2021?${period}`);
  const { items } = whole.body as Assessment;
  const determined = items.filter(({ points }) => points !== null).length;
  report.add(`whole rubric over ${size}, median`, whole.medianMs / 1_000, {
    unit: 's',
    atMost: 3,
    detail: `first ${inSeconds(whole.firstMs)} s, slowest ${inSeconds(whole.slowestMs)} s; ${determined} of ${items.length} items determined`,
  });
  for (const item of liveItems) {
    const one = await timed(measured, `/assessments/chengdu-2021/items/${item}?${period}`);
    const detail = `over ${size}; first ${one.firstMs.toFixed(0)} ms, slowest ${one.slowestMs.toFixed(0)} ms`;
    report.add(`${item}, median`, one.medianMs, { unit: 'ms', atMost: 300, detail });
  }
}

async function measureMending(measured: Measured): Promise<void> {
  const { report, period, size } = measured;
  const list = await timed(measured, `/assessments/chengdu-2021/gaps?${period}`);
  const { items: gaps } = list.body as { items: Gap[] };
  report.add(`what to mend first over ${size}, median`, list.medianMs / 1_000, {
    unit: 's',
    atMost: 3,
    detail: `slowest ${inSeconds(list.slowestMs)} s; ${gaps.length} gaps`,
  });
  const chosen = gaps.flatMap((gap) => conditionOf(gap) ?? []);
  const path = `/assessments/chengdu-2021/what-if?${period}`;
  const supposed = await timed(measured, path, { gaps: chosen });
  const { members, mended } = supposed.body as WhatIf;
  report.add('what if all of it were mended, median', supposed.medianMs / 1_000, {
    unit: 's',
    atMost: 3,
    detail: `${chosen.length} gaps, ${members} devices; ${mended} of them not found again`,
  });
}

/** What stands at the end of an assessment: evidence in the chain, a pack of it, and its check by a process of its own. */
async function measureEvidence({ park, report, period }: Measured): Promise<void> {
  const timedOnce = async <T>(work: () => Promise<T>): Promise<[seconds: number, result: T]> => {
    const startMs = performance.now();
    const result = await work();
    return [(performance.now() - startMs) / 1_000, result];
  };
  const [storedS, answer] = await timedOnce(() =>
    park.request('POST', `/assessments/chengdu-2021?${period}`, {}),
  );
  if (answer.status !== 201) throw new Error(`Storing answered ${answer.status}`);
  report.add('evidence of every item measured and stored', storedS, { unit: 's' });
  const [packedS, pack] = await timedOnce(() =>
    park.download(`/evidence/pack?rubric=chengdu-2021&${period}`),
  );
  const mostMib = memoryOf(park.process.pid ?? 0)?.mostMib ?? null;
  report.add('pack of it, sealed and downloaded', packedS, {
    unit: 's',
    detail: `${(pack.length / 2 ** 20).toFixed(1)} MiB; the park held ${mostMib ?? '?'} MiB at most since its start`,
  });
  const file = join(park.dataDir, 'pack.zip');
  await writeFile(file, pack);
  const [verifiedS, code] = await timedOnce(async () => {
    const child = spawn(process.execPath, ['parkwatch.mjs', 'verify', file], { cwd: root, stdio: 'ignore' });
    return ((await once(child, 'exit')) as [number | null])[0];
  });
  if (code !== 0) throw new Error(`The verifier ended with ${code}`);
  report.add('the same pack verified', verifiedS, { unit: 's' });
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
    const span =
      backfilled === undefined
        ? { fromMs: todayMs - days * dayMs, toMs: todayMs, devices: 5_000 }
        : await packedSpan(dataDir, days);
    const period = new URLSearchParams({
      from: new Date(span.fromMs).toISOString(),
      to: new Date(span.toMs).toISOString(),
    }).toString();
    const length = Math.round((span.toMs - span.fromMs) / dayMs);
    const size =
      backfilled === undefined ? 'a year of 5,000 devices' : `${length} days of ${span.devices} devices`;
    const measured = { park, report, period, size, rounds: smoke ? 1 : 9 };
    await measureScores(measured);
    await measureEvidence(measured);
    // Its own faults are what a simulated year lacks, and it is measured again as it is.
    if (backfilled === undefined) await withDatabase(dataDir, (client) => breakYearPark(client, days));
    await measureMending(measured);
  },
);
