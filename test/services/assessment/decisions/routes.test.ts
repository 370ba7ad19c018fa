import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  decisionSchema,
  signedAssessmentSchema,
  signOffSchema,
  type SignedAssessment,
} from '#schemas/api/assessment.ts';
import { assessmentRoutes } from '#services/assessment/routes.ts';
import type { ApiServer } from '#services/api/server.ts';
import { addPerson, openTestApi, type TestPerson } from '#test/kit/api.ts';
import { assessedPeriod, assessmentDeps, insertAssessedPark, sealAll } from '#test/kit/assessed-park.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { verdictOf } from '#test/kit/pack.ts';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';
import { createTestSigner } from '#test/kit/signer.ts';

const clock = fakeClock();
const people: Record<string, TestPerson> = {};
const stack = new AsyncDisposableStack();
let database: TestDatabase;
let api: ApiServer;

beforeAll(async () => {
  database = stack.use(await createTestDatabase());
  const db = database.pool;
  await insertAssessedPark(db);
  const signer = await createTestSigner();
  api = stack.use(await openTestApi({ db, clock }));
  await api.register((v1) => assessmentRoutes(v1, assessmentDeps({ db, clock, signer })));
  await api.root.ready();
  for (const role of ['viewer', 'operator', 'engineer', 'assessor', 'admin'] as const) {
    people[role] = await addPerson({ db, clock }, role);
  }
});
afterAll(() => stack.disposeAsync());

async function ask(role: string, method: 'GET' | 'POST', path: string, payload?: object) {
  const answer = await api.root.inject({
    method,
    url: `/api/v1${path}`,
    headers: people[role]?.headers ?? {},
    ...(payload === undefined ? {} : { payload }),
  });
  return { status: answer.statusCode, text: answer.body, bytes: answer.rawPayload };
}

const period = new URLSearchParams(assessedPeriod).toString();
const metering = 'operation.property.remote-metering';
const path = (item: string) => `/assessments/chengdu-2021/items/${item}/decisions?${period}`;
const signPath = `/assessments/chengdu-2021/sign-offs?${period}`;
const read = async (): Promise<SignedAssessment> =>
  signedAssessmentSchema.parse(
    JSON.parse((await ask('viewer', 'GET', `/assessments/chengdu-2021?${period}`)).text),
  );
const itemOf = (answer: SignedAssessment, id = metering) => answer.items.find(({ item }) => item === id);

describe('POST /assessments/{rubricId}/items/{item}/decisions', () => {
  test('serves assessors and administrators only', async () => {
    for (const role of ['viewer', 'operator', 'engineer']) {
      expect((await ask(role, 'POST', path(metering), { points: 2, reason: 'seen' })).status, role).toBe(403);
    }
  });

  test('refuses points outside the range, an exact score, an insufficient item, an unknown one, and no reason', async () => {
    const statusOf = async (item: string, body: object) =>
      (await ask('assessor', 'POST', path(item), body)).status;
    // Three of four meters leave 1 to 2 points.
    expect(await statusOf(metering, { points: 2.5, reason: 'generous' })).toBe(422);
    expect(await statusOf(metering, { points: 0.5, reason: 'strict' })).toBe(422);
    expect(await statusOf(metering, { points: 1.234, reason: 'thousandths' })).toBe(422);
    expect(await statusOf(metering, { points: 2, reason: ' ' })).toBe(422);
    expect(await statusOf('operation.security.video-retention', { points: 2, reason: 'exact' })).toBe(422);
    const open = (await read()).items.find(({ verdict }) => verdict === 'insufficient');
    expect(await statusOf(open?.item ?? '', { points: 1, reason: 'nothing is known' })).toBe(422);
    expect(await statusOf('nowhere', { points: 1, reason: 'x' })).toBe(404);
    expect(await statusOf(metering, { points: null, reason: 'nothing to take back' })).toBe(409);
  });

  test('counts in the total beside the computed range, and every decision stays readable', async () => {
    const before = await read();
    expect(
      (await ask('assessor', 'POST', path(metering), { points: 1.75, reason: 'Seen on site' })).status,
    ).toBe(201);
    const after = await read();
    expect(itemOf(after)).toMatchObject({
      points: { min: 1, max: 2 },
      decision: { points: 1.75, reason: 'Seen on site', by: 'assessor', counts: true },
    });
    expect(after.determined).toEqual({
      min: before.determined.min + 0.75,
      max: before.determined.max - 0.25,
    });
    await clock.advance(1_000);
    await ask('admin', 'POST', path(metering), { points: 1.5, reason: 'Looked again' });
    await ask('assessor', 'POST', path(metering), { points: null, reason: 'Not ours to say' });
    const list = JSON.parse((await ask('viewer', 'GET', path(metering))).text) as { items: unknown[] };
    expect(list.items.map((row) => decisionSchema.parse(row))).toMatchObject([
      { points: null, by: 'assessor', range: { min: 1, max: 2 } },
      { points: 1.5, by: 'admin' },
      { points: 1.75, by: 'assessor' },
    ]);
    expect(await read()).toMatchObject({ determined: before.determined });
    expect(itemOf(await read())?.decision).toBeNull();
    const audit = await database.pool.query(
      `select body::json ->> 'action' as action from journal where journal = 'audit' and body like '%"decision.%' order by id`,
    );
    expect(audit.rows.map((row) => (row as { action: string }).action)).toEqual([
      'decision.make',
      'decision.make',
      'decision.withdraw',
    ]);
    await expect(database.pool.query('delete from assessor_decision')).rejects.toThrow('never changed');
  });

  test('counts no more when what is computed leaves no range in which it lies', async () => {
    await ask('assessor', 'POST', path(metering), { points: 1.75, reason: 'Seen on site' });
    // The fourth meter leaves the population: three of three, and nothing to decide.
    await database.pool.query(
      `insert into exclusion (measure, device_id, valid_from, reason_zh, reason_en, actor)
       values ('remote-metering', 'w-2', '2025-01-01', '停用', 'out of use', 'test')`,
    );
    const item = itemOf(await read());
    expect(item?.points?.min).toBe(item?.points?.max);
    expect(item?.decision).toMatchObject({ points: 1.75, counts: false });
    await database.pool.query('delete from exclusion');
    expect(itemOf(await read())?.decision).toMatchObject({ counts: true });
  });
});

describe('POST /assessments/{rubricId}/sign-offs', () => {
  test('serves assessors and administrators only', async () => {
    for (const role of ['viewer', 'operator', 'engineer']) {
      expect((await ask(role, 'POST', signPath, { name: 'x' })).status, role).toBe(403);
    }
    expect((await ask('assessor', 'POST', signPath, { name: '' })).status).toBe(422);
  });

  test('stores the evidence with the decision, names the head, and later changes are told', async () => {
    const before = await read();
    const answer = await ask('assessor', 'POST', signPath, { name: '张评审', statement: '现场核验' });
    expect(answer.status).toBe(201);
    expect(signOffSchema.parse(JSON.parse(answer.text))).toMatchObject({
      determined: before.determined,
      name: '张评审',
      by: 'assessor',
    });
    await sealAll(database.pool, clock);
    const signed = await read();
    expect(signed.signOff).toMatchObject({ name: '张评审', changed: [] });
    expect(signed.signOff?.seq).toBeGreaterThan(0);

    const pack = await ask('assessor', 'GET', `/evidence/pack?rubric=chengdu-2021&${period}`);
    const verdict = await verdictOf(pack.bytes);
    expect(verdict).toMatchObject({ holds: true, findings: [] });
    expect(verdict.total?.determined).toEqual(before.determined);
    const record = verdict.records.find(({ body }) => body?.item === metering);
    expect(record?.body?.decided).toMatchObject({ points: 1.75, by: 'assessor' });

    await ask('admin', 'POST', path(metering), { points: 1, reason: 'Found a broken meter' });
    expect((await read()).signOff?.changed).toEqual([metering]);
    await expect(database.pool.query(`update assessment_sign_off set signer = 'other'`)).rejects.toThrow(
      'never changed',
    );
  });
});
