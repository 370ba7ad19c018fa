import { beforeEach, describe, expect, test } from 'vitest';
import { createBus } from '#infra/bus.ts';
import { systemClock } from '#infra/clock.ts';
import { silentLog } from '#infra/log.ts';
import type { Queryable } from '#infra/postgres.ts';
import type { Source } from '#schemas/api/ingest.ts';
import type { Role } from '#schemas/roles.ts';
import { startDiscoveries, type Discoveries } from '#services/ingest/discoveries.ts';
import { ingestRoutes } from '#services/ingest/routes.ts';
import { startWriter, type Writer } from '#services/ingest/writer.ts';
import { ensurePoints, notifyRegistry } from '#services/registry/directory-store.ts';
import { startPointDirectory, type RunningPointDirectory } from '#services/registry/directory.ts';
import { eventPacket, packetOf, refusedPacket, telemetry } from '#test/kit/packets.ts';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';
import { openRouteApi, type RouteApi } from '#test/kit/route-api.ts';
import { allReadings } from './harness.ts';

const now = Math.floor(Date.now() / 1000) * 1000;
const clock = systemClock();
const log = silentLog();

let database: TestDatabase;
let directory: RunningPointDirectory;
let writer: Writer;
let discoveries: Discoveries;
let api: RouteApi;

async function createDevice(
  client: Queryable,
  _: object,
  device: { id: string; name: string; class: string },
) {
  await client.query(`insert into device (id, valid_from, class, name) values ($1, now(), $2, $3)`, [
    device.id,
    device.class,
    device.name,
  ]);
  await ensurePoints(client, [device.id]);
  await notifyRegistry(client);
}

async function createDevices(
  client: Queryable,
  editor: object,
  devices: readonly { id: string; name: string; class: string }[],
) {
  for (const device of devices) await createDevice(client, editor, device);
}

beforeEach(async () => {
  database = await createTestDatabase();
  const db = database.pool;
  const bus = createBus((error) => {
    throw error;
  });
  await createDevice(db, {}, { id: 'em-1', name: 'Meter', class: 'energy-meter' });
  directory = await startPointDirectory({ db, bus, log });
  const base = { db, directory, bus, clock, log };
  writer = await startWriter({
    ...base,
    databaseUrl: database.url,
    horizonDays: 7,
    timeZone: 'Asia/Shanghai',
  });
  discoveries = startDiscoveries({ ...base, sink: writer });
  const gateway = {
    source: 'mqtt',
    protocol: 'mqtt',
    connected: true,
    detail: 'embedded broker',
    packetsAcknowledged: 0,
    packetsWaiting: 0,
    canary: null,
  } as const;
  api = await openRouteApi((scope) =>
    ingestRoutes(scope, { ...base, gateways: () => [gateway], writer, discoveries, createDevices }),
  );
  return async () => {
    await api[Symbol.asyncDispose]();
    await discoveries[Symbol.asyncDispose]();
    await writer[Symbol.asyncDispose]();
    await directory[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  };
});

interface Listed {
  readonly items: Record<string, unknown>[];
  readonly nextCursor: string | null;
}

async function get(path: string): Promise<Listed> {
  const { status, body } = await api.ask('viewer', 'GET', path);
  expect(status, JSON.stringify(body)).toBe(200);
  return body as Listed;
}

const post = (path: string, body: object | undefined, role: Role = 'engineer') =>
  api.ask(role, 'POST', path, body);

async function sources(): Promise<Record<string, Source>> {
  const { items } = await get('/sources');
  return Object.fromEntries((items as unknown as Source[]).map((item) => [item.source, item]));
}

const power = (timeMs: number, value: number, metric = 'active_power') => ({ metric, timeMs, value });

describe('personal data', () => {
  test('is shown to those who work with it, and masked for the others, wherever the field put it', async () => {
    const data = { credential: 'SIM-01292', direction: 'in' };
    await writer.write(eventPacket('em-1', [{ type: 'access.granted', timeMs: now, id: 'e1', data }]));
    const refused = refusedPacket('em-1', now);
    await writer.write({ ...refused, bytes: Buffer.from(JSON.stringify({ data })) });
    const seen = async (role: Role) => {
      const bodies = ['/events', '/rejections'].map((path) => api.ask(role, 'GET', path));
      return (await Promise.all(bodies)).map(({ body }) => JSON.stringify(body).includes('SIM-01292'));
    };
    for (const role of ['operator', 'engineer', 'admin'] as const) {
      expect([role, await seen(role)]).toEqual([role, [true, true]]);
    }
    for (const role of ['viewer', 'assessor'] as const) {
      expect([role, await seen(role)]).toEqual([role, [false, false]]);
    }
    expect((await get('/events')).items).toMatchObject([{ data: { credential: '***92', direction: 'in' } }]);
  });
});

describe('GET /sources', () => {
  test('sources answers every gateway with a ledger that balances', async () => {
    await writer.write(telemetry('em-1', [power(now, 1), power(now, 1), power(now, 1e9)], { seq: 1 }));
    await writer.write(telemetry('em-1', [power(now + 1, 2)], { seq: 4, receivedAtMs: now - 120_000 }));
    await writer.write(telemetry('nobody', [power(now, 1)], { unacknowledged: true }));
    await writer.write(refusedPacket(null, now));
    const { test: source, mqtt } = await sources();
    expect(mqtt).toMatchObject({ connected: true, balanced: true, packets: { received: 0 } });
    expect(source).toMatchObject({
      connected: false,
      balanced: true,
      packets: { received: 4, refused: 1, usable: 3, acknowledged: 3, waiting: 0, unacknowledged: 1 },
      values: {
        received: 5,
        accepted: 3,
        rejected: { implausible: 1 },
        undiscovered: 1,
        committed: 2,
        duplicate: 1,
        waiting: 0,
      },
      sequence: { devices: 1, gaps: 2, repeats: 0 },
    });
  });
});

describe('GET /rejections', () => {
  test('rejections pages newest first, filters, and shows bytes that are no text', async () => {
    const bytes = Buffer.from([0x7b, 0xff, 0xe6, 0x99, 0xba, 0xe6]);
    for (let index = 0; index < 3; index++) {
      await writer.write({ ...refusedPacket('em-1', now + index), bytes });
    }
    await writer.write(telemetry('em-1', [power(now, 1e9)]));
    const first = await get('/rejections?limit=2');
    expect(first.items.map((item) => item['reason'])).toEqual(['implausible', 'not-json']);
    const { said, detail, knownDevice } = first.items[0] ?? {};
    expect(said).toMatchObject({ code: 'implausible', params: { value: 1e9, unit: 'kW' } });
    expect([detail, knownDevice]).toEqual([expect.stringMatching(/^value is 1000000000 kW, /), true]);
    await writer.write(refusedPacket('em-nobody', now));
    expect((await get('/rejections?device=em-nobody')).items[0]).toMatchObject({ knownDevice: false });
    const second = await get(`/rejections?limit=2&cursor=${first.nextCursor}`);
    expect(second).toMatchObject({
      items: [{ payload: '{\\xff智\\xe6', payloadBytes: 6 }, {}],
      nextCursor: null,
    });
    expect((await get('/rejections?reason=implausible')).items).toHaveLength(1);
    expect((await get('/rejections?device=other')).items).toHaveLength(0);
    expect((await api.ask('viewer', 'GET', '/rejections?cursor=bm9uZQ')).status).toBe(422);
  });

  test('the late book tells who sent what beyond the horizon, newest first, page by page', async () => {
    const longAgo = now - 30 * 86_400_000;
    const iso = (timeMs: number) => new Date(timeMs).toISOString();
    for (let index = 0; index < 3; index++) {
      await writer.write(telemetry('em-1', [power(longAgo + index, 5)]));
    }
    await writer.write(telemetry('em-1', [power(longAgo, 5)]));
    const first = await get('/late-book?limit=2');
    expect(first.items).toMatchObject([
      {
        deviceId: 'em-1',
        metrics: ['active_power'],
        from: iso(longAgo + 2),
        outcome: 'stored',
        valueCount: 1,
      },
      { from: iso(longAgo + 1) },
    ]);
    const second = await get(`/late-book?limit=2&cursor=${first.nextCursor}`);
    expect(second).toMatchObject({ items: [{ to: iso(longAgo) }], nextCursor: null });
    expect((await get('/late-book?outcome=refused')).items).toHaveLength(0);
    expect((await get('/late-book?device=other')).items).toHaveLength(0);
    expect((await api.ask('viewer', 'GET', '/late-book?outcome=lost')).status).toBe(422);
  });
});

describe('GET /events', () => {
  test('events pages newest first and filters by device, type and time', async () => {
    const types = ['access.denied', 'access.granted', 'access.denied'];
    await writer.write(
      eventPacket(
        'em-1',
        types.map((type, index) => ({ timeMs: now + index, type, id: `${index}` })),
      ),
    );
    const first = await get('/events?limit=2');
    expect(first.items.map((item) => item['time'])).toEqual(
      [now + 2, now + 1].map((ms) => new Date(ms).toISOString()),
    );
    expect((await get(`/events?limit=2&cursor=${first.nextCursor}`)).items).toHaveLength(1);
    expect((await get('/events?type=access.denied&device=em-1')).items).toHaveLength(2);
    expect((await get(`/events?to=${new Date(now + 1).toISOString()}`)).items).toHaveLength(1);
  });
});

describe('discoveries', () => {
  const samples = [power(now, 1), power(now, 5, 'flow'), power(now, 7, 'volume')];

  test('GET /discoveries lists what is unknown with a guess at its class', async () => {
    await writer.write(telemetry('wm-9', samples.slice(1)));
    await writer.write(telemetry('em-1', [power(now, 1, 'colour')]));
    const page = await get('/discoveries?limit=1');
    expect(page.items).toMatchObject([
      { deviceId: 'em-1', knownDevice: true, metrics: ['colour'], guessedClass: null },
    ]);
    const next = await get(`/discoveries?cursor=${page.nextCursor}`);
    expect(next.items).toMatchObject([
      { deviceId: 'wm-9', knownDevice: false, packets: 1, guessedClass: 'water-meter' },
    ]);
    expect((await get('/discoveries?device=wm-9')).items.map(({ deviceId }) => deviceId)).toEqual(['wm-9']);
    expect((await get('/discoveries?device=wm-8')).items).toEqual([]);
  });

  test('adopt stores what was kept, once, and the ledger balances before and after', async () => {
    const packets = [
      telemetry('wm-9', samples, { seq: 1 }),
      telemetry('wm-9', [power(now + 1000, 6, 'flow')], { seq: 2 }),
      eventPacket('wm-9', [{ timeMs: now, type: 'leak' }]),
      packetOf('wm-9', { kind: 'status', status: 'online', timeMs: now }, { receivedAtMs: now }),
    ];
    for (const packet of packets) await writer.write(packet);
    expect(await allReadings(database.pool)).toEqual([]);
    const answer = await post('/discoveries/wm-9/adopt', { class: 'water-meter' });
    expect(answer).toEqual({ status: 200, body: { packets: 3, values: 3 } });
    expect(await allReadings(database.pool)).toHaveLength(3);
    const { test: source } = await sources();
    expect(source).toMatchObject({
      balanced: true,
      packets: { received: 4 },
      // What the class does not know of the first packet is a discovery again.
      values: { received: 4, undiscovered: 1, committed: 3, duplicate: 0 },
      events: { committed: 1 },
      sequence: { devices: 1 },
    });
    expect((await get('/events?device=wm-9')).items).toHaveLength(1);
    expect((await get('/discoveries')).items).toMatchObject([
      { deviceId: 'wm-9', metrics: ['active_power'] },
    ]);
    expect((await post('/discoveries/nobody/adopt', { class: 'water-meter' })).status).toBe(404);
    expect((await post('/discoveries/wm-9/adopt', { class: 'water-meter' }, 'operator')).status).toBe(403);
  });

  test('adopt takes many at once, all of them or none', async () => {
    for (const id of ['wm-1', 'wm-2', 'wm-3']) await writer.write(telemetry(id, [power(now, 5, 'flow')]));
    const items = ['wm-1', 'wm-2'].map((deviceId) => ({
      deviceId,
      class: 'water-meter',
      name: `Water ${deviceId}`,
    }));
    const missing = await post('/discoveries/adopt', {
      items: [...items, { ...items[0], deviceId: 'wm-8' }],
    });
    expect(missing.status).toBe(404);
    expect(directory.hasDevice('wm-1')).toBe(false);
    expect(await post('/discoveries/adopt', { items })).toEqual({
      status: 200,
      body: { packets: 2, values: 2 },
    });
    expect(await allReadings(database.pool)).toHaveLength(2);
    expect((await get('/discoveries')).items).toMatchObject([{ deviceId: 'wm-3' }]);
  });

  test('a metric is adopted with kind and unit, or ignored and counted', async () => {
    await writer.write(telemetry('em-1', [power(now, 3, 'colour'), power(now, 4, 'taste')]));
    const adopted = await post('/discoveries/em-1/metrics/colour/adopt', { kind: 'gauge', unit: 'lx' });
    expect(adopted).toEqual({ status: 200, body: { packets: 0, values: 1 } });
    expect(directory.find('em-1', 'colour')).toMatchObject({ unit: 'lx', kind: 'gauge' });
    expect((await post('/discoveries/em-1/metrics/taste/ignore', undefined)).status).toBe(200);
    await writer.write(telemetry('em-1', [power(now + 1, 4, 'taste')]));
    expect(await allReadings(database.pool)).toHaveLength(1);
    expect((await get('/discoveries')).items).toEqual([]);
    const { test: source } = await sources();
    expect(source).toMatchObject({
      balanced: true,
      values: { undiscovered: 0, committed: 1, rejected: { ignored: 2 } },
    });
    expect((await post('/discoveries/em-1/metrics/colour/adopt', { unit: 'furlong' })).status).toBe(422);
  });

  test('what was kept is stored after a stop between the adoption and the replay', async () => {
    await writer.write(telemetry('wm-9', [power(now, 5, 'flow')]));
    await discoveries[Symbol.asyncDispose]();
    await createDevice(database.pool, {}, { id: 'wm-9', name: 'Water', class: 'water-meter' });
    await directory.reload();
    // Stored, but the stop came before it left the book.
    await writer.write(telemetry('wm-9', [power(now, 5, 'flow')]));
    const again = startDiscoveries({ db: database.pool, sink: writer, directory, log });
    await again.replay('nobody');
    await again[Symbol.asyncDispose]();
    expect(await allReadings(database.pool)).toHaveLength(1);
    expect((await get('/discoveries')).items).toEqual([]);
    expect((await sources())['test']).toMatchObject({
      balanced: true,
      values: { committed: 1, duplicate: 1 },
    });
  });
});

test("GET /discoveries shows the newest packet with metrics as a device's sample, not the status after it", async () => {
  const deviceId = 'teller';
  const told = Buffer.from('{"power":1}');
  await writer.write(telemetry(deviceId, [{ metric: 'power', timeMs: now, value: 1 }], { bytes: told }));
  await writer.write(
    packetOf(
      deviceId,
      { kind: 'status', status: 'online', timeMs: now },
      { receivedAtMs: now, bytes: Buffer.from('online') },
    ),
  );
  const { items } = await get('/discoveries');
  expect(items.find((item) => item['deviceId'] === deviceId)).toMatchObject({
    packets: 2,
    sample: told.toString(),
  });
});
