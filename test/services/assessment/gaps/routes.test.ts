import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { gapsSchema, whatIfSchema } from '#schemas/api/gaps.ts';
import { assessmentRoutes } from '#services/assessment/routes.ts';
import { loadSigner } from '#services/sealing/signing.ts';
import { assessedPeriod, assessmentDeps, insertAssessedPark } from '#test/kit/assessed-park.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';
import { openRouteApi, type RouteApi } from '#test/kit/route-api.ts';

const clock = fakeClock();
const stack = new AsyncDisposableStack();
let database: TestDatabase;
let api: RouteApi;

beforeAll(async () => {
  database = stack.use(await createTestDatabase());
  const folder = await mkdtemp(join(tmpdir(), 'parkwatch-gaps-'));
  stack.defer(() => rm(folder, { recursive: true }));
  const db = database.pool;
  await insertAssessedPark(db);
  await db.query(
    `insert into space (id, valid_from, parent_id, kind, name) values
       ('p', '2025-01-01', null, 'park', 'Park'), ('c', '2025-01-01', 'p', 'building', '3 号楼'),
       ('c-1f', '2025-01-01', 'c', 'floor', '一层')`,
  );
  await db.query(`update device set space_id = 'c-1f' where id = 'w-2'`);
  const signer = await loadSigner(join(folder, 'key.pem'));
  api = stack.use(await openRouteApi((v1) => assessmentRoutes(v1, assessmentDeps({ db, clock, signer }))));
});
afterAll(() => stack.disposeAsync());

const metering = 'operation.property.remote-metering';
const query = new URLSearchParams(assessedPeriod).toString();

test('GET /assessments/{rubricId}/gaps names what is missing in which building and what it would bring', async () => {
  const { items } = gapsSchema.parse(
    (await api.ask('viewer', 'GET', `/assessments/chengdu-2021/gaps?${query}`)).body,
  );
  // Three of four meters are 1.5 points by the convention; four of four are 3 points, so one meter brings 1.5.
  expect(items.find(({ item }) => item === metering)).toMatchObject({
    kind: 'never',
    class: 'water-meter',
    space: { id: 'c', name: '3 号楼' },
    members: ['w-2'],
    effort: 1,
    before: { min: 1, max: 2 },
    gain: 1.5,
  });
  // Nobody watches water: the fourth function is worth the step from 3.5 to all 5 points.
  const water = items.find(({ function: found }) => found?.id === 'water-quality');
  expect(water).toMatchObject({
    item: 'operation.environment',
    kind: 'function',
    before: { min: 2, max: 4 },
  });
  expect(water).toMatchObject({ after: { min: 5, max: 5 }, gain: 5 - 3.5 });
  const rates = items.map(({ gain, effort }) => gain / effort);
  expect(rates).toEqual(rates.toSorted((a, b) => b - a));
  expect(items.every(({ gain }) => gain > 0)).toBe(true);
});

test('POST /assessments/{rubricId}/what-if derives anew with these members counted, and stores nothing', async () => {
  const ask = async (members: string[]) =>
    whatIfSchema.parse(
      (await api.ask('engineer', 'POST', `/assessments/chengdu-2021/what-if?${query}`, { members })).body,
    );
  const answer = await ask(['w-2', 'nobody']);
  expect(answer.unknown).toEqual(['nobody']);
  expect(answer.items.map(({ item, before, after }) => ({ item, before, after }))).toContainEqual({
    item: metering,
    before: { min: 1, max: 2 },
    after: { min: 3, max: 3 },
  });
  expect(answer.after.determined.min).toBe(answer.before.determined.min + 2);
  expect((await ask(['w-1'])).items).toEqual([]);
  // Nothing of it stays.
  expect((await ask(['w-2'])).before).toEqual(answer.before);
  const { rows } = await database.pool.query('select 1 from evidence');
  expect(rows).toEqual([]);
});
