import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Series } from '#schemas/api/readings.ts';
import { historyRoutes } from '#services/history/routes.ts';
import { quarterOf } from '#services/rollup/buckets.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { fakeDirectory } from '#test/kit/directory.ts';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';
import { openRouteApi, type RouteApi } from '#test/kit/route-api.ts';

const dayMs = 86_400_000;
const minuteMs = 60_000;
/** Noon UTC yesterday: 20:00 in Shanghai, so its local day began at 16:00 UTC the day before. */
const noonMs = Math.floor(Date.now() / dayMs) * dayMs - dayMs / 2;
const clock = fakeClock(noonMs + dayMs);
const directory = fakeDirectory();
const power = directory.add('em-1', 'active_power', { unit: 'kW', spaceId: 'hall' });
const noise = directory.add('env-1', 'noise_leq', { deviceClass: 'environment-station' });
const wind = directory.add('env-1', 'wind_direction', { deviceClass: 'environment-station' });
const door = directory.add('lift-1', 'door', { kind: 'state', states: ['closed', 'open'] });
let database: TestDatabase;
let api: RouteApi;

beforeAll(async () => {
  database = await createTestDatabase();
  const deps = {
    db: database.pool,
    directory,
    clock,
    horizonDays: 7,
    timeZone: 'Asia/Shanghai',
    latest: { of: () => undefined },
  };
  api = await openRouteApi((scope) => historyRoutes(scope, deps));
  await store(power.pointId, [
    [0, 1, 0],
    [10_000, 3, 1],
    [20_000, 100, 2],
    [minuteMs, 5, 0],
    [-5 * 3_600_000, 7, 0],
    [2 * minuteMs + 0.123, 9, 2],
  ]);
  await store(noise.pointId, [
    [0, 50, 0],
    [1_000, 60, 0],
  ]);
  await store(wind.pointId, [
    [0, 350, 0],
    [1_000, 20, 0],
  ]);
  await store(door.pointId, [
    [0, 0, 0],
    [1_000, 1, 0],
  ]);
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

/** Rows of (ms after noon, value, quality), with the journal that the writer would keep of them. */
async function store(pointId: number, rows: readonly (readonly [number, number, number])[]) {
  for (const [offsetMs, value, quality] of rows) {
    await database.pool.query(
      'insert into reading (point_id, time, value, quality) values ($1, to_timestamp($2), $3, $4)',
      [pointId, (noonMs + offsetMs) / 1000, value, quality],
    );
    await database.pool.query('insert into dirty_bucket (bucket, point_ids) values ($1, $2)', [
      new Date(quarterOf(noonMs + offsetMs)),
      [pointId],
    ]);
  }
}

const iso = (offsetMs: number) => new Date(noonMs + offsetMs).toISOString();

async function readings(query: Record<string, string>) {
  const text = new URLSearchParams({
    points: 'em-1.active_power',
    from: iso(0),
    to: iso(3 * minuteMs),
    ...query,
  });
  const { status, body } = await api.ask('viewer', 'GET', `/readings?${text.toString()}`);
  return { status, body: body as { resolution: string; code: string; series: Series[] } };
}

describe('GET /readings', () => {
  test('raw answers columns in order of time, to the microsecond, from included and to not', async () => {
    const { status, body } = await readings({ resolution: 'raw', to: iso(2 * minuteMs + 1) });
    expect(status).toBe(200);
    expect(body.series).toEqual([
      {
        point: 'em-1.active_power',
        unit: 'kW',
        t: [0, 10_000, 20_000, minuteMs, 2 * minuteMs + 0.123].map((offset) => noonMs + offset),
        v: [1, 3, 100, 5, 9],
        q: [0, 1, 2, 0, 2],
        gaps: [
          [noonMs + 20_000, noonMs + minuteMs],
          [noonMs + minuteMs, noonMs + 2 * minuteMs + 0.123],
        ],
      },
    ]);
    expect((await readings({ resolution: 'raw', to: iso(minuteMs) })).body.series[0]?.t).toHaveLength(3);
  });

  test('1m leaves bad readings out of everything but the count and the worst quality', async () => {
    const { body } = await readings({ resolution: '1m' });
    expect(body.series[0]).toEqual({
      point: 'em-1.active_power',
      unit: 'kW',
      t: [0, minuteMs, 2 * minuteMs].map((offset) => noonMs + offset),
      v: [2, 5, null],
      avg: [2, 5, null],
      min: [1, 5, null],
      max: [3, 5, null],
      q: [2, 0, 2],
      count: [3, 1, 1],
      gaps: [],
    });
  });

  test('1d buckets are local days, whole wherever the range begins', async () => {
    const { body } = await readings({ resolution: '1d', from: iso(minuteMs) });
    expect(body.series[0]).toMatchObject({ t: [noonMs - 20 * 3_600_000], count: [6], v: [4] });
  });

  test('means follow the class: energy for noise, circular for directions', async () => {
    const { body } = await readings({ resolution: '1h', points: 'env-1.noise_leq,env-1.wind_direction' });
    expect(body.series[0]?.v[0]).toBeCloseTo(10 * Math.log10((1e5 + 1e6) / 2), 9);
    expect(body.series[1]?.v[0]).toBeCloseTo(5, 9);
  });

  test('values at the ends of float8 do not break a bucket', async () => {
    directory.add('far', 'x', { pointId: 77 });
    await store(77, [
      [0, 1.7e308, 0],
      [1, 1.7e308, 0],
      [2, 1e200, 0],
      [3, -1e200, 0],
      [4, 8, 0],
      [5, -1.7e308, 0],
    ]);
    const { body } = await readings({ points: 'far.x', resolution: '15m' });
    expect(body.series[0]).toMatchObject({ count: [6], v: [8 / 3], min: [-1.7e308], max: [1.7e308] });
  });

  test('auto chooses raw for minutes', async () => {
    expect((await readings({})).body.resolution).toBe('raw');
  });

  test.each([
    ['raw', iso(-8 * dayMs), 422, 'beyond-horizon'],
    ['1m', iso(-8 * dayMs), 422, 'beyond-horizon'],
    ['15m', iso(-8 * dayMs), 200, undefined],
    ['15m', iso(-9_000 * dayMs), 413, 'too-many-values'],
    ['1d', iso(dayMs), 422, 'invalid-request'],
  ])('%s from %s answers %i', async (resolution, from, status, code) => {
    const answer = await readings({ resolution, from });
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  test('raw stops at what may be answered', async () => {
    await database.pool.query(
      `insert into reading select $1::timestamptz + n * interval '1 ms', n, 99, 0 from generate_series(0, 200000) n`,
      [iso(0)],
    );
    directory.add('busy', 'x', { pointId: 99, expectedIntervalMs: 1_000 });
    const busy = { points: 'busy.x', from: iso(0), to: iso(10 * minuteMs) };
    expect((await readings({ ...busy, resolution: 'raw' })).body.code).toBe('too-many-values');
    expect((await readings(busy)).body.resolution).toBe('1m');
  });

  test('lttb draws the shape of raw readings and tells what it was taken from', async () => {
    await database.pool.query(
      `insert into reading select $1::timestamptz + n * interval '10 s', case n when 321 then 7 else 0 end, 98, 0
       from generate_series(0, 999) n`,
      [iso(0)],
    );
    directory.add('spiky', 'x', { pointId: 98 });
    const { body } = await readings({ points: 'spiky.x', to: iso(10_000_000), lttb: '50' });
    const [series] = body.series;
    expect([body.resolution, series?.of, series?.t.length]).toEqual(['raw', 1_000, 50]);
    expect(series?.t[(series?.v ?? []).indexOf(7)]).toBe(noonMs + 3_210_000);
    expect(series?.gaps).toEqual([]);
    expect((await readings({ lttb: '2' })).body.code).toBe('invalid-request');
  });

  test('fill gives every bucket a place; what it puts in says so', async () => {
    const { body } = await readings({
      resolution: '15m',
      from: iso(-90 * minuteMs),
      to: iso(0),
      fill: 'previous',
    });
    const [series] = body.series;
    expect(series?.t).toHaveLength(6);
    expect(series?.count).toEqual([0, 0, 0, 0, 0, 0]);
    expect(series?.gaps).toEqual([[noonMs - 90 * minuteMs, noonMs]]);
    const after = await readings({ resolution: '1m', to: iso(5 * minuteMs), fill: 'previous' });
    expect(after.body.series[0]).toMatchObject({ v: [2, 5, null, 5, 5], q: [2, 0, 2, 1, 1] });
    // auto takes the finest that has buckets.
    expect((await readings({ fill: 'null' })).body.resolution).toBe('1m');
  });

  test.each<[Record<string, string>]>([
    [{ lttb: '10', resolution: '15m' }],
    [{ lttb: '10', fill: 'null' }],
    [{ resolution: 'raw', fill: 'linear' }],
    [{ points: 'lift-1.door', fill: 'linear' }],
    [{ fill: 'zero' }],
  ])('%j does not go together', async (query) => {
    const { status, body } = await readings(query);
    expect([status, body.code]).toEqual([422, 'invalid-request']);
  });

  test('an unknown point is 404 and 51 points are 422', async () => {
    expect((await readings({ points: 'em-1.colour' })).status).toBe(404);
    const many = Array.from({ length: 51 }, (_, index) => `em-${index}.x`).join(',');
    expect((await readings({ points: many })).status).toBe(422);
  });
});

describe('GET /latest', () => {
  const latest = async (query: string) => {
    const { status, body } = await api.ask('viewer', 'GET', `/latest?${query}`);
    return { status, items: (body as { items: { point: string; state?: string }[] }).items };
  };

  test('latest answers the newest reading with unit, quality, state and provenance', async () => {
    expect((await latest('points=em-1.active_power,lift-1.door')).items).toEqual([
      {
        point: 'em-1.active_power',
        time: new Date(noonMs + 2 * minuteMs).toISOString(),
        value: 9,
        quality: 'bad',
        unit: 'kW',
        provenance: 'simulated',
        ageS: (dayMs - 2 * minuteMs) / 1_000,
      },
      expect.objectContaining({ point: 'lift-1.door', value: 1, state: 'open' }),
    ]);
  });

  test('latest answers by device and by space, and needs exactly one of the three', async () => {
    expect((await latest('device=env-1')).items).toHaveLength(2);
    expect((await latest('space=hall')).items.map((item) => item.point)).toEqual(['em-1.active_power']);
    expect((await latest('device=nobody')).status).toBe(404);
    expect((await latest('device=env-1&space=hall')).status).toBe(422);
    expect((await latest('')).status).toBe(422);
  });
});
