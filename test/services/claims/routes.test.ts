import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { assessmentSchema, evidenceSchema } from '#schemas/api/assessment.ts';
import { claimSchema, type Claim } from '#schemas/api/claims.ts';
import { pageOf } from '#schemas/api/common.ts';
import { assessmentRoutes } from '#services/assessment/routes.ts';
import { openAttachmentFiles } from '#services/attachments/files.ts';
import { attachmentRoutes } from '#services/attachments/routes.ts';
import { claimRoutes } from '#services/claims/routes.ts';
import { recordRoutes } from '#services/registers/routes.ts';
import { loadSigner } from '#services/sealing/signing.ts';
import { addPerson, openTestApi, type TestApi, type TestPerson } from '#test/kit/api.ts';
import { assessmentDeps, sealAll } from '#test/kit/assessed-park.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { pdfFile } from '#test/kit/files.ts';
import { repack, setText, textIn, unpack, verdictOf } from '#test/kit/pack.ts';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';

const clock = fakeClock();
const timeZone = 'Asia/Shanghai';
const stack = new AsyncDisposableStack();
const people: Record<string, TestPerson> = {};
let database: TestDatabase;
let api: TestApi;
let document: { sha256: string; name: string };

beforeAll(async () => {
  database = stack.use(await createTestDatabase());
  const folder = await mkdtemp(join(tmpdir(), 'parkwatch-claims-'));
  stack.defer(() => rm(folder, { recursive: true }));
  const db = database.pool;
  api = stack.use(await openTestApi({ db, clock }));
  const files = openAttachmentFiles(folder);
  const signer = await loadSigner(join(folder, 'key.pem'));
  const deps = { ...assessmentDeps({ db, clock, signer }), readAttachment: files.read };
  await api.register((v1) => assessmentRoutes(v1, deps));
  await api.register((v1) => claimRoutes(v1, { db, clock, timeZone }));
  await api.register((v1) => attachmentRoutes(v1, { db, clock, files }));
  await api.register((v1) => recordRoutes(v1, { db, clock, timeZone }));
  await api.root.ready();
  people['author'] = await addPerson({ db, clock }, 'engineer', 'author');
  people['second'] = await addPerson({ db, clock }, 'engineer', 'second');
  people['viewer'] = await addPerson({ db, clock }, 'viewer', 'viewer');
  people['assessor'] = await addPerson({ db, clock }, 'assessor', 'assessor');
  const uploaded = await api.root.inject({
    method: 'POST',
    url: '/api/v1/attachments?name=rules.pdf',
    headers: { ...people['author'].headers, 'content-type': 'application/octet-stream' },
    payload: pdfFile('rules'),
  });
  document = { sha256: uploaded.json<{ sha256: string }>().sha256, name: 'rules.pdf' };
});
afterAll(() => stack.disposeAsync());

async function ask(person: string, method: 'GET' | 'POST', path: string, payload?: object) {
  const answer = await api.root.inject({
    method,
    url: `/api/v1${path}`,
    headers: { ...people[person]?.headers },
    ...(payload === undefined ? {} : { payload }),
  });
  return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() };
}

const rules = {
  rubric: 'chengdu-2021',
  item: 'org.rules',
  content: { grade: 'full', functions: ['rules', 'processes', 'tasks'] },
  statement: '制度汇编 2025 版，流程与任务分解齐全',
  from: '2025-01-01',
  until: '2026-12-31',
};
const make = async (body: object): Promise<Claim> => {
  const answer = await ask('author', 'POST', '/claims', body);
  expect(answer, JSON.stringify(answer.body)).toMatchObject({ status: 201 });
  return claimSchema.parse(answer.body);
};
/** Two local days that end before today (2026-01-05). */
const period = 'from=2026-01-02T16:00:00Z&to=2026-01-04T16:00:00Z';
const itemOf = async (id: string, query = period) => {
  const answer = await ask('viewer', 'GET', `/assessments/chengdu-2021?${query}`);
  return assessmentSchema.parse(answer.body).items.find(({ item }) => item === id);
};

describe('a claim', () => {
  test('counts only when a second person approved it, and stands for its days', async () => {
    expect(await itemOf('org.rules')).toMatchObject({
      verdict: 'insufficient',
      points: null,
      reason: { en: 'Insufficient data: Nobody claimed it, and nobody approved it' },
    });
    const claim = await make({ ...rules, documents: [document] });
    expect(claim).toMatchObject({ state: 'pending', author: 'author', mayDecide: false, inForce: false });
    expect((await itemOf('org.rules'))?.reason.zh).toBe('数据不足：author 申报，待他人核准');

    expect(await ask('author', 'POST', `/claims/${claim.id}/approve`, {})).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
    });
    expect((await ask('viewer', 'POST', `/claims/${claim.id}/approve`, {})).status).toBe(403);
    const approved = await ask('second', 'POST', `/claims/${claim.id}/approve`, { note: '已核对原件' });
    expect(approved.body).toMatchObject({ state: 'approved', decider: 'second', inForce: true });
    expect(await itemOf('org.rules')).toMatchObject({
      basis: 'attested',
      points: { min: 20, max: 20 },
      computed: null,
    });
    // Before it stood, and after.
    expect((await itemOf('org.rules', 'from=2024-12-29T16:00:00Z&to=2024-12-31T16:00:00Z'))?.reason.zh).toBe(
      '数据不足：自 2025-01-01 起才生效',
    );
    expect(await ask('second', 'POST', `/claims/${claim.id}/refuse`, { reason: 'x' })).toMatchObject({
      status: 409,
    });
  });

  test('that is refused says why, and another one can be made', async () => {
    const claim = await make({ ...rules, item: 'org.body', content: { grade: 'partial' } });
    expect(Object.keys(claim.names)).toEqual(['partial']);
    expect(
      (await ask('author', 'POST', '/claims', { ...rules, item: 'org.body', content: { grade: 'full' } }))
        .status,
    ).toBe(409);
    await ask('second', 'POST', `/claims/${claim.id}/refuse`, { reason: '缺任命文件' });
    expect((await itemOf('org.body'))?.reason.zh).toBe('数据不足：second 未核准：缺任命文件');
    await make({ ...rules, item: 'org.body', content: { grade: 'partial' } });
  });

  test('that expired or was taken back counts no more', async () => {
    const claim = await make({
      ...rules,
      item: 'org.funds',
      content: { grade: 'full' },
      until: '2026-01-03',
    });
    await ask('second', 'POST', `/claims/${claim.id}/approve`, {});
    expect((await itemOf('org.funds'))?.reason.zh).toBe('数据不足：已于 2026-01-03 到期');
    const earlier = 'from=2026-01-01T16:00:00Z&to=2026-01-03T16:00:00Z';
    expect(await itemOf('org.funds', earlier)).toMatchObject({ points: { min: 20, max: 20 } });
    await ask('author', 'POST', `/claims/${claim.id}/withdraw`, { reason: '预算调整' });
    expect((await itemOf('org.funds', earlier))?.reason.zh).toBe('数据不足：已撤回');
  });

  test('of a share is scored by the share', async () => {
    const claim = await make({
      ...rules,
      item: 'infra.network.mobile-coverage',
      content: { value: 97, unit: '%' },
      statement: '第三方路测 400 点，388 点有信号',
    });
    await ask('second', 'POST', `/claims/${claim.id}/approve`, {});
    // 97 % of 95 to 99: 2 + 2 x 2 / 4.
    expect(await itemOf('infra.network.mobile-coverage')).toMatchObject({
      points: { min: 2, max: 4 },
      conventionPoints: 3,
      value: 97,
      basis: 'attested',
    });
  });

  test.each([
    ['a band that the item does not have', { content: { grade: 'gold' } }, '/content/grade'],
    ['a number where a band is asked for', { content: { value: 3 } }, '/content/grade'],
    [
      'a function that the item does not have',
      { content: { grade: 'full', functions: ['x'] } },
      '/content/functions',
    ],
    ['days that end before they begin', { until: '2024-12-31' }, '/until'],
    ['more than three years', { until: '2029-12-31' }, '/until'],
    [
      'a file that nobody uploaded',
      { documents: [{ sha256: 'b'.repeat(64), name: 'x.pdf' }] },
      '/documents/0/sha256',
    ],
    [
      'more than all',
      { item: 'infra.network.5g-coverage', content: { value: 101, unit: '%' } },
      '/content/value',
    ],
    ['half a company', { item: 'industry.enterprise.two-fusion', content: { value: 1.5 } }, '/content/value'],
    [
      'kinds that are not all told',
      { item: 'industry.enterprise.cloud', content: { quantities: { 'five-star': 1 } } },
      '/content/quantities',
    ],
  ])('is refused with %s', async (_, change, path) => {
    const answer = await ask('author', 'POST', '/claims', { ...rules, ...change });
    expect(answer).toMatchObject({ status: 422, body: { code: 'invalid-request' } });
    expect((answer.body['errors'] as { path: string }[]).map((error) => error.path)).toContain(path);
  });

  test('of an item that the rubric does not have is not found', async () => {
    expect((await ask('author', 'POST', '/claims', { ...rules, item: 'org.gold' })).status).toBe(404);
  });
});

describe('an approved claim of an item that is computed', () => {
  test('decides it, with what was computed beside it: in the answer, in the sealed body, in the pack', async () => {
    await ask('author', 'POST', '/registers/technical-room', {
      from: '2024-01-01',
      fields: { name: '弱电间', use: 'telecom-room', independent: false, area: 20 },
    });
    const computed = { points: { min: 5, max: 5 }, basis: 'measured', verdict: 'sufficient' };
    expect(await itemOf('infra.telecom-room')).toMatchObject({ ...computed, computed: null });
    const claim = await make({
      ...rules,
      item: 'infra.telecom-room',
      content: { grade: 'full' },
      statement: '新机房已于 2025-12 验收，台账尚未更新',
      documents: [document],
    });
    await ask('second', 'POST', `/claims/${claim.id}/approve`, {});
    expect(await itemOf('infra.telecom-room')).toMatchObject({
      points: { min: 10, max: 10 },
      basis: 'attested',
      computed,
    });

    const stored = await ask('author', 'POST', `/assessments/chengdu-2021?${period}`, {});
    const id = assessmentSchema
      .parse(stored.body)
      .items.find(({ item }) => item === 'infra.telecom-room')?.evidenceId;
    const evidence = evidenceSchema.parse((await ask('viewer', 'GET', `/evidence/${id}`)).body);
    expect(evidence.body).toMatchObject({
      basis: 'attested',
      score: { points: { min: 10, max: 10 } },
      computed: { score: { points: { min: 5, max: 5 }, basis: 'measured' } },
    });
    expect(evidence.inputs.map(({ name }) => name)).toEqual(['facts', 'rubric', 'claims']);

    await sealAll(database.pool, clock);
    const pack = await api.root.inject({
      method: 'GET',
      url: `/api/v1/evidence/pack?rubric=chengdu-2021&${period}`,
      headers: { ...people['assessor']?.headers },
    });
    const verdict = await verdictOf(pack.rawPayload);
    expect(verdict.findings).toEqual([]);
    expect(verdict.records.flatMap(({ findings }) => findings)).toEqual([]);
    const files = unpack(pack.rawPayload);
    // The document that the claims rest on is in the pack, once.
    expect(files.has(`attachments/${document.sha256}`)).toBe(true);

    // Another computed score beside the claim is seen.
    const path = [...files.keys()].find(
      (name) => name.startsWith('records/') && textIn(files, name).includes('"item":"infra.telecom-room"'),
    );
    const body = textIn(files, path ?? '');
    setText(files, path ?? '', body.replace('"band":"partial"', '"band":"full"'));
    const tampered = await verdictOf(await repack(files));
    expect(tampered.holds).toBe(false);
    expect(tampered.records.flatMap(({ findings }) => findings.map(({ en }) => en))).toContain(
      'What stands beside the claim does not follow from the inputs',
    );
  });
});

test('GET /claims lists by item and state, newest first, and tells who may decide', async () => {
  const list = async (person: string, query: string) =>
    pageOf(claimSchema).parse((await ask(person, 'GET', `/claims?${query}`)).body).items;
  const pending = await list('second', 'state=pending');
  expect(pending.map(({ item, mayDecide }) => [item, mayDecide])).toEqual([['org.body', true]]);
  expect((await list('author', 'state=pending'))[0]?.mayDecide).toBe(false);
  expect((await list('viewer', 'state=pending'))[0]?.mayDecide).toBe(false);
  expect((await list('viewer', 'item=org.body')).map(({ state }) => state)).toEqual(['pending', 'refused']);
});

test('nobody approves their own claim, not even by writing it into the store', async () => {
  const decide = `update claim set state = 'approved', decider_id = author_id, decider = 'x', decided_at = now()
     where state = 'pending'`;
  await expect(database.pool.query(decide)).rejects.toThrow('violates check constraint');
});
