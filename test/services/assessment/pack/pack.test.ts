import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import readWorkbook from 'read-excel-file/node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '#infra/clock.ts';
import { silentLog } from '#infra/log.ts';
import { rubrics } from '#schemas/rubrics/index.ts';
import { assess } from '#services/assessment/assess.ts';
import { storeEvidence } from '#services/assessment/evidence.ts';
import { preparePack, type PackDeps, type PackRequest } from '#services/assessment/pack/pack.ts';
import { namedPeriod } from '#services/assessment/period.ts';
import { startSealing } from '#services/sealing/sealing.ts';
import { loadSigner } from '#services/sealing/signing.ts';
import { assessedPeriod, insertAssessedPark } from '#test/kit/assessed-park.ts';
import { packBytes, textIn, unpack, verdictOf } from '#test/kit/pack.ts';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';

const rubricId = 'chengdu-2021';
const stack = new AsyncDisposableStack();
let database: TestDatabase;
let deps: PackDeps;

beforeAll(async () => {
  database = stack.use(await createTestDatabase());
  const folder = await mkdtemp(join(tmpdir(), 'parkwatch-pack-'));
  stack.defer(() => rm(folder, { recursive: true }));
  await insertAssessedPark(database.pool);
  const signer = await loadSigner(join(folder, 'key.pem'));
  deps = { db: database.pool, clock: systemClock(), signer, parkId: 'demo', program: '0.0.0-test' };
});
afterAll(() => stack.disposeAsync());

async function store(): Promise<void> {
  const rubric = rubrics.get(rubricId);
  if (rubric === undefined) throw new Error('no rubric');
  const run = await assess(database.pool, {
    rubric,
    fromMs: Date.parse(assessedPeriod.from),
    toMs: Date.parse(assessedPeriod.to),
    asOfMs: Date.parse('2026-01-05T00:00:00Z'),
    timeZone: 'Asia/Shanghai',
  });
  await storeEvidence(database.pool, run, { parkId: 'demo', program: '0.0.0-test', actor: 'eva' });
}

async function verdictOn(request: Omit<PackRequest, 'rubricId'>) {
  return verdictOf(await packBytes(await preparePack(deps, { rubricId, ...request })));
}

test('preparePack() waits for the seal, and says so when it does not come in time', async () => {
  const request = { rubricId, period: null };
  await expect(preparePack(deps, { ...request, patienceMs: 0 })).rejects.toMatchObject({ code: 'not-found' });
  await store();
  await expect(preparePack(deps, { ...request, patienceMs: 0 })).rejects.toMatchObject({
    code: 'unavailable',
  });
  const waiting = preparePack(deps, { ...request, patienceMs: 30_000 });
  await using _sealer = startSealing({ databaseUrl: database.url, clock: deps.clock, log: silentLog() });
  expect((await verdictOf(await packBytes(await waiting))).holds).toBe(true);
});

test('preparePack() takes the newest row of each item, of exactly a period, or of one within a period', async () => {
  await using _sealer = startSealing({ databaseUrl: database.url, clock: deps.clock, log: silentLog() });
  await store();
  const newest = await verdictOn({ period: null, patienceMs: 30_000 });
  const seqs = newest.records.map(({ seq }) => seq);
  expect(newest.rows).toBe(2 * seqs.length);
  expect(seqs).toEqual(seqs.map((_, index) => seqs.length + index + 1));
  const period = { fromMs: Date.parse(assessedPeriod.from), toMs: Date.parse(assessedPeriod.to) };
  const exact = { ...period, match: 'exact' } as const;
  expect((await verdictOn({ period: exact, patienceMs: 0 })).records.map(({ seq }) => seq)).toEqual(seqs);
  const year = { ...namedPeriod('2026', 'Asia/Shanghai'), match: 'within' } as const;
  expect((await verdictOn({ period: year, patienceMs: 0 })).records.map(({ seq }) => seq)).toEqual(seqs);
  for (const other of [
    { ...exact, toMs: period.toMs - 1 },
    { ...namedPeriod('2025', 'Asia/Shanghai'), match: 'within' as const },
  ]) {
    await expect(verdictOn({ period: other, patienceMs: 0 })).rejects.toMatchObject({ code: 'not-found' });
  }
});

test('a pack holds records, inputs, chain, tables, report and workbook, and the same again is the same bytes', async () => {
  const clock = { ...deps.clock, nowMs: () => Date.parse('2026-01-06T00:00:00Z') };
  const make = async () =>
    packBytes(await preparePack({ ...deps, clock }, { rubricId, period: null, patienceMs: 0 }));
  const [first, second] = [await make(), await make()];
  expect(first.equals(second)).toBe(true);
  const files = unpack(first);
  const folders = new Set([...files.keys()].map((path) => path.split('/')[0]));
  expect([...folders].sort()).toEqual([
    'chain.ndjson',
    'inputs',
    'manifest.json',
    'manifest.sig',
    'population',
    'records',
    'report.pdf',
    'report.xlsx',
    'scores.csv',
    'tables',
  ]);
  expect(textIn(files, 'scores.csv')).toContain('远程抄表');
  expect(
    Buffer.from(files.get('report.pdf') ?? [])
      .subarray(0, 5)
      .toString(),
  ).toBe('%PDF-');
  const [summary, scores] = await readWorkbook(Buffer.from(files.get('report.xlsx') ?? []));
  expect(summary?.sheet).toBe('总表 Summary');
  expect(summary?.data.flat()).toContain('demo');
  expect(scores?.data.flat().join()).toContain('Remote meter reading');
});
