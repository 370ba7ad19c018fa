import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '#infra/clock.ts';
import { silentLog } from '#infra/log.ts';
import { rubrics } from '#schemas/rubrics/index.ts';
import { assess } from '#services/assessment/assess.ts';
import { storeEvidence } from '#services/assessment/evidence.ts';
import { makePack, type PackDeps } from '#services/assessment/pack.ts';
import { verifyPack } from '#services/assessment/verifier/verify.ts';
import { startSealing } from '#services/sealing/sealing.ts';
import { loadSigner } from '#services/sealing/signing.ts';
import { assessedPart, assessedPeriod, insertAssessedPark } from '#test/kit/assessed-park.ts';
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
  await storeEvidence(database.pool, assessedPart(run), {
    parkId: 'demo',
    program: '0.0.0-test',
    actor: 'eva',
  });
}

test('makePack() waits for the seal, and says so when it does not come in time', async () => {
  const request = { rubricId, period: null };
  await expect(makePack(deps, { ...request, patienceMs: 0 })).rejects.toMatchObject({ code: 'not-found' });
  await store();
  await expect(makePack(deps, { ...request, patienceMs: 0 })).rejects.toMatchObject({ code: 'unavailable' });
  const waiting = makePack(deps, { ...request, patienceMs: 30_000 });
  await using _sealer = startSealing({ databaseUrl: database.url, clock: deps.clock, log: silentLog() });
  expect(verifyPack(await waiting).holds).toBe(true);
});

test('makePack() takes the newest row of each item, or that of exactly the period asked for', async () => {
  await using _sealer = startSealing({ databaseUrl: database.url, clock: deps.clock, log: silentLog() });
  await store();
  const pack = await makePack(deps, { rubricId, period: null, patienceMs: 30_000 });
  const verdict = verifyPack(pack);
  expect(verdict.records.map(({ seq }) => seq)).toEqual([4, 5, 6]);
  const period = { fromMs: Date.parse(assessedPeriod.from), toMs: Date.parse(assessedPeriod.to) };
  const same = verifyPack(await makePack(deps, { rubricId, period, patienceMs: 0 }));
  expect(same.records.map(({ seq }) => seq)).toEqual([4, 5, 6]);
  const other = { ...period, toMs: period.toMs - 1 };
  await expect(makePack(deps, { rubricId, period: other, patienceMs: 0 })).rejects.toMatchObject({
    code: 'not-found',
  });
});
