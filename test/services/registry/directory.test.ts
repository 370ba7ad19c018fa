import { afterEach, beforeEach, expect, test } from 'vitest';
import { createBus, type Bus } from '#infra/bus.ts';
import { silentLog } from '#infra/log.ts';
import { transaction } from '#infra/postgres.ts';
import { ensurePoints, notifyRegistry } from '#services/registry/directory-store.ts';
import { startPointDirectory, type RunningPointDirectory } from '#services/registry/directory.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { until } from '#test/kit/events.ts';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';

let database: TestDatabase;
let bus: Bus;
let directory: RunningPointDirectory;
const clock = fakeClock();

beforeEach(async () => {
  database = await createTestDatabase();
  bus = createBus((error) => {
    throw error;
  });
  await database.pool.query(
    `insert into space (id, valid_from, parent_id, kind, name) values ('park', now(), null, 'park', 'P'),
     ('b', now(), 'park', 'building', 'B'), ('f', now(), 'b', 'floor', 'F'), ('other', now(), 'park', 'zone', 'O')`,
  );
  await database.pool.query(
    `insert into device (id, valid_from, class, name, space_id, lifecycle) values
     ('em-1', now(), 'energy-meter', 'M', 'f', 'in-service'), ('cam-1', now(), 'camera', 'C', 'other', 'in-service'),
     ('old', now(), 'camera', 'C', 'f', 'retired')`,
  );
  directory = await startPointDirectory({ db: database.pool, bus, log: silentLog(), clock });
});
afterEach(async () => {
  await directory[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

const changed = () => new Promise<void>((resolve) => directory.onChange(resolve));

test('startPointDirectory() makes the points that devices of a class lack, and keeps those they have', async () => {
  const first = directory.find('em-1', 'active_energy_import');
  expect(first).toMatchObject({
    kind: 'counter',
    unit: 'kWh',
    min: 0,
    deviceClass: 'energy-meter',
    spaceId: 'f',
  });
  await ensurePoints(database.pool);
  await directory.reload();
  expect(directory.find('em-1', 'active_energy_import')).toEqual(first);
  expect(directory.byId(first?.pointId ?? 0)).toEqual(first);
  const { rows } = await database.pool.query<{ gapless: boolean }>(
    'select max(point_id) = count(*) as gapless from point',
  );
  expect(rows[0]?.gapless).toBe(true);
});

test('ofSpace() holds the points of everything below the space and nothing beside it', () => {
  expect(new Set(directory.ofSpace('b').map((point) => point.deviceId))).toEqual(new Set(['em-1']));
  expect(new Set(directory.ofSpace('park').map((point) => point.deviceId))).toEqual(
    new Set(['em-1', 'cam-1']),
  );
  expect(directory.ofSpace('nowhere')).toEqual([]);
});

test('find() knows neither retired devices nor ignored metrics; isIgnored() tells the latter', async () => {
  expect([directory.hasDevice('old'), directory.find('old', 'online')]).toEqual([false, undefined]);
  await database.pool.query(`insert into point (device_id, metric, ignored) values ('em-1', 'noise', true)`);
  await directory.reload();
  expect([directory.find('em-1', 'noise'), directory.isIgnored('em-1', 'noise')]).toEqual([undefined, true]);
  expect(directory.isIgnored('em-1', 'active_power')).toBe(false);
});

test('find() takes the meaning of an adopted metric from what was stored with it', async () => {
  await database.pool.query(
    `insert into point (device_id, metric, definition) values ('em-1', 'leakage', '{"kind":"counter","unit":"A"}')`,
  );
  await directory.reload();
  expect(directory.find('em-1', 'leakage')).toMatchObject({
    kind: 'counter',
    unit: 'A',
    min: null,
    max: null,
  });
});

test('the directory follows what another process commits, and not before it commits', async () => {
  const heard = changed();
  await transaction(database.pool, async (client) => {
    await client.query(
      `insert into device (id, valid_from, class, name) values ('em-2', now(), 'energy-meter', 'M')`,
    );
    await ensurePoints(client, ['em-2']);
    await notifyRegistry(client);
    expect(directory.hasDevice('em-2')).toBe(false);
  });
  await heard;
  expect(directory.find('em-2', 'active_power')).toBeDefined();
});

test('the directory reloads on the bus, except for rules', async () => {
  let reloads = 0;
  directory.onChange(() => reloads++);
  await database.pool.query(`update device set space_id = 'other' where id = 'em-1'`);
  bus.publish('registry', { changed: 'rules' });
  const heard = changed();
  bus.publish('registry', { changed: 'points' });
  await heard;
  expect(reloads).toBe(1);
  expect(directory.find('em-1', 'active_power')?.spaceId).toBe('other');
});

test('reload() shares loads between calls that meet, and ends with one that began after the call', async () => {
  let reloads = 0;
  directory.onChange(() => reloads++);
  const running = directory.reload();
  await database.pool.query(`update device set name = 'x', space_id = 'b' where id = 'em-1'`);
  await Promise.all([running, ...Array.from({ length: 50 }, () => directory.reload())]);
  expect(reloads).toBeLessThanOrEqual(3);
  expect(directory.find('em-1', 'active_power')?.spaceId).toBe('b');
});

test('the directory listens again after its connection was cut, and reads what it missed', async () => {
  await database.pool.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and query like 'listen%'`,
  );
  await until(() => clock.waiting > 0, 'the directory to wait before it listens again');
  await database.pool.query(`update device set space_id = 'other' where id = 'em-1'`);
  const heard = changed();
  await clock.advance(1_000);
  await heard;
  expect(directory.find('em-1', 'active_power')?.spaceId).toBe('other');
  const next = changed();
  await notifyRegistry(database.pool);
  await next;
});
