import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { externalLimits } from '#gateways/mqtt/external.ts';
import type { Source } from '#schemas/api/ingest.ts';
import { patienceMs } from '#test/kit/events.ts';
import { databaseSessions, endDatabaseSessions, freezeDatabase } from '#test/kit/freeze.ts';
import { hasMosquitto, startMosquitto } from '#test/kit/mosquitto.ts';
import {
  expectEachOnce,
  readNumbers,
  registerDevices,
  startNumberedDevices,
} from '#test/kit/numbered-devices.ts';
import { freePort } from '#test/kit/ports.ts';
import { openFolder, startServe, type ServedPark } from '#test/kit/serve.ts';
import { root } from '#test/kit/tree.ts';

/**
 * Real faults of a real park, while devices publish at QoS 1: 0 lost, 0 doubled. The database that stands still is in
 * test/outage.test.ts; worlds that nobody can arrange are in test/simulation. FAULT_ROUNDS=50 goes on for longer,
 * ABSENT_S=60 leaves mosquitto without a consumer for a minute.
 */
const rounds = Number(process.env['FAULT_ROUNDS'] ?? 3);
const absentS = Number(process.env['ABSENT_S'] ?? 3);
const ids = Array.from({ length: 20 }, (_, index) => `em-${index}`);
const firstMs = Date.now() - 3_600_000;
/** Each round starts a park, and so does what comes before and after them. */
const timeoutMs = (3 + rounds) * patienceMs;

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

test(
  `the embedded broker is restarted ${rounds} times in order, under load`,
  { timeout: timeoutMs },
  async () => {
    const dataDir = await ownFolder();
    const mqttPort = await freePort();
    const start = () => startServe({ dataDir, env: { MQTT_PORT: String(mqttPort) } });
    let park = await start();
    cleanup.defer(() => park[Symbol.asyncDispose]());
    await registerDevices(park, ids);
    // Larger than what a socket holds by itself, so that each stop finds packets half-way.
    const devices = startNumberedDevices({
      mqttUrl: `mqtt://127.0.0.1:${mqttPort}`,
      ids,
      everyMs: 10,
      firstMs,
      bytes: 4 * 1024,
    });
    for (let round = 0; round < rounds; round++) {
      const before = devices.acknowledged;
      await expect.poll(() => devices.acknowledged).toBeGreaterThan(before);
      await someTime();
      expect(await park.stop('SIGTERM'), 'it ends in order').toBe(0);
      park = await start();
    }
    await someTime();
    await devices.finish();
    expect(devices.acknowledged).toBe(devices.published);
    await expectEachOnce(park, { ids, firstMs, published: devices.published });
  },
);

test(
  `every session of the database is ended ${rounds} times, under load`,
  { timeout: timeoutMs },
  async () => {
    const park = cleanup.use(await startServe());
    await registerDevices(park, ids);
    const devices = startNumberedDevices({ mqttUrl: park.mqttUrl, ids, everyMs: 20, firstMs });
    for (let round = 0; round < rounds; round++) {
      await someTime();
      // The park has its sessions again, however long that takes, and uses them.
      await expect
        .poll(() => databaseSessions(park.dataDir).length, {
          message: 'sessions of the park',
        })
        .toBeGreaterThan(2);
      const before = devices.acknowledged;
      await expect
        .poll(() => devices.acknowledged, { message: 'messages acknowledged' })
        .toBeGreaterThan(before);
      endDatabaseSessions(park.dataDir);
    }
    await someTime();
    await devices.finish();
    expect(park.process.exitCode, 'the park has gone on').toBeNull();
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
  await expect.poll(heldFor).toBe(0);
  rmSync(filler);
  await devices.finish();
  await expectEachOnce(park, { ids, firstMs, published: devices.published });
});

test.skipIf(!hasMosquitto())(
  `mosquitto with the shipped settings is restarted, and nobody consumes for ${absentS} s`,
  { timeout: timeoutMs + 3_000 * absentS },
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
    await expect.poll(connected).toBe(false);
    await broker.restart();
    await expect.poll(connected).toBe(true);
    await someTime();

    expect(await park.stop('SIGTERM')).toBe(0);
    const before = devices.acknowledged;
    await seconds(absentS);
    expect(devices.acknowledged, 'the broker takes what devices send').toBeGreaterThan(before);
    await broker.restart();
    park = await start();
    await expect.poll(connected).toBe(true);
    await someTime();
    await devices.finish();
    const committed = () => sourceOf(park).then(({ values }) => values.committed);
    await expect.poll(committed, { timeout: patienceMs + 1_000 * absentS }).toBe(devices.published);
    await expectEachOnce(park, { ids, firstMs, published: devices.published });
  },
);

test.skipIf(!hasMosquitto())(
  'mosquitto is killed while it holds messages for us: what it lost is counted by numbers, and the canary shows it',
  { timeout: timeoutMs + 2 * patienceMs },
  async () => {
    // What it has not written to its disk is lost for certain.
    const settings = shippedSettings().map((line) =>
      line.replace(/^autosave_interval .*/, 'autosave_interval 1800'),
    );
    const broker = cleanup.use(await startMosquitto(settings));
    const park = cleanup.use(await startServe({ env: { MQTT_URL: broker.url } }));
    await registerDevices(park, ids);
    const load = { ids, everyMs: 10, firstMs, bytes: 8 * 1024 };
    const devices = startNumberedDevices({ mqttUrl: broker.url, ...load });
    await someTime();
    const connected = () => sourceOf(park).then((source) => source.connected);
    // An orderly stop writes our session.
    await broker.restart();
    await expect.poll(connected).toBe(true);
    // The store stands still until we take no more, and the broker keeps the rest.
    const release = freezeDatabase(park.dataDir);
    const before = devices.acknowledged;
    const heldByBroker = () => devices.acknowledged - before - externalLimits.receiveMaximum;
    await expect.poll(heldByBroker, { message: 'messages that only the broker has' }).toBeGreaterThan(1_000);
    // Canaries are among what is lost, too.
    await seconds((4 * externalLimits.canaryIntervalMs) / 1_000);
    await broker.stop('SIGKILL');
    await broker.restart();
    release();
    await someTime();
    await expect.poll(connected).toBe(true);
    await someTime();
    await devices.finish();

    const atRest = () => sourceOf(park).then(({ values, packets }) => values.waiting + packets.waiting);
    await expect.poll(atRest).toBe(0);
    const canary = () => sourceOf(park).then((source) => (source.canary?.holes ?? 0) > 0);
    await expect.poll(canary).toBe(true);
    const stored = await readNumbers(park, { ids, firstMs });
    for (const numbers of stored) expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b));
    const lost = devices.published - stored.reduce((sum, numbers) => sum + numbers.length, 0);
    expect(lost).toBeGreaterThan(0);
    const source = await sourceOf(park);
    expect(source).toMatchObject({
      balanced: true,
      values: { corrected: 0, committed: devices.published - lost },
    });
    // A number is missed for a minute before it counts as lost.
    const gaps = () => sourceOf(park).then(({ sequence }) => sequence.gaps);
    await expect.poll(gaps, { timeout: 2 * patienceMs, interval: 1_000 }).toBe(lost);
    const alarms = await park.request<{ items: { ruleId: string }[] }>('GET', '/alarms');
    expect(alarms.body.items.map(({ ruleId }) => ruleId)).toContain('broker-loses');
    const metrics = await (await fetch(`${park.url}/metrics`)).text();
    expect(metrics).toContain(`parkwatch_sequence_gaps{source="mqtt"} ${lost}\n`);
    expect(metrics).toMatch(/parkwatch_canary_holes\{source="mqtt"\} [1-9]/);
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
  const source = body.items.find((one) => one.source === 'mqtt');
  if (source === undefined) throw new Error('nothing has come from the broker yet');
  return source;
}

/** The shipped settings; only where files and ports are is the test's. */
function shippedSettings(): string[] {
  const places = /^(listener|persistence|persistence_location|password_file|allow_anonymous|log_dest) /;
  const text = readFileSync(join(root, 'infra/mosquitto/mosquitto.conf'), 'utf8');
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#') && !places.test(line));
}
