import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { createBus } from '#infra/bus.ts';
import { silentLog } from '#infra/log.ts';
import type { ConsumptionAnswer } from '#schemas/api/consumption.ts';
import type { PointDetail, Sample } from '#schemas/api/points.ts';
import type { Series } from '#schemas/api/readings.ts';
import type { Timeline } from '#schemas/api/timeline.ts';
import { consumptionRoutes } from '#services/consumption/routes.ts';
import { exportRoutes } from '#services/history/export-routes.ts';
import { pointRoutes } from '#services/history/point-routes.ts';
import { historyRoutes } from '#services/history/routes.ts';
import { timelineRoutes } from '#services/history/timeline-routes.ts';
import { startPointDirectory, type RunningPointDirectory } from '#services/registry/directory.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { insertDevices } from '#test/kit/park-rows.ts';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';
import { openRouteApi, type RouteApi } from '#test/kit/route-api.ts';

const quarterMs = 15 * 60_000;
const minuteMs = 60_000;
/** The first of the hour of samples, one a minute. */
const startMs = Math.floor(Date.now() / quarterMs) * quarterMs - 8 * quarterMs;
const nowMs = startMs + 8 * quarterMs;
const energy = 'active_energy_import';
let database: TestDatabase;
let directory: RunningPointDirectory;
let api: RouteApi;

beforeAll(async () => {
  database = await createTestDatabase();
  const db = database.pool;
  await insertDevices(db, [
    { id: 'here', class: 'energy-meter', from: '2026-01-01T00:00:00Z' },
    { id: 'retired', class: 'energy-meter', from: '2026-01-01T00:00:00Z' },
    { id: 'gone', class: 'energy-meter', from: '2026-01-01T00:00:00Z' },
    { id: 'lift-gone', class: 'elevator', from: '2026-01-01T00:00:00Z' },
  ]);
  for (const id of ['here', 'retired', 'gone']) await rises(id, energy, 60);
  // Closed and open by turns, five minutes each, every second.
  await db.query(
    `insert into reading (point_id, time, value, quality)
     select point_id, $1::timestamptz + n * interval '1 s', n / 300 % 2, 0
     from point, generate_series(0, 3600) n where device_id = 'lift-gone' and metric = 'door'`,
    [new Date(startMs)],
  );
  await db.query(`update device set lifecycle = 'retired' where id = 'retired'`);
  await db.query(`update device set valid_to = $1 where id in ('gone', 'lift-gone')`, [new Date(nowMs)]);
  const bus = createBus((error) => {
    throw error;
  });
  directory = await startPointDirectory({ db, bus, log: silentLog() });
  const latest = { of: () => undefined };
  const clock = fakeClock(nowMs);
  const deps = { db, directory, clock, horizonDays: 7, timeZone: 'Asia/Shanghai', latest };
  api = await openRouteApi((scope) => {
    pointRoutes(scope, deps);
    historyRoutes(scope, deps);
    exportRoutes(scope, deps);
    timelineRoutes(scope, deps);
    consumptionRoutes(scope, deps);
  });
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

async function rises(device: string, metric: string, minutes: number) {
  await database.pool.query(
    `insert into reading (point_id, time, value, quality)
     select point_id, $2::timestamptz + n * interval '1 minute', n, 0
     from point, generate_series(0, $3::int) n where device_id = $1 and metric = $4`,
    [device, new Date(startMs), minutes, metric],
  );
}

const iso = (minutes: number) => new Date(startMs + minutes * minuteMs).toISOString();
async function ask<T>(path: string, query: Record<string, string> = {}) {
  const { status, body } = await api.ask('viewer', 'GET', `${path}?${new URLSearchParams(query).toString()}`);
  return { status, body: body as T };
}
const samples = (key: string, query: Record<string, string> = {}) =>
  ask<{ items: Sample[]; nextCursor: string | null }>(`/points/${key}/samples`, query);

describe('GET /points/{key}', () => {
  test('tells what the point means, where it belongs and its newest reading', async () => {
    const { status, body } = await ask<PointDetail>(`/points/here.${energy}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      key: `here.${energy}`,
      kind: 'counter',
      unit: 'kWh',
      resolution: 0.01,
      device: { id: 'here', class: 'energy-meter', lifecycle: 'in-service', removedAt: null },
      latest: { value: 60, quality: 'good', time: iso(60) },
    });
    expect((await ask('/points/here.nothing')).status).toBe(404);
    expect((await ask('/points/nobody.power')).status).toBe(404);
    expect((await ask('/points/no-key')).status).toBe(422);
  });
});

describe('GET /points/{key}/samples', () => {
  test('answers newest first, page by page, each once', async () => {
    const first = await samples(`here.${energy}`, { limit: '40' });
    expect(first.body.items).toHaveLength(40);
    expect(first.body.items[0]).toEqual({
      time: iso(60),
      value: 60,
      state: null,
      quality: 'good',
      provenance: 'field',
      late: false,
      gapS: null,
      corrections: [],
    });
    const second = await samples(`here.${energy}`, { limit: '40', cursor: first.body.nextCursor ?? '' });
    expect(second.body.nextCursor).toBeNull();
    const values = [...first.body.items, ...second.body.items].map(({ value }) => value);
    expect(values).toEqual(Array.from({ length: 61 }, (_, at) => 60 - at));
    const part = await samples(`here.${energy}`, { from: iso(10), to: iso(13) });
    expect(part.body.items.map(({ value }) => value)).toEqual([12, 11, 10]);
    expect((await samples(`here.${energy}`, { cursor: 'eA' })).status).toBe(422);
  });

  test('tells corrections, gaps, what came late, and where each value came from', async () => {
    const db = database.pool;
    await insertDevices(db, [{ id: 'told', class: 'energy-meter', from: '2026-01-01T00:00:00Z' }]);
    await rises('told', energy, 3);
    const { rows } = await db.query<{ id: number }>(
      `select point_id as id from point where device_id = 'told' and metric = $1`,
      [energy],
    );
    const [id, tenth] = [rows[0]?.id, new Date(startMs + 10 * minuteMs)];
    await db.query('insert into reading (point_id, time, value, quality) values ($1, $2, 99, 1)', [
      id,
      tenth,
    ]);
    await db.query(
      `insert into reading_correction (point_id, time, old_value, old_quality, new_value, new_quality, new_rev)
       values ($1, $2, 7, 2, 8, 0, 1), ($1, $2, 8, 0, 99, 1, 2)`,
      [id, tenth],
    );
    await db.query(
      `insert into reading_late (point_id, time, value, quality) values ($1, $2::timestamptz - interval '30 days', 5, 0)`,
      [id, new Date(startMs)],
    );
    await db.query(`update device set valid_to = $1 where id = 'told'`, [new Date(startMs + 5 * minuteMs)]);
    await db.query(
      `insert into device (id, valid_from, class, name, provenance) values ('told', $1, 'energy-meter', 't', 'replayed')`,
      [new Date(startMs + 5 * minuteMs)],
    );
    await directory.reload();
    const { items } = (await samples(`told.${energy}`)).body;
    expect(items.map(({ value, gapS, late, provenance }) => [value, gapS, late, provenance])).toEqual([
      [99, 7 * 60, false, 'replayed'],
      [3, null, false, 'field'],
      [2, null, false, 'field'],
      [1, null, false, 'field'],
      [0, 30 * 86_400, false, 'field'],
      [5, null, true, 'field'],
    ]);
    expect(items[0]?.quality).toBe('uncertain');
    expect(items[0]?.corrections).toMatchObject([
      { value: 7, quality: 'bad' },
      { value: 8, quality: 'good' },
    ]);
  });
});

test('samples that their class keeps longer are told, too, and each once', async () => {
  const db = database.pool;
  await insertDevices(db, [{ id: 'kept', class: 'energy-meter', from: '2026-01-01T00:00:00Z' }]);
  await rises('kept', energy, 1);
  const longAgo = new Date(startMs - 60 * 86_400_000);
  await db.query('insert into raw_kept (since) values ($1)', [new Date(startMs - 86_400_000)]);
  if (inject('dialect') === 'plain') {
    await db.query('create table reading_kept_test partition of reading_kept default');
  }
  await db.query(
    `insert into reading_kept (point_id, time, value, quality)
     select point_id, t, 5, 0 from point, unnest($1::timestamptz[]) t where device_id = 'kept' and metric = $2`,
    // A copy of what has not been dropped yet is not told twice.
    [[longAgo, new Date(startMs)], energy],
  );
  await directory.reload();
  const { items } = (await samples(`kept.${energy}`)).body;
  expect(items.map(({ time, value }) => [time, value])).toEqual([
    [iso(1), 1],
    [iso(0), 0],
    [longAgo.toISOString(), 5],
  ]);
});

describe('a device that is retired or gone', () => {
  test.each(['retired', 'gone'])(
    '%s: all that was measured is answered by the key of the point',
    async (device) => {
      const points = `${device}.${energy}`;
      const range = { points, from: iso(0), to: iso(60) };
      const detail = await ask<PointDetail>(`/points/${points}`);
      expect(detail.body).toMatchObject({
        kind: 'counter',
        device: device === 'gone' ? { removedAt: iso(120) } : { lifecycle: 'retired', removedAt: null },
        latest: { value: 60 },
      });
      expect((await samples(points)).body.items).toHaveLength(61);
      const readings = await ask<{ series: Series[] }>('/readings', { ...range, resolution: 'raw' });
      expect(readings.body.series[0]?.t).toHaveLength(60);
      const latest = await ask<{ items: { value: number }[] }>('/latest', { device });
      expect(latest.body.items).toMatchObject([{ value: 60 }]);
      const consumption = await ask<ConsumptionAnswer>('/consumption', { ...range, interval: '1h' });
      const [item] = consumption.body.items;
      expect(item?.buckets.reduce((sum, { value }) => sum + (value ?? 0), 0)).toBe(60);
      await database.pool.query(
        `insert into consumption_change (point_id, from_time, to_time, old_coverage, new_coverage, old_bits, new_bits, cause)
       select point_id, $3, $4, 0, 1, 0, 0, 'late' from point where device_id = $1 and metric = $2`,
        [device, energy, new Date(startMs), new Date(startMs + quarterMs)],
      );
      const changes = await ask('/consumption/changes', { device });
      expect(changes.body).toMatchObject({ items: [{ point: points, unit: 'kWh' }] });
      expect((await ask(`/devices/${device}/replacements`)).status).toBe(200);
    },
  );

  test('its states are told over time', async () => {
    const range = { points: 'lift-gone.door', from: iso(0), to: iso(60) };
    const { status, body } = await ask<{ items: Timeline[] }>('/timeline', range);
    expect(status).toBe(200);
    expect(body.items[0]?.spans.length).toBeGreaterThan(3);
    const [newest] = (await samples('lift-gone.door', { to: iso(60) })).body.items;
    expect(newest?.state).toBe(body.items[0]?.spans.at(-1)?.state);
  });
});
