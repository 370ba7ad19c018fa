import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fieldTopic } from '#schemas/topics.ts';
import { hasMosquitto, startMosquitto } from '#test/kit/mosquitto.ts';
import { createEmptyDatabase } from '#test/kit/postgres.ts';
import { openFolder, startServe } from '#test/kit/serve.ts';

let dataDir: string;
beforeAll(async () => {
  dataDir = await openFolder();
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

/** The process id of the database server of a DATA_DIR; null when none runs. */
async function databasePid(folder: string): Promise<number | null> {
  const file = join(folder, 'postgres', 'cluster', 'postmaster.pid');
  if (!existsSync(file)) return null;
  const pid = Number((await readFile(file, 'utf8')).split('\n')[0]);
  return existsSync(`/proc/${pid}`) ? pid : null;
}

test('serve prints the password once, stops cleanly, finds its data again, and takes over after kill -9', async () => {
  const first = await startServe({ dataDir, env: { ADMIN_PASSWORD: '' } });
  expect(first.adminPassword).toMatch(/\S{12,}/);
  const env = { ADMIN_PASSWORD: first.adminPassword ?? '' };
  expect(await databasePid(dataDir)).not.toBeNull();
  expect(await first.stop('SIGINT')).toBe(0);
  expect(await databasePid(dataDir)).toBeNull();

  const second = await startServe({ dataDir, env });
  expect(second.adminPassword).toBeNull();
  expect(
    (await second.request('POST', '/devices', { id: 'd-1', name: '设备', class: 'energy-meter' })).status,
  ).toBe(201);
  await second.stop('SIGKILL');
  expect(await databasePid(dataDir)).not.toBeNull();

  const third = await startServe({ dataDir, env });
  expect((await third.request('GET', '/devices/d-1')).status).toBe(200);
  expect(await third.stop('SIGTERM')).toBe(0);
  expect(await databasePid(dataDir)).toBeNull();
});

test('serve never writes the password of admin to its log', async () => {
  await using park = await startServe({ env: { ADMIN_PASSWORD: '', LOG_LEVEL: 'trace' } });
  const logged = park
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{'));
  expect(logged.join('\n')).not.toContain(park.adminPassword);
});

test('serve says in one sentence what stands in its way', async () => {
  await using taken = await listening();
  await expect(startServe({ env: { HTTP_PORT: String(taken.port) } })).rejects.toThrow(/HTTP_PORT.*\n$/s);
  await expect(startServe({ env: { MQTT_PORT: String(taken.port) } })).rejects.toThrow(/MQTT_PORT/);
  await expect(startServe({ env: { PARK_TIMEZONE: 'UTC' } })).rejects.toThrow('did you mean PARK_TIME_ZONE?');
});

test.skipIf(!hasMosquitto())(
  'two processes share a park by PARK_ROLES, and what one commits the other shows live',
  async () => {
    await using broker = await startMosquitto();
    await using database = await createEmptyDatabase();
    const env = { DATABASE_URL: database.url, MQTT_URL: broker.url, PARK_ID: 'split' };
    await using people = await startServe({ env: { ...env, PARK_ROLES: 'alarms,assessment,notify,api' } });
    await using field = await startServe({ env: { ...env, PARK_ROLES: 'ingest,gateway-opcua' } });
    // It runs before the broker has confirmed its subscriptions; ready it is only then.
    await expect.poll(async () => (await fetch(`${field.url}/readyz`)).status).toBe(200);
    expect((await fetch(`${field.url}/api/v1/devices`)).status).toBe(404);

    await people.request('POST', '/devices', { id: 'em-1', name: '电表', class: 'energy-meter' });
    const { body } = await people.request<{ token: string }>('POST', '/auth/login', {
      username: 'admin',
      password: 'correct horse battery',
    });
    const socket = io(`${people.url}/live`, { auth: { token: body.token }, transports: ['websocket'] });
    using _closing = { [Symbol.dispose]: () => void socket.disconnect() };
    await socket.emitWithAck('subscribe', { points: ['em-1.active_power'] });
    const frame = new Promise((resolve) => void socket.once('readings', resolve));
    const device = await mqtt.connectAsync(broker.url, { protocolVersion: 5 });
    const message = JSON.stringify({ ts: Date.now(), values: { active_power: 7 } });
    await device.publishAsync(fieldTopic('split', 'em-1', 'telemetry'), message, { qos: 1 });
    expect(await frame).toMatchObject({ p: ['em-1.active_power'], v: [7] });
    await device.endAsync();
  },
);

async function listening() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => void server.close(() => resolve())),
  };
}
