import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
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

async function listening() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => void server.close(() => resolve())),
  };
}
