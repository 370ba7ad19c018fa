import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BoardCalendar, BoardEvent, BoardTrend, ClassBoardAnswer } from '#schemas/api/class-board.ts';
import { classBoardRoutes } from '#services/class-boards/routes.ts';
import { quarterOf } from '#services/rollup/buckets.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { fakeDirectory } from '#test/kit/directory.ts';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';
import { openRouteApi, type RouteApi } from '#test/kit/route-api.ts';

const hourMs = 3_600_000;
/** Noon in Shanghai, yesterday. */
const nowMs = Math.floor(Date.now() / 86_400_000) * 86_400_000 - 20 * hourMs;
const clock = fakeClock(nowMs);
const directory = fakeDirectory();
const latest = new Map<number, { pointId: number; timeMs: number; value: number; quality: number }>();
let database: TestDatabase;
let api: RouteApi;

beforeAll(async () => {
  database = await createTestDatabase();
  const timeZone = 'Asia/Shanghai';
  const deps = { db: database.pool, directory, clock, horizonDays: 7, timeZone };
  const memory = { of: (pointId: number) => latest.get(pointId) };
  api = await openRouteApi((scope) => classBoardRoutes(scope, { ...deps, latest: memory }));
  await database.pool.query(
    `insert into space (id, valid_from, kind, name, parent_id)
     values ('park', '2020-01-01', 'park', '园区', null), ('hall', '2020-01-01', 'building', '大厅', 'park')`,
  );
  await device('em-top', 'energy-meter', { space: 'park' });
  await device('em-sub', 'energy-meter', { space: 'hall', attributes: { parentMeterId: 'em-top' } });
  await device('em-old', 'energy-meter', { lifecycle: 'retired' });
  await device('door-1', 'access-door', { space: 'hall' });
  await device('door-2', 'access-door', {});
  await device('env-1', 'environment-station', {});
  for (const id of ['em-top', 'em-sub']) {
    const power = directory.add(id, 'active_power', { unit: 'kW', spaceId: 'park' });
    directory.add(id, 'active_energy_import', { unit: 'kWh', kind: 'counter' });
    const value = id === 'em-top' ? 100 : 60;
    latest.set(power.pointId, { pointId: power.pointId, timeMs: nowMs - 1_000, value, quality: 0 });
    await store(power.pointId, nowMs - 2 * hourMs, value);
  }
  const held = directory.add('door-2', 'held_open', { kind: 'state', states: ['off', 'on'] });
  latest.set(held.pointId, { pointId: held.pointId, timeMs: nowMs, value: 1, quality: 0 });
  const dust = directory.add('env-1', 'pm25', { deviceClass: 'environment-station' });
  await store(dust.pointId, nowMs - 2 * hourMs, 80);
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

async function device(
  id: string,
  deviceClass: string,
  more: { space?: string; attributes?: object; lifecycle?: string },
) {
  await database.pool.query(
    `insert into device (id, valid_from, class, name, space_id, lifecycle, provenance, attributes)
     values ($1, '2020-01-01', $2, $1, $3, $4, 'field', $5)`,
    [id, deviceClass, more.space ?? null, more.lifecycle ?? 'in-service', more.attributes ?? {}],
  );
}

async function store(pointId: number, timeMs: number, value: number) {
  await database.pool.query(
    'insert into reading (point_id, time, value, quality) values ($1, to_timestamp($2), $3, 0)',
    [pointId, timeMs / 1_000, value],
  );
  await database.pool.query('insert into dirty_bucket (bucket, point_ids) values ($1, $2)', [
    new Date(quarterOf(timeMs)),
    [pointId],
  ]);
}

async function event(deviceId: string, type: string, agoMs: number) {
  await database.pool.query(
    `insert into event (device_id, time, untimed, type, event_key, data, source)
     values ($1, to_timestamp($2), false, $3, $4, $5, 'test')`,
    [
      deviceId,
      (nowMs - agoMs) / 1_000,
      type,
      `${deviceId} ${agoMs}`,
      { credential: 'SIM-1', reason: 'expired', direction: 'in', deep: { a: 1 } },
    ],
  );
}

async function get<T>(path: string) {
  const { status, body } = await api.ask('viewer', 'GET', `/class-boards/${path}`);
  return { status, body: body as T & { code?: string } };
}

describe('GET /class-boards/{class}', () => {
  test('answers devices in service, figures, counters and the roots of meter trees', async () => {
    const { status, body } = await get<ClassBoardAnswer>('energy-meter');
    expect(status).toBe(200);
    expect(body.items.map(({ id }) => id).toSorted()).toEqual(['em-sub', 'em-top']);
    expect(body.figures[0]).toMatchObject({ stat: 'sum', value: 100, unit: 'kW', known: 1, of: 1 });
    // Nobody told a power factor or a register.
    expect(body.columns.map(({ metric }) => metric)).toEqual(['active_power']);
    expect(body.figures.map(({ metric }) => metric)).toEqual(['active_power', 'active_power']);
    expect(body.counters).toEqual({
      top: ['em-top.active_energy_import'],
      all: ['em-sub.active_energy_import', 'em-top.active_energy_import'],
      total: 2,
    });
    expect(body.treeRoots).toEqual([{ id: 'em-top', name: 'em-top' }]);
    const top = body.items.find(({ id }) => id === 'em-top');
    expect(top?.values).toEqual([
      {
        metric: 'active_power',
        value: 100,
        quality: 'good',
        over: null,
        time: new Date(nowMs - 1_000).toISOString(),
      },
    ]);
  });

  test('a space is taken with what is below it, and a sub-meter alone counts', async () => {
    expect((await get<ClassBoardAnswer>('energy-meter?space=park')).body.total).toBe(2);
    const { body } = await get<ClassBoardAnswer>('energy-meter?space=hall');
    expect(body.items.map(({ id }) => id)).toEqual(['em-sub']);
    expect(body.figures[0]).toMatchObject({ value: 60 });
  });

  test('worst first, page by page', async () => {
    const first = await get<ClassBoardAnswer>('access-door?limit=1');
    expect(first.body.items).toMatchObject([{ id: 'door-2', severity: 'medium' }]);
    const cursor = first.body.nextCursor ?? '';
    const second = await get<ClassBoardAnswer>(`access-door?limit=1&cursor=${cursor}`);
    expect(second.body).toMatchObject({ items: [{ id: 'door-1', severity: null }], nextCursor: null });
    expect((await get('access-door?cursor=!!')).status).toBe(422);
  });

  test('a class without devices has an empty board, an unknown one none', async () => {
    expect((await get<ClassBoardAnswer>('robot')).body).toMatchObject({ total: 0, items: [] });
    expect((await get('toaster')).body.code).toBe('not-found');
    expect((await get('robot?colour=red')).status).toBe(422);
  });
});

describe('GET /class-boards/{class}/trend', () => {
  test('adds up top meters and answers what is kept for a minute', async () => {
    const { body } = await get<BoardTrend>('energy-meter/trend');
    expect(body).toMatchObject({
      metric: 'active_power',
      fold: 'sum',
      unit: 'kW',
      devices: 1,
      v: [100],
      q: [0],
    });
    expect(body.t).toEqual([quarterOf(nowMs - 2 * hourMs)]);
    const power = directory.find('em-top', 'active_power');
    await store(power?.pointId ?? 0, nowMs - 3 * hourMs, 7);
    expect((await get<BoardTrend>('energy-meter/trend')).body.v).toEqual([100]);
    await clock.advance(61_000);
    expect((await get<BoardTrend>('energy-meter/trend')).body.v).toEqual([7, 100]);
  });

  test('a board without a trend has none', async () => {
    expect((await get('access-door/trend')).status).toBe(404);
  });
});

test('GET /class-boards/{class}/calendar judges 35 local days by the limits of the board', async () => {
  const { body } = await get<BoardCalendar>('environment-station/calendar');
  expect(body.items).toHaveLength(35);
  expect(body.items.at(-1)?.verdicts[0]).toEqual({ value: 80, deviceId: 'env-1', over: true, stations: 1 });
  expect(body.items[0]?.verdicts.every((verdict) => verdict === null)).toBe(true);
  expect((await get('access-door/calendar')).status).toBe(404);
});

test('GET /class-boards/{class}/feed tells events newest first, without who it was', async () => {
  await event('door-1', 'access.denied', 3_000);
  await event('door-2', 'door.held_open', 2_000);
  await event('door-1', 'access.granted', 1_000);
  await event('door-1', 'firmware.updated', 500);
  const first = await get<{ items: BoardEvent[]; nextCursor: string }>('access-door/feed?limit=2');
  expect(first.body.items.map(({ type }) => type)).toEqual(['access.granted', 'door.held_open']);
  expect(first.body.items[0]?.data).toEqual({ direction: 'in', reason: 'expired' });
  const rest = await get<{ items: BoardEvent[] }>(`access-door/feed?cursor=${first.body.nextCursor}`);
  expect(rest.body.items.map(({ type }) => type)).toEqual(['access.denied']);
  const denied = await get<{ items: BoardEvent[] }>('access-door/feed?type=access.denied&space=hall');
  expect(denied.body.items).toMatchObject([{ deviceName: 'door-1', spaceName: '大厅' }]);
  expect((await get('camera/feed')).status).toBe(404);
});
