import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { scoredRubrics } from '#schemas/rubrics/index.ts';
import { assess, toAssessment } from '#services/assessment/assess.ts';
import { storeEvidence } from '#services/assessment/evidence.ts';
import { preparePack } from '#services/assessment/pack/pack.ts';
import { reportText } from '#services/assessment/verifier/report.ts';
import { decideClaim, insertClaim } from '#services/claims/store.ts';
import { assessedPeriod, assessmentDeps, sealAll } from '#test/kit/assessed-park.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { packBytes, repack, unpack, verdictOf } from '#test/kit/pack.ts';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';
import { createTestSigner } from '#test/kit/signer.ts';

const clock = fakeClock();
const stack = new AsyncDisposableStack();
let database: TestDatabase;
let deps: ReturnType<typeof assessmentDeps>;

beforeAll(async () => {
  database = stack.use(await createTestDatabase());
  const signer = await createTestSigner();
  deps = assessmentDeps({ db: database.pool, clock, signer });
});
afterAll(() => stack.disposeAsync());

/** Eva claims a band of each item, Max approves. */
async function claim(
  rubricId: string,
  bands: Readonly<Record<string, string>>,
  documents: readonly { sha256: string; name: string }[] = [],
): Promise<void> {
  for (const [item, grade] of Object.entries(bands)) {
    const nowMs = clock.nowMs();
    const id = await insertClaim(database.pool, {
      rubricId,
      item,
      content: { grade, functions: [] },
      statement: 'As seen',
      documents,
      from: '2026-01-01',
      until: '2026-12-31',
      sha256: 'a'.repeat(64),
      authorId: 'person-1',
      author: 'eva',
      provenance: 'field',
      nowMs,
    });
    const decision = { id: id ?? 0, state: 'approved', deciderId: 'person-2', decider: 'max' } as const;
    await decideClaim(database.pool, { ...decision, reason: null, nowMs });
  }
}

async function assessed(rubricId: string) {
  const rubric = scoredRubrics.get(rubricId);
  if (rubric === undefined) throw new Error(`no ${rubricId}`);
  const run = await assess(database.pool, {
    rubric,
    fromMs: Date.parse(assessedPeriod.from),
    toMs: Date.parse(assessedPeriod.to),
    asOfMs: clock.nowMs(),
    timeZone: 'Asia/Shanghai',
  });
  return { run, answer: toAssessment(run, new Map()) };
}

async function verdictOn(rubricId: string, run: Awaited<ReturnType<typeof assessed>>['run']) {
  await storeEvidence(database.pool, run, { parkId: 'demo', program: '0.0.0-test', actor: 'eva' });
  await sealAll(database.pool, clock);
  return verdictOf(await packBytes(await preparePack(deps, { rubricId, period: null, patienceMs: 0 })));
}

test('assess() of requirements counts those that claims say are met, and the verifier computes the same', async () => {
  await claim('tech-park-ops', { 'c2.1': 'met', 'c3.1.2': 'not-met', 'c5.1.4': 'not-applicable' });
  const { run, answer } = await assessed('tech-park-ops');
  expect(answer).toMatchObject({
    determined: { min: 1, max: 1 },
    undetermined: 149,
    maximum: 151,
    standing: { form: 'requirements', counts: { met: 1, notMet: 1, notApplicable: 1, undetermined: 149 } },
  });
  expect(answer.items.find(({ item }) => item === 'c2.1')?.basis).toBe('attested');
  const verdict = await verdictOn('tech-park-ops', run);
  expect([verdict.holds, verdict.findings]).toEqual([true, []]);
  expect(verdict.total).toEqual({ determined: { min: 1, max: 1 }, undetermined: 149, maximum: 151 });
});

test('assess() of levels finds the lowest row, and the verifier computes the same', async () => {
  const items = scoredRubrics.get('micro-park-stars')?.items ?? [];
  const bands = items.map(({ id }) => [id, id === 'tenants' ? 'level-2' : 'level-3'] as const);
  await claim('micro-park-stars', Object.fromEntries(bands));
  const { run, answer } = await assessed('micro-park-stars');
  expect(answer).toMatchObject({
    determined: { min: 2, max: 2 },
    undetermined: 0,
    maximum: 5,
    standing: { form: 'levels', lowest: ['tenants'] },
  });
  const verdict = await verdictOn('micro-park-stars', run);
  expect(verdict.holds).toBe(true);
  expect(verdict.total?.determined).toEqual({ min: 2, max: 2 });
});

test('assess() of points with grades tells vetoes, and one that occurred ends the application', async () => {
  await claim('shenzhen-dbxx', { 'veto.violation': 'clear' });
  const before = (await assessed('shenzhen-dbxx')).answer.standing;
  expect(before.vetoes.map(({ state }) => state)).toEqual(['clear', 'undetermined']);
  expect(before.grade).toEqual({ certain: null, possible: { zh: '五星', en: '5 stars' } });
  await claim('shenzhen-dbxx', { 'veto.accident': 'occurred' });
  const { standing } = (await assessed('shenzhen-dbxx')).answer;
  expect(standing.vetoes.map(({ state }) => state)).toEqual(['clear', 'occurred']);
  expect(standing.grade).toEqual({ certain: null, possible: null });
});

test('a document that an approved claim rests on is part of the pack, by its hash, and missed where it is not', async () => {
  const content = Buffer.from('%PDF-1.7 营业执照');
  const hash = createHash('sha256').update(content).digest('hex');
  await database.pool.query(
    `insert into attachment (sha256, media_type, bytes, name, uploaded_by, last_uploaded_at)
     values ($1, 'application/pdf', $2, 'a.pdf', 'eva', now())`,
    [hash, content.length],
  );
  await claim('shenzhen-self-2025', { 'operation.positioning': 'met' }, [{ sha256: hash, name: '执照.pdf' }]);
  const { run } = await assessed('shenzhen-self-2025');
  await storeEvidence(database.pool, run, { parkId: 'demo', program: '0.0.0-test', actor: 'eva' });
  await sealAll(database.pool, clock);
  const request = { rubricId: 'shenzhen-self-2025', period: null, patienceMs: 0 };
  const readAttachment = async (sha256: string) => (sha256 === hash ? content : null);
  const pack = await packBytes(await preparePack({ ...deps, readAttachment }, request));
  const files = unpack(pack);
  expect(Buffer.from(files.get(`attachments/${hash}`) ?? []).equals(content)).toBe(true);
  expect((await verdictOf(pack)).holds).toBe(true);

  files.set(`attachments/${hash}`, Buffer.from('%PDF-1.7 另一份'));
  const changed = await verdictOf(await repack(files));
  expect(changed.holds).toBe(false);
  expect(reportText(changed, 'en')).toContain(`attachments/${hash} is not the one of the signed manifest`);
  expect(reportText(changed, 'en')).toContain(`The attachment attachments/${hash} is missing or was changed`);
  // The disk lost it: no pack is made that would lack it in silence.
  const lost = await preparePack({ ...deps, readAttachment: async () => null }, request);
  await expect(packBytes(lost)).rejects.toMatchObject({ code: 'not-found' });
});
