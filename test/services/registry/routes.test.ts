import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { z } from 'zod';
import { problemSchema } from '#schemas/api/common.ts';
import {
  type deviceClassSummarySchema,
  deviceDetailSchema,
  overviewSchema,
  type Device,
  type ImportAnswer,
  type Point,
  type Space,
} from '#schemas/api/registry.ts';
import { deviceClasses } from '#schemas/device-classes/index.ts';
import { addPerson, openTestApi, type TestApi, type TestPerson } from '#test/kit/api.ts';
import { systemClock } from '#infra/clock.ts';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';

const clock = systemClock();
let database: TestDatabase;
let server: TestApi;
let engineer: TestPerson;
let admin: TestPerson;

beforeAll(async () => {
  database = await createTestDatabase();
  const deps = { db: database.pool, clock };
  server = await openTestApi(deps);
  engineer = await addPerson(deps, 'engineer');
  admin = await addPerson(deps, 'admin');
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await database.pool.query('truncate space, device, point, device_status cascade');
  await database.pool.query(
    `insert into space (id, valid_from, parent_id, kind, name) values
     ('park', '2025-01-01', null, 'park', 'Park'), ('tower', '2025-01-01', 'park', 'building', 'Tower'),
     ('f1', '2025-01-01', 'tower', 'floor', 'Floor 1')`,
  );
  await server.directory.reload();
});

function ask(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, payload?: object, who = engineer) {
  const options = { method, url: `/api/v1${path}`, headers: who.headers };
  return server.root.inject(payload === undefined ? options : { ...options, payload });
}

async function code(answer: ReturnType<typeof ask>): Promise<[number, string]> {
  const { statusCode, body } = await answer;
  return [statusCode, statusCode < 400 ? 'ok' : problemSchema.parse(JSON.parse(body)).code];
}

async function history(table: 'device' | 'space', id: string) {
  const { rows } = await database.pool.query<{ name: string; joined: boolean; open: boolean }>(
    `select name, valid_to = 'infinity' as open,
       valid_from is not distinct from coalesce(lag(valid_to) over (order by valid_from), valid_from) as joined
     from ${table} where id = $1 order by valid_from`,
    [id],
  );
  return rows;
}

const meter = { id: 'em-1', name: 'Meter', class: 'energy-meter', spaceId: 'f1' };

test('POST /devices makes a point for every metric of the class, known to ingest at once', async () => {
  const answer = await ask('POST', '/devices', meter);
  expect(answer.statusCode).toBe(201);
  const device = deviceDetailSchema.parse(answer.json());
  expect(device).toMatchObject({
    spaceName: 'Floor 1',
    provenance: 'field',
    connection: 'silent',
    status: null,
  });
  const metrics = Object.keys(deviceClasses.get('energy-meter')?.metrics ?? {});
  expect(device.points.map((point) => point.metric).toSorted()).toEqual(metrics.toSorted());
  expect(server.directory.find('em-1', 'active_power')).toMatchObject({ unit: 'kW', spaceId: 'f1' });
  expect(server.directory.ofSpace('park')).toHaveLength(metrics.length);
});

test('POST /devices refuses an id that stands, an unknown class, an unknown space and unknown fields', async () => {
  await ask('POST', '/devices', meter);
  expect(await code(ask('POST', '/devices', meter))).toEqual([409, 'already-exists']);
  const wrong = await ask('POST', '/devices', { id: 'x', name: 'X', class: 'toaster', spaceId: 'attic' });
  expect(problemSchema.parse(wrong.json()).errors?.map((error) => error.path)).toEqual([
    '/class',
    '/spaceId',
  ]);
  expect(await code(ask('POST', '/devices', { ...meter, id: 'y', colour: 'red' }))).toEqual([
    422,
    'invalid-request',
  ]);
  expect(await code(ask('POST', '/devices', { ...meter, id: '_y' }))).toEqual([422, 'invalid-request']);
});

test('PATCH /devices/{id} closes a row and opens the next, however fast edits follow each other', async () => {
  await ask('POST', '/devices', meter);
  const before = server.directory.find('em-1', 'active_power')?.pointId;
  const names = Array.from({ length: 20 }, (_, i) => `Meter ${i}`);
  const answers = await Promise.all(names.map((name) => code(ask('PATCH', '/devices/em-1', { name }))));
  expect(new Set(answers.map(([status]) => status))).toEqual(new Set([200]));
  const rows = await history('device', 'em-1');
  expect(rows).toHaveLength(21);
  expect(rows.every((row) => row.joined)).toBe(true);
  expect(rows.map((row) => row.open)).toEqual([...Array<boolean>(20).fill(false), true]);
  expect(new Set(rows.map((row) => row.name)).size).toBe(21);
  expect(server.directory.find('em-1', 'active_power')?.pointId).toBe(before);
});

test('two edits in one transaction, and one that is dated into the future of the row, keep the rows joined', async () => {
  const { writeDevices } = await import('#services/registry/store.ts');
  const { transaction } = await import('#infra/postgres.ts');
  const row = { ...meter, lifecycle: 'in-service' as const, provenance: 'field' as const, attributes: {} };
  await transaction(database.pool, async (client) => {
    await client.query(
      `insert into device (id, valid_from, class, name) values ('em-1', now() + interval '1 hour', 'camera', 'Clock was ahead')`,
    );
    for (let i = 0; i < 5; i++) await writeDevices(client, [{ ...row, name: `Meter ${i}` }]);
  });
  const rows = await history('device', 'em-1');
  expect(rows.map((one) => [one.name, one.joined])).toEqual([
    ['Clock was ahead', true],
    ...[0, 1, 2, 3, 4].map((i) => [`Meter ${i}`, true]),
  ]);
});

test('PATCH /devices/{id} lets only an administrator change the provenance, and the audit says so', async () => {
  await ask('POST', '/devices', meter);
  const patch = { provenance: 'simulated', reason: 'demo park' };
  expect(await code(ask('PATCH', '/devices/em-1', patch))).toEqual([403, 'forbidden']);
  expect(await code(ask('PATCH', '/devices/em-1', patch, admin))).toEqual([200, 'ok']);
  const { rows } = await database.pool.query<{ body: object }>(
    `select body::json as body from journal where journal = 'audit' order by id desc limit 1`,
  );
  expect(rows[0]?.body).toMatchObject({
    actor: 'admin',
    action: 'device.change-provenance',
    object: 'em-1',
    reason: 'demo park',
    before: { provenance: 'field' },
    after: { provenance: 'simulated' },
  });
});

test('DELETE /devices/{id} ends the device; the same id can begin again later', async () => {
  await ask('POST', '/devices', meter);
  expect(await code(ask('DELETE', '/devices/em-1'))).toEqual([204, 'ok']);
  expect(server.directory.hasDevice('em-1')).toBe(false);
  expect(await code(ask('GET', '/devices/em-1'))).toEqual([404, 'not-found']);
  expect(await code(ask('DELETE', '/devices/em-1'))).toEqual([404, 'not-found']);
  expect(await code(ask('POST', '/devices', { ...meter, name: 'Second' }))).toEqual([201, 'ok']);
  expect((await history('device', 'em-1')).map((row) => [row.name, row.open])).toEqual([
    ['Meter', false],
    ['Second', true],
  ]);
  expect(server.directory.hasDevice('em-1')).toBe(true);
});

test('PATCH /devices/{id} to retired takes the device out of ingest and keeps it listed', async () => {
  await ask('POST', '/devices', meter);
  await ask('PATCH', '/devices/em-1', { lifecycle: 'retired' });
  expect(server.directory.hasDevice('em-1')).toBe(false);
  expect(await code(ask('GET', '/devices/em-1'))).toEqual([200, 'ok']);
});

test('spaces are refused a parent that is unknown or lies inside them, and are kept while in use', async () => {
  const body = { id: 'roof', kind: 'zone', name: 'Roof', parentId: 'tower' };
  expect(await code(ask('POST', '/spaces', body))).toEqual([201, 'ok']);
  expect(await code(ask('POST', '/spaces', body))).toEqual([409, 'already-exists']);
  expect(await code(ask('POST', '/spaces', { ...body, id: 'x', parentId: 'nowhere' }))).toEqual([
    422,
    'invalid-request',
  ]);
  const circle = await ask('PATCH', '/spaces/tower', { parentId: 'roof' });
  expect(problemSchema.parse(circle.json())).toMatchObject({
    code: 'invalid-request',
    errors: [{ path: '/parentId', message: 'makes a circle: tower > roof > tower' }],
  });
  expect(await code(ask('DELETE', '/spaces/tower'))).toEqual([409, 'in-use']);
  await ask('POST', '/devices', { ...meter, spaceId: 'roof' });
  expect(await code(ask('DELETE', '/spaces/roof'))).toEqual([409, 'in-use']);
  await ask('PATCH', '/devices/em-1', { spaceId: null });
  expect(await code(ask('DELETE', '/spaces/roof'))).toEqual([204, 'ok']);
  expect(await code(ask('PATCH', '/spaces/roof', { name: 'x' }))).toEqual([404, 'not-found']);
});

test('a device that would stand above itself is refused, and the circle is named', async () => {
  const box = { class: 'gateway', spaceId: 'park' };
  await ask('POST', '/devices', { ...box, id: 'ring-a', name: 'A' });
  await ask('POST', '/devices', { ...box, id: 'ring-b', name: 'B', attributes: { parentId: 'ring-a' } });
  await ask('POST', '/devices', { ...box, id: 'ring-c', name: 'C', attributes: { gatewayId: 'ring-b' } });
  const circle = await ask('PATCH', '/devices/ring-a', { attributes: { recorderId: 'ring-c' } });
  expect(problemSchema.parse(circle.json())).toMatchObject({
    code: 'invalid-request',
    errors: [
      { path: '/attributes/recorderId', message: 'makes a circle: ring-a > ring-c > ring-b > ring-a' },
    ],
  });
  expect(
    await code(
      ask('POST', '/devices', { ...box, id: 'ring-d', name: 'D', attributes: { parentMeterId: 'ring-d' } }),
    ),
  ).toEqual([422, 'invalid-request']);
  // Meters stand above each other in a tree of their own.
  expect(await code(ask('PATCH', '/devices/ring-a', { attributes: { parentMeterId: 'ring-c' } }))).toEqual([
    200,
    'ok',
  ]);
});

test('two moves that together would make a circle: one of them is refused', async () => {
  for (const id of ['a', 'b']) await ask('POST', '/spaces', { id, kind: 'zone', name: id, parentId: 'park' });
  const answers = await Promise.all([
    code(ask('PATCH', '/spaces/a', { parentId: 'b' })),
    code(ask('PATCH', '/spaces/b', { parentId: 'a' })),
  ]);
  expect(answers.map(([status]) => status).toSorted()).toEqual([200, 422]);
});

test('GET /devices filters by class, space with all below it, lifecycle, connection and text, page by page', async () => {
  const devices = [
    meter,
    { id: 'em-2', name: '100% meter', class: 'energy-meter', spaceId: 'park', lifecycle: 'planned' },
    { id: 'cam-1', name: 'Gate', class: 'camera', spaceId: 'tower' },
    { id: 'cam-2', name: '大门', class: 'camera', spaceId: null },
  ];
  for (const device of devices) await ask('POST', '/devices', device);
  await database.pool.query(
    `insert into device_status (device_id, status, status_at, source, last_seen) values
     ('em-1', 'online', now(), 'mqtt', now()), ('em-2', null, null, 'mqtt', now() - interval '1 hour'),
     ('cam-1', 'offline', now(), 'mqtt', now())`,
  );
  const ids = async (query: string) =>
    (await ask('GET', `/devices?${query}`)).json<{ items: Device[] }>().items.map((device) => device.id);
  expect(await ids('')).toEqual(['cam-1', 'cam-2', 'em-1', 'em-2']);
  expect(await ids('class=camera')).toEqual(['cam-1', 'cam-2']);
  expect(await ids('space=tower')).toEqual(['cam-1', 'em-1']);
  expect(await ids('lifecycle=planned')).toEqual(['em-2']);
  expect(await ids('status=online')).toEqual(['em-1']);
  expect(await ids('status=offline')).toEqual(['cam-1']);
  expect(await ids('status=silent')).toEqual(['cam-2', 'em-2']);
  expect(await ids(`q=${encodeURIComponent('大')}`)).toEqual(['cam-2']);
  expect(await ids('q=EM-')).toEqual(['em-1', 'em-2']);
  expect(await ids(`q=${encodeURIComponent('%')}`)).toEqual(['em-2']);
  const first = (await ask('GET', '/devices?limit=3')).json<{ items: Device[]; nextCursor: string }>();
  const second = (await ask('GET', `/devices?limit=3&cursor=${first.nextCursor}`)).json<{
    items: Device[];
    nextCursor: null;
  }>();
  expect([...first.items, ...second.items].map((device) => device.id)).toEqual([
    'cam-1',
    'cam-2',
    'em-1',
    'em-2',
  ]);
  expect(second.nextCursor).toBeNull();
  expect(await code(ask('GET', '/devices?status=asleep'))).toEqual([422, 'invalid-request']);
  expect(await code(ask('GET', '/devices?colour=red'))).toEqual([422, 'invalid-request']);
});

test('GET /points pages through points without losing or repeating one', async () => {
  await ask('POST', '/devices', meter);
  await ask('POST', '/devices', { ...meter, id: 'em-1-b' });
  const keys: string[] = [];
  for (let cursor = ''; ;) {
    const page = (await ask('GET', `/points?space=park&limit=4${cursor}`)).json<{
      items: Point[];
      nextCursor: string | null;
    }>();
    keys.push(...page.items.map((point) => point.key));
    if (page.nextCursor === null) break;
    cursor = `&cursor=${page.nextCursor}`;
  }
  const metrics = Object.keys(deviceClasses.get('energy-meter')?.metrics ?? {});
  expect(keys.toSorted()).toEqual(
    ['em-1', 'em-1-b'].flatMap((id) => metrics.map((metric) => `${id}.${metric}`)).toSorted(),
  );
});

test('GET /overview counts devices in service by class and connection', async () => {
  await ask('POST', '/devices', meter);
  await ask('POST', '/devices', { ...meter, id: 'em-2', lifecycle: 'planned' });
  await ask('POST', '/devices', { id: 'cam-1', name: 'Gate', class: 'camera', provenance: 'simulated' });
  await database.pool.query(
    `insert into device_status (device_id, status, source, last_seen) values ('em-1', null, 'mqtt', now())`,
  );
  expect(overviewSchema.parse((await ask('GET', '/overview')).json())).toMatchObject({
    devices: [
      { class: 'energy-meter', total: 1, online: 1, offline: 0, silent: 0 },
      { class: 'camera', total: 1, online: 0, offline: 0, silent: 1 },
    ],
    provenance: { field: 1, simulated: 1, replayed: 0, manual: 0 },
  });
  const classes = (await ask('GET', '/device-classes')).json<{
    items: z.infer<typeof deviceClassSummarySchema>[];
  }>().items;
  expect(classes.find((one) => one.id === 'energy-meter')?.deviceCount).toBe(2);
  expect(classes.find((one) => one.id === 'camera')).toMatchObject({
    attributes: { retentionTargetDays: { en: 'Retention target (days)' } },
    metrics: {
      oldest_recording_age: { name: { en: 'Oldest recording age' }, unit: 's', states: [] },
      recording: { unit: '', states: [{ key: 'off', name: { en: 'Not recording' } }, { key: 'on' }] },
    },
  });
});

function sendImport(text: string, query = '', who = engineer) {
  return server.root.inject({
    method: 'POST',
    url: `/api/v1/imports${query}`,
    headers: { ...who.headers, 'content-type': 'text/yaml' },
    payload: text,
  });
}

const file = `spaces:
  - { id: hall, parentId: park, kind: building, name: Hall, validFrom: 2025-06-01T00:00:00Z }
  - { id: stage, parentId: hall, kind: room, name: Stage }
devices:
  - { id: em-9, name: Nine, class: energy-meter, spaceId: stage, validFrom: 2025-06-02T00:00:00+08:00 }
  - { id: cam-9, name: Eye, class: camera, spaceId: hall }
`;

test('POST /imports imports once, and finds nothing to do the second time', async () => {
  const dry = (await sendImport(file, '?dryRun=true')).json<ImportAnswer>();
  expect(dry).toMatchObject({ dryRun: true, created: { spaces: 2, devices: 2 } });
  expect((await ask('GET', '/spaces?q=hall')).json<{ items: Space[] }>().items).toEqual([]);
  expect((await sendImport(file)).json()).toEqual({ ...dry, dryRun: false });
  expect(server.directory.find('em-9', 'active_power')?.spaceId).toBe('stage');
  const device = (await ask('GET', '/devices/em-9')).json<Device>();
  expect(device.validFrom).toBe('2025-06-01T16:00:00.000Z');
  expect((await sendImport(file)).json()).toMatchObject({
    created: { spaces: 0, devices: 0 },
    changed: { spaces: 0, devices: 0 },
    unchanged: { spaces: 2, devices: 2 },
  });
  expect(await history('device', 'em-9')).toHaveLength(1);
});

test('POST /imports changes what the file says otherwise, and leaves what it does not say', async () => {
  await sendImport(file);
  await ask('PATCH', '/devices/em-9', { lifecycle: 'out-of-service', attributes: { ratedPowerKw: 3 } });
  const answer = await sendImport(file.replace('Nine', 'Neun'));
  expect(answer.json()).toMatchObject({
    changed: { spaces: 0, devices: 1 },
    unchanged: { spaces: 2, devices: 1 },
  });
  expect((await ask('GET', '/devices/em-9')).json()).toMatchObject({
    name: 'Neun',
    lifecycle: 'out-of-service',
    attributes: { ratedPowerKw: 3 },
  });
});

test('POST /imports imports nothing when anything is wrong, and says where', async () => {
  const answer = await sendImport(`${file}  - { id: x, name: X, class: toaster }\n`);
  const problem = problemSchema.parse(answer.json());
  expect([answer.statusCode, problem.code]).toEqual([422, 'invalid-import']);
  expect(problem.errors).toEqual([
    { path: '/devices/2/class', message: 'there is no device class "toaster"', line: 7, column: 30 },
  ]);
  expect(server.directory.hasDevice('em-9')).toBe(false);
});

test('POST /imports leaves a change of provenance to an administrator', async () => {
  await sendImport(file);
  const changed = file.replace('class: camera', 'class: camera, provenance: replayed');
  expect(await code(sendImport(changed))).toEqual([403, 'forbidden']);
  expect(await code(sendImport(changed, '', admin))).toEqual([200, 'ok']);
});

test('POST /imports reads JSON with its lines, refuses what is not UTF-8, too large or of another type', async () => {
  const send = (payload: string | Buffer, type: string) =>
    server.root.inject({
      method: 'POST',
      url: '/api/v1/imports',
      headers: { ...engineer.headers, 'content-type': type },
      payload,
    });
  const json = await send('{\n  "devices": [\n    { "id": "x" }\n  ]\n}', 'application/json');
  expect(problemSchema.parse(json.json()).errors?.[0]).toMatchObject({ line: 3, column: 5 });
  expect(await code(send(Buffer.from([0xff, 0xfe, 0x00]), 'text/yaml'))).toEqual([422, 'invalid-import']);
  expect(await code(send('x'.repeat(5 * 1024 * 1024 + 1), 'text/yaml'))).toEqual([413, 'too-large']);
  expect(await code(send('x', 'text/plain'))).toEqual([415, 'unsupported-media-type']);
});

test('POST /imports takes 5,000 devices in one request', async () => {
  const rows = Array.from(
    { length: 5_000 },
    (_, i) => `  - { id: big-${i}, name: M${i}, class: energy-meter, spaceId: f1 }\n`,
  );
  const answer = await sendImport(`devices:\n${rows.join('')}`);
  expect(answer.json()).toMatchObject({ created: { devices: 5_000 } });
  expect(server.directory.hasDevice('big-4999')).toBe(true);
});

test('asOf answers with the park as it stood: a device that was moved, and one that was retired and removed', async () => {
  const { pool } = database;
  await pool.query(
    `insert into device (id, valid_from, valid_to, class, name, space_id, lifecycle) values
     ('em-1', '2025-02-01', '2025-03-01', 'energy-meter', 'Meter', 'f1', 'in-service'),
     ('em-1', '2025-03-01', '2025-04-01', 'energy-meter', 'Meter', 'park', 'in-service'),
     ('em-1', '2025-04-01', '2025-05-01', 'energy-meter', 'Meter', 'park', 'retired')`,
  );
  await pool.query(`insert into point (device_id, metric) values ('em-1', 'active_power')`);
  await pool.query(`update space set valid_to = '2025-06-01' where id = 'f1'`);
  const stood = async (asOf: string, query = '') => {
    const answer = await ask('GET', `/devices?asOf=${asOf}T00:00:00Z${query}`);
    return answer
      .json<{ items: Device[] }>()
      .items.map(({ id, spaceName, lifecycle, connection }) => [id, spaceName, lifecycle, connection]);
  };
  expect(await stood('2025-01-15')).toEqual([]);
  expect(await stood('2025-02-01')).toEqual([['em-1', 'Floor 1', 'in-service', null]]);
  expect(await stood('2025-02-15', '&space=tower')).toHaveLength(1);
  expect(await stood('2025-03-15', '&space=tower')).toEqual([]);
  expect(await stood('2025-03-15', '&space=park')).toEqual([['em-1', 'Park', 'in-service', null]]);
  expect(await stood('2025-04-15')).toEqual([['em-1', 'Park', 'retired', null]]);
  expect(await stood('2025-05-01')).toEqual([]);
  const points = async (query: string) =>
    (await ask('GET', `/points?${query}`)).json<{ items: Point[] }>().items.map(({ key }) => key);
  expect(await points('asOf=2025-02-15T00:00:00Z&space=f1')).toEqual(['em-1.active_power']);
  expect(await points('asOf=2025-05-15T00:00:00Z')).toEqual([]);
  const spaces = async (query: string) =>
    (await ask('GET', `/spaces?${query}`)).json<{ items: Space[] }>().items.map(({ id }) => id);
  expect(await spaces('asOf=2025-05-31T23:59:59Z')).toEqual(['f1', 'park', 'tower']);
  expect(await spaces('asOf=2025-06-01T00:00:00Z')).toEqual(['park', 'tower']);
  expect(await spaces('')).toEqual(['park', 'tower']);
  expect(await code(ask('GET', '/devices/em-1?asOf=2025-02-15T00:00:00Z'))).toEqual([200, 'ok']);
  expect(await code(ask('GET', '/devices/em-1'))).toEqual([404, 'not-found']);
  const classes = (await ask('GET', '/device-classes?asOf=2025-02-15T00:00:00Z')).json<{
    items: z.infer<typeof deviceClassSummarySchema>[];
  }>();
  expect(classes.items.find(({ id }) => id === 'energy-meter')?.deviceCount).toBe(1);
  expect(await code(ask('GET', '/devices?asOf=2025-02-15T00:00:00Z&status=online'))).toEqual([
    422,
    'invalid-request',
  ]);
  expect(await code(ask('GET', '/devices?asOf=yesterday'))).toEqual([422, 'invalid-request']);
});
