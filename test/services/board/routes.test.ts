import { afterAll, beforeAll, expect, test } from 'vitest';
import { silentLog } from '#infra/log.ts';
import { boardSchema } from '#schemas/api/board.ts';
import type { ApiServer } from '#services/api/server.ts';
import { boardRoutes } from '#services/board/routes.ts';
import { startServingJournal, type ServingJournal } from '#services/board/serving-journal.ts';
import { openTestApi } from '#test/kit/api.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { coverReadings, insertDevices, insertReadings } from '#test/kit/park-rows.ts';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';

// Stands at 2026-01-05T00:00:00Z.
const clock = fakeClock();
const stack = new AsyncDisposableStack();
let database: TestDatabase;
let api: ApiServer;
let servings: ServingJournal;

beforeAll(async () => {
  database = stack.use(await createTestDatabase());
  const db = database.pool;
  await coverReadings(db, { from: '2026-01-03', to: '2026-01-05' });
  await db.query(
    `insert into space (id, valid_from, kind, name) values ('plaza', '2025-01-01Z', 'outdoor', '中心广场')`,
  );
  await insertDevices(db, [
    { id: 's-1', class: 'environment-station', from: '2025-01-01T00:00:00Z', provenance: 'simulated' },
    { id: 's-out', class: 'environment-station', from: '2025-01-01T00:00:00Z', lifecycle: 'out-of-service' },
    { id: 'e-1', class: 'energy-meter', from: '2025-01-01T00:00:00Z' },
  ]);
  await db.query(`update device set space_id = 'plaza' where id = 's-1'`);
  const recent = { from: '2026-01-04T23:50:00Z', to: '2026-01-05T00:00:00Z', everyS: 60 };
  await insertReadings(db, { device: 's-1', metric: 'pm25', ...recent, value: 35 });
  await insertReadings(db, { device: 's-1', metric: 'noise_leq', ...recent, value: 52, quality: 1 });
  // Two days old: history.
  const old = { from: '2026-01-03T00:00:00Z', to: '2026-01-03T01:00:00Z', everyS: 60 };
  await insertReadings(db, { device: 's-1', metric: 'ph', ...old });
  await insertReadings(db, { device: 's-out', metric: 'pm25', ...recent });
  await insertReadings(db, { device: 'e-1', metric: 'active_power', ...recent });
  servings = stack.use(startServingJournal({ db, clock, log: silentLog() }));
  api = stack.use(await openTestApi({ db, clock }));
  await api.register((v1) =>
    boardRoutes(v1, { db, clock, parkId: 'demo', timeZone: 'Asia/Shanghai', servings }),
  );
  await api.root.ready();
});
afterAll(() => stack.disposeAsync());

const get = () => api.root.inject({ method: 'GET', url: '/api/v1/board' });
const journal = async () =>
  (
    await database.pool.query<{ minute: Date; medium: string; servings: number; newest_time: Date }>(
      'select * from board_serving order by minute, medium',
    )
  ).rows.map((row) => [row.minute.toISOString(), row.medium, row.servings, row.newest_time.toISOString()]);

test('GET /board answers without login: newest air, water and noise of stations in service, nothing else', async () => {
  const answer = await get();
  expect(answer.statusCode).toBe(200);
  const value = { time: '2026-01-04T23:59:00.000Z' };
  expect(boardSchema.parse(answer.json())).toMatchObject({
    parkId: 'demo',
    timeZone: 'Asia/Shanghai',
    time: '2026-01-05T00:00:00.000Z',
    items: [
      {
        medium: 'air',
        deviceId: 's-1',
        spaceName: '中心广场',
        provenance: 'simulated',
        values: [{ metric: 'pm25', value: 35, unit: 'ug/m3', quality: 'good', ...value }],
      },
      { medium: 'noise', values: [{ metric: 'noise_leq', quality: 'uncertain', ...value }] },
    ],
  });
});

test('every serving is journalled by minute and medium, the store is asked once in five seconds', async () => {
  await insertReadings(database.pool, {
    device: 's-1',
    metric: 'pm25',
    from: '2026-01-05T00:00:01Z',
    to: '2026-01-05T00:00:02Z',
    everyS: 60,
  });
  await get();
  await servings.flush();
  expect(await journal()).toEqual([
    ['2026-01-05T00:00:00.000Z', 'air', 2, '2026-01-04T23:59:00.000Z'],
    ['2026-01-05T00:00:00.000Z', 'noise', 2, '2026-01-04T23:59:00.000Z'],
  ]);
  await clock.advance(60_000);
  await get();
  await servings.flush();
  expect((await journal()).slice(2)).toEqual([
    ['2026-01-05T00:01:00.000Z', 'air', 1, '2026-01-05T00:00:01.000Z'],
    ['2026-01-05T00:01:00.000Z', 'noise', 1, '2026-01-04T23:59:00.000Z'],
  ]);
});
