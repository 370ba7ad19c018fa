import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pageOf } from '#schemas/api/common.ts';
import {
  recordDetailSchema,
  recordRowSchema,
  recordSchema,
  registerSummarySchema,
  type RecordDetail,
} from '#schemas/api/registers.ts';
import { recordRoutes } from '#services/registers/routes.ts';
import { addPerson, openTestApi, type TestApi, type TestPerson } from '#test/kit/api.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';

// The default fake clock: 2026-01-05 08:00 in Shanghai.
const clock = fakeClock();
const people: Record<string, TestPerson> = {};
const stack = new AsyncDisposableStack();
let database: TestDatabase;
let api: TestApi;

beforeAll(async () => {
  database = stack.use(await createTestDatabase());
  const db = database.pool;
  api = stack.use(await openTestApi({ db, clock }));
  await api.register((v1) => recordRoutes(v1, { db, clock, timeZone: 'Asia/Shanghai' }));
  await api.root.ready();
  for (const role of ['viewer', 'engineer'] as const) people[role] = await addPerson({ db, clock }, role);
});
afterAll(() => stack.disposeAsync());

type Method = 'GET' | 'POST' | 'PATCH';

async function ask(role: string, method: Method, path: string, payload?: object) {
  const answer = await api.root.inject({
    method,
    url: `/api/v1${path}`,
    headers: people[role]?.headers ?? {},
    ...(payload === undefined ? {} : { payload }),
  });
  return {
    status: answer.statusCode,
    body: answer.body === '' ? null : answer.json<Record<string, unknown>>(),
  };
}

const write = async (kind: string, body: object): Promise<RecordDetail> => {
  const answer = await ask('engineer', 'POST', `/registers/${kind}`, body);
  expect(answer, JSON.stringify(answer.body)).toMatchObject({ status: 201 });
  return recordDetailSchema.parse(answer.body);
};
const list = async (path: string, role = 'engineer') => {
  const answer = await ask(role, 'GET', path);
  expect(answer.status).toBe(200);
  return pageOf(recordSchema).parse(answer.body);
};
const codes = async (path: string) => (await list(path)).items.map(({ code }) => code);

const company = (code: string, more: object = {}) => ({
  code,
  from: '2024-01-01',
  fields: { name: `企业 ${code}`, industry: 'software', ...more },
});

describe('POST /registers/{kind}', () => {
  test('writes a record, makes a code where none is given, and audits it without its fields', async () => {
    const made = await write('enterprise', { ...company('e-1', { phone: '138-0000' }), code: undefined });
    expect(made).toMatchObject({
      version: 1,
      state: 'in-force',
      recordedBy: 'engineer',
      reviewBy: '2027-01-05',
    });
    expect(made.code).toMatch(/^enterprise-\d+$/);
    const { rows } = await database.pool.query<{ body: string }>(
      `select body from journal where journal = 'audit' and body like '%record.create%'`,
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]?.body).toContain(made.sha256);
    expect(rows[0]?.body).not.toContain('138-0000');
  });

  test.each([
    [
      'a field that the kind does not have',
      { ...company('x'), fields: { name: 'x', industry: 'software', stars: 4 } },
      '/fields/stars',
    ],
    ['a field that is missing', { ...company('x'), fields: { name: 'x' } }, '/fields/industry'],
    ['an end before the beginning', { ...company('x'), until: '2023-12-31' }, '/until'],
    [
      'a file that nobody uploaded',
      { ...company('x'), documents: [{ sha256: 'a'.repeat(64), name: 'a.pdf' }] },
      '/documents/0/sha256',
    ],
  ])('refuses %s and writes nothing', async (_, body, path) => {
    const answer = await ask('engineer', 'POST', '/registers/enterprise', body);
    expect(answer).toMatchObject({ status: 422, body: { code: 'invalid-request', errors: [{ path }] } });
    expect((await ask('engineer', 'GET', '/registers/enterprise/x')).status).toBe(404);
  });

  test('refuses what it names and is not there, a second record of the code, and an unknown register', async () => {
    const fields = { enterprise: 'nobody', type: 'cash', amount: 3 };
    expect(await ask('engineer', 'POST', '/registers/benefit', { from: '2026-01-01', fields })).toMatchObject(
      {
        status: 422,
        body: { errors: [{ path: '/fields/enterprise', message: 'enterprise has no record nobody' }] },
      },
    );
    const room = { name: '机房', use: 'telecom-room', independent: true, area: 30, space: 'nowhere' };
    expect(
      await ask('engineer', 'POST', '/registers/technical-room', { from: '2026-01-01', fields: room }),
    ).toMatchObject({ status: 422, body: { errors: [{ message: 'there is no space nowhere' }] } });
    await write('enterprise', company('twice'));
    expect(await ask('engineer', 'POST', '/registers/enterprise', company('twice'))).toMatchObject({
      status: 409,
      body: { code: 'already-exists' },
    });
    expect((await ask('engineer', 'GET', '/registers/gold')).status).toBe(404);
  });

  test('an event ends on its own day', async () => {
    const fields = { topic: '消防', type: 'training', participants: 30 };
    const made = await write('training', { from: '2025-06-01', fields });
    expect(made).toMatchObject({
      from: '2025-06-01',
      until: '2025-06-01',
      state: 'past',
      expiresSoon: false,
    });
  });
});

describe('PATCH /registers/{kind}/{code}', () => {
  const recognition = { enterprise: 'star', type: 'cloud-3', level: 'city', issuer: '市经信局' };

  test('a change keeps what was before; a correction replaces it; every row stays in the history', async () => {
    await write('enterprise', company('star'));
    await write('recognition', { code: 'r-1', from: '2024-05-01', fields: recognition });
    const amend = (body: object) =>
      ask('engineer', 'PATCH', '/registers/recognition/r-1', { until: null, documents: [], ...body });
    const changed = await amend({
      version: 1,
      how: 'change',
      from: '2025-05-01',
      fields: { ...recognition, type: 'cloud-4' },
    });
    expect(changed.status).toBe(200);
    const detail = recordDetailSchema.parse(changed.body);
    expect(detail.pieces.map(({ from, until, fields }) => [from, until, fields['type']])).toEqual([
      ['2025-05-01', null, 'cloud-4'],
      ['2024-05-01', '2025-04-30', 'cloud-3'],
    ]);
    // Somebody still looks at version 1.
    expect(
      await amend({ version: 1, how: 'correct', from: '2025-06-01', fields: recognition }),
    ).toMatchObject({
      status: 409,
      body: { code: 'conflict' },
    });
    const corrected = await amend({
      version: 2,
      how: 'correct',
      of: '2025-05-01',
      from: '2025-05-01',
      fields: { ...recognition, type: 'cloud-5' },
      reason: '录入错误',
    });
    expect(corrected.body).toMatchObject({ version: 3, title: '五星上云企业' });
    const history = pageOf(recordRowSchema).parse(
      (await ask('viewer', 'GET', '/registers/recognition/r-1/history')).body,
    );
    const then = await ask('viewer', 'GET', '/registers/recognition/r-1?asOf=2024-12-31T00:00:00Z');
    expect(then.body).toMatchObject({ title: '三星上云企业', from: '2024-05-01', until: '2025-04-30' });
    expect(history.items.map(({ version, fields, ending }) => [version, fields['type'], ending])).toEqual([
      [3, 'cloud-5', null],
      [2, 'cloud-4', 'corrected'],
      [2, 'cloud-3', null],
      [1, 'cloud-3', 'changed'],
    ]);
  });

  test('two people at once: one is told that the other was quicker', async () => {
    await write('enterprise', company('race'));
    const body = { version: 1, how: 'correct', from: '2024-01-01', until: null, documents: [] };
    const answers = await Promise.all(
      ['a', 'b'].map((name) =>
        ask('engineer', 'PATCH', '/registers/enterprise/race', {
          ...body,
          fields: { name, industry: 'trade' },
        }),
      ),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409]);
  });
});

describe('GET /registers/{kind}', () => {
  test('filters by state, text and field, page by page', async () => {
    const certificate = (code: string, from: string, until: string) =>
      write('certificate', {
        code,
        from,
        until,
        fields: { name: `消防 100% ${code}`, type: 'fire', issuer: '消防局' },
      });
    await certificate('c-1', '2024-01-01', '2026-12-31');
    await certificate('c-2', '2024-01-01', '2026-01-20');
    await certificate('c-3', '2023-01-01', '2025-12-31');
    await certificate('c-4', '2026-02-01', '2027-12-31');
    const by = (query: string) => codes(`/registers/certificate?${query}`);
    expect(await by('')).toEqual(['c-1', 'c-2', 'c-3', 'c-4']);
    expect(await by('state=in-force')).toEqual(['c-1', 'c-2']);
    expect(await by('state=expiring')).toEqual(['c-2']);
    expect(await by('state=past')).toEqual(['c-3']);
    expect(await by('state=future')).toEqual(['c-4']);
    expect(await by('q=c-3')).toEqual(['c-3']);
    // Signs that mean something to LIKE are only themselves.
    expect(await by('q=100%25')).toHaveLength(4);
    expect(await by('q=1_0%25')).toEqual([]);
    expect(await by('field=type&value=fire')).toHaveLength(4);
    expect(await by('field=type&value=quality')).toEqual([]);
    const first = await list('/registers/certificate?limit=3');
    const rest = await list(`/registers/certificate?limit=3&cursor=${first.nextCursor}`);
    expect([...first.items, ...rest.items].map(({ code }) => code)).toEqual(['c-1', 'c-2', 'c-3', 'c-4']);
    expect(rest.nextCursor).toBeNull();
    expect(first.items.map(({ expiresSoon }) => expiresSoon)).toEqual([false, true, false]);
  });

  test('a set is filtered by what is in it', async () => {
    await write('enterprise', company('tagged', { tags: ['芯片', 'AI'] }));
    expect(await codes('/registers/enterprise?field=tags&value=AI')).toEqual(['tagged']);
  });

  test('personal fields are left out for those whose work does not need them, and are no filter', async () => {
    const fields = { name: '李四', post: '网络运维', team: 'it', employment: 'full-time', phone: '139' };
    await write('staff', { code: 's-1', from: '2024-01-01', fields });
    expect((await list('/registers/staff')).items[0]?.fields).toEqual(fields);
    const shown = (await list('/registers/staff', 'viewer')).items[0];
    expect(shown?.fields).toEqual({ post: '网络运维', team: 'it', employment: 'full-time' });
    const filtered = await ask('viewer', 'GET', '/registers/staff?field=name&value=%E6%9D%8E%E5%9B%9B');
    expect(filtered).toMatchObject({ status: 422, body: { code: 'invalid-request' } });
    const history = await ask('viewer', 'GET', '/registers/staff/s-1/history');
    expect(JSON.stringify(history.body)).not.toContain('李四');
  });
});

describe('POST /registers/{kind}/{code}/withdraw and /review', () => {
  test('a withdrawn record is gone from lists, readable in the history, and its code is free again', async () => {
    await write('enterprise', company('gone'));
    await write('cloud-use', {
      code: 'u-1',
      from: '2025-01-01',
      fields: { enterprise: 'gone', service: '云主机', provider: '某云', source: 'partner' },
    });
    const withdraw = (path: string) =>
      ask('engineer', 'POST', `/registers/${path}/withdraw`, { version: 1, reason: '登记有误' });
    expect(await withdraw('enterprise/gone')).toMatchObject({
      status: 409,
      body: { code: 'in-use', detail: 'cloud-use/u-1 names enterprise gone' },
    });
    expect((await withdraw('cloud-use/u-1')).status).toBe(204);
    expect((await withdraw('enterprise/gone')).status).toBe(204);
    expect((await ask('engineer', 'GET', '/registers/enterprise/gone')).status).toBe(404);
    expect(await codes('/registers/enterprise?q=gone')).toEqual([]);
    const withdrawn = await list('/registers/enterprise?q=gone&state=withdrawn');
    expect(withdrawn.items).toMatchObject([{ code: 'gone', state: 'withdrawn' }]);
    expect(await write('enterprise', company('gone'))).toMatchObject({ version: 2 });
    expect(await codes('/registers/enterprise?q=gone&state=withdrawn')).toEqual([]);
  });

  test('a record that nobody looked at for its months is due, until somebody confirms it', async () => {
    await write('project', {
      code: 'p-1',
      from: '2025-01-01',
      fields: { name: '综合平台', stage: 'running' },
    });
    await database.pool.query(
      `update park_record set recorded_at = '2025-07-01' where kind = 'project' and code = 'p-1'`,
    );
    expect(await codes('/registers/project?state=review-due')).toEqual(['p-1']);
    const answer = await ask('engineer', 'POST', '/registers/project/p-1/review', { version: 1 });
    expect(answer.body).toMatchObject({ reviewer: 'engineer', reviewBy: '2026-07-05' });
    expect(await codes('/registers/project?state=review-due')).toEqual([]);
  });
});

describe('GET /registers', () => {
  test('tells of each register how many records it has, which run out, ended or are due', async () => {
    const answer = await ask('viewer', 'GET', '/registers');
    const items = pageOf(registerSummarySchema).parse(answer.body).items;
    expect(items.find(({ kind }) => kind === 'certificate')).toMatchObject({
      records: 4,
      expiring: 1,
      ended: 1,
    });
    expect(items.find(({ kind }) => kind === 'training')).toMatchObject({ records: 1, ended: 0 });
    expect(items.find(({ kind }) => kind === 'road')).toMatchObject({ records: 0 });
  });
});
