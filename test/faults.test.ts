import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { Source } from '#schemas/api/ingest.ts';
import { hasMosquitto, startMosquitto } from '#test/kit/mosquitto.ts';
import { expectEachOnce, registerDevices, startNumberedDevices } from '#test/kit/numbered-devices.ts';
import { freePort } from '#test/kit/ports.ts';
import { openFolder, startServe, type ServedPark } from '#test/kit/serve.ts';
import { root } from '#test/kit/tree.ts';

/**
 * Real faults of a real park, while devices publish at QoS 1: 0 lost, 0 doubled. The database that stands still is in
 * test/outage.test.ts; worlds that nobody can arrange are in test/simulation. FAULT_ROUNDS=50 goes on for longer.
 */
const rounds = Number(process.env['FAULT_ROUNDS'] ?? 3);
const ids = Array.from({ length: 20 }, (_, index) => `em-${index}`);
const firstMs = Date.now() - 3_600_000;
const timeoutMs = 120_000 + rounds * 20_000;

let cleanup = new AsyncDisposableStack();
afterEach(async () => {
  await cleanup.disposeAsync();
  cleanup = new AsyncDisposableStack();
});

async function ownFolder(): Promise<string> {
  const folder = await openFolder();
  cleanup.defer(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Something between the first message after a start and well under way. */
function someTime(): Promise<void> {
  return seconds(0.2 + Math.random() * 1.5);
}

function seconds(count: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, count * 1_000));
}

test(
  `the park is killed ${rounds} times and interrupted once, under load`,
  { timeout: timeoutMs },
  async () => {
    const dataDir = await ownFolder();
    const mqttPort = await freePort();
    const start = () => startServe({ dataDir, env: { MQTT_PORT: String(mqttPort) } });
    let park = await start();
    cleanup.defer(() => park[Symbol.asyncDispose]());
    await registerDevices(park, ids);
    const devices = startNumberedDevices({
      mqttUrl: `mqtt://127.0.0.1:${mqttPort}`,
      ids,
      everyMs: 20,
      firstMs,
    });
    for (let round = 0; round < rounds; round++) {
      await someTime();
      await park.stop('SIGKILL');
      park = await start();
    }
    await someTime();
    expect(await park.stop('SIGINT'), 'Ctrl-C ends it in order').toBe(0);
    park = await start();
    await someTime();
    await devices.finish();
    expect(devices.published).toBeGreaterThan(1_000);
    await expectEachOnce(park, { ids, firstMs, published: devices.published });
  },
);

test.skipIf(process.getuid?.() !== 0)('the disk is full for a while', { timeout: timeoutMs }, async () => {
  const dataDir = await ownFolder();
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=400m,mode=755', 'tmpfs', dataDir]);
  cleanup.defer(() => void execFileSync('umount', ['-l', dataDir]));
  const park = cleanup.use(await startServe({ dataDir }));
  await registerDevices(park, ids);
  const devices = startNumberedDevices({ mqttUrl: park.mqttUrl, ids, everyMs: 20, firstMs });
  await seconds(1);
  const filler = join(dataDir, 'filler');
  fillDisk(filler);
  const heldFor = async () => {
    const before = devices.acknowledged;
    await seconds(0.5);
    return devices.acknowledged - before;
  };
  await expect.poll(heldFor, { timeout: 30_000 }).toBe(0);
  rmSync(filler);
  await devices.finish();
  await expectEachOnce(park, { ids, firstMs, published: devices.published });
});

test.skipIf(!hasMosquitto())(
  'mosquitto with the shipped settings is restarted, and nobody consumes for a while',
  { timeout: timeoutMs },
  async () => {
    const broker = cleanup.use(await startMosquitto(shippedSettings()));
    const dataDir = await ownFolder();
    const start = () => startServe({ dataDir, env: { MQTT_URL: broker.url } });
    let park: ServedPark = await start();
    cleanup.defer(() => park[Symbol.asyncDispose]());
    await registerDevices(park, ids);
    const devices = startNumberedDevices({ mqttUrl: broker.url, ids, everyMs: 20, firstMs });
    const connected = () => sourceOf(park).then((source) => source.connected);
    await someTime();

    await broker.stop();
    await expect.poll(connected, { timeout: 20_000 }).toBe(false);
    await broker.restart();
    await expect.poll(connected, { timeout: 20_000 }).toBe(true);
    await someTime();

    expect(await park.stop('SIGTERM')).toBe(0);
    await seconds(3);
    await broker.restart();
    park = await start();
    await expect.poll(connected, { timeout: 20_000 }).toBe(true);
    await someTime();
    await devices.finish();
    const committed = () => sourceOf(park).then(({ values }) => values.committed);
    await expect.poll(committed, { timeout: 30_000 }).toBe(devices.published);
    await expectEachOnce(park, { ids, firstMs, published: devices.published });
  },
);

/** Writes until nothing more goes, to the last page. */
function fillDisk(file: string): void {
  const descriptor = openSync(file, 'w');
  for (const pieceBytes of [1024 * 1024, 4096]) {
    try {
      for (;;) writeSync(descriptor, Buffer.alloc(pieceBytes));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }
  closeSync(descriptor);
}

async function sourceOf(park: ServedPark): Promise<Source> {
  const { body } = await park.request<{ items: Source[] }>('GET', '/sources');
  const [source] = body.items;
  if (source === undefined) throw new Error('nothing has come from the broker yet');
  return source;
}

/** The shipped settings; only where files and ports are is the test's. */
function shippedSettings(): string[] {
  const places = /^(listener|persistence|persistence_location|password_file|allow_anonymous|log_dest) /;
  const text = readFileSync(join(root, 'infra/mosquitto/mosquitto.conf'), 'utf8');
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#') && !places.test(line));
}
