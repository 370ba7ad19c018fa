import { afterAll, beforeAll, expect, test } from 'vitest';
import { questionCountsSchema, questionSchema } from '#schemas/api/questions.ts';
import { questionRoutes } from '#services/assessment/questions/routes.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';
import { openRouteApi, type RouteApi } from '#test/kit/route-api.ts';

const stack = new AsyncDisposableStack();
let database: TestDatabase;
let api: RouteApi;

beforeAll(async () => {
  database = stack.use(await createTestDatabase());
  api = stack.use(await openRouteApi((v1) => questionRoutes(v1, { db: database.pool, clock: fakeClock() })));
});
afterAll(() => stack.disposeAsync());

const item = 'operation.property.remote-metering';
const body = { rubric: 'chengdu-2021', item, question: '14 块水表为何没有读数？' };
const counts = async () =>
  questionCountsSchema.parse((await api.ask('viewer', 'GET', '/questions/counts?rubric=chengdu-2021')).body)
    .items;

test('POST /questions serves assessors and administrators, for items that exist', async () => {
  for (const role of ['viewer', 'operator', 'engineer'] as const) {
    expect((await api.ask(role, 'POST', '/questions', body)).status, role).toBe(403);
  }
  expect((await api.ask('assessor', 'POST', '/questions', { ...body, item: 'nowhere' })).status).toBe(404);
  expect((await api.ask('assessor', 'POST', '/questions', { ...body, question: ' ' })).status).toBe(422);
});

test('a question is answered by the park and closed by who asks; nothing said is changed', async () => {
  const { id } = questionSchema.parse((await api.ask('assessor', 'POST', '/questions', body)).body);
  expect(await counts()).toEqual([{ item, open: 1, of: 1 }]);
  const say = async (role: 'assessor' | 'engineer' | 'viewer' | 'admin', kind: string) =>
    (await api.ask(role, 'POST', `/questions/${id}/entries`, { kind, content: `${role} ${kind}` })).status;
  expect(await say('viewer', 'answer')).toBe(403);
  expect(await say('assessor', 'answer')).toBe(403);
  expect(await say('engineer', 'close')).toBe(403);
  expect(await say('assessor', 'reopen')).toBe(409);
  expect(await say('engineer', 'answer')).toBe(201);
  expect(await say('assessor', 'close')).toBe(201);
  expect(await counts()).toEqual([{ item, open: 0, of: 1 }]);
  // What is closed is not answered any more; it is opened again first.
  expect(await say('engineer', 'answer')).toBe(409);
  expect(await say('admin', 'reopen')).toBe(201);
  expect(await counts()).toEqual([{ item, open: 1, of: 1 }]);
  const list = (await api.ask('viewer', 'GET', `/questions?rubric=chengdu-2021&item=${item}`)).body as {
    items: unknown[];
  };
  expect(list.items.map((row) => questionSchema.parse(row))).toMatchObject([
    {
      isOpen: true,
      by: 'assessor',
      entries: [
        { kind: 'answer', by: 'engineer' },
        { kind: 'close', by: 'assessor' },
        { kind: 'reopen', by: 'admin' },
      ],
    },
  ]);
  await expect(database.pool.query('delete from item_question_entry')).rejects.toThrow('never changed');
  expect(
    (await api.ask('admin', 'POST', '/questions/999/entries', { kind: 'remark', content: 'x' })).status,
  ).toBe(404);
});
