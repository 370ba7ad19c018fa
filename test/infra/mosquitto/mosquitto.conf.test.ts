import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, connectAsync, type IClientOptions } from 'mqtt';
import { afterEach, describe, expect, it } from 'vitest';
import { hasMosquitto, startMosquitto } from '#test/kit/mosquitto.ts';

let cleanup = new AsyncDisposableStack();
afterEach(async () => {
  await cleanup.disposeAsync();
  cleanup = new AsyncDisposableStack();
});

/** The shipped settings; only where files and ports are is the test's. */
function shippedLines(): string[] {
  const places = /^(listener|persistence|persistence_location|password_file|allow_anonymous|log_dest) /;
  const text = readFileSync('infra/mosquitto/mosquitto.conf', 'utf8');
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#') && !places.test(line));
}

const session: IClientOptions = {
  protocolVersion: 5,
  clientId: 'ingest-1',
  clean: false,
  reconnectPeriod: 0,
  properties: { sessionExpiryInterval: 86_400, receiveMaximum: 2_000 },
};

/** Publishes `count` messages while the consumer is away; resolves when the broker has acknowledged all. */
async function publishWhileAway(url: string, count: number): Promise<void> {
  const consumer = await connectAsync(url, session);
  await consumer.subscribeAsync('$share/parkwatch/park/v1/demo/+/telemetry', { qos: 1 });
  await consumer.endAsync();
  const device = await connectAsync(url, { reconnectPeriod: 0 });
  const sent = Array.from({ length: count }, (_, i) =>
    device.publishAsync('park/v1/demo/em-1/telemetry', String(i), { qos: 1 }),
  );
  await Promise.all(sent);
  await device.endAsync();
}

async function delivered(url: string, count: number): Promise<number> {
  const seen = new Set<string>();
  const consumer = connect(url, session);
  cleanup.defer(() => consumer.endAsync(true));
  consumer.on('message', (_, payload) => seen.add(payload.toString()));
  await expect.poll(() => seen.size).toBe(count);
  return seen.size;
}

describe.skipIf(!hasMosquitto())('infra/mosquitto/mosquitto.conf', () => {
  it('delivers everything it has acknowledged after our absence and its restart', async () => {
    const broker = cleanup.use(await startMosquitto(shippedLines()));
    await publishWhileAway(broker.url, 5000);
    await broker.restart();
    expect(await delivered(broker.url, 5000)).toBe(5000);
  });

  it('lets nobody in without a password, and ships none', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'parkwatch-passwords-'));
    cleanup.defer(() => rmSync(directory, { recursive: true }));
    const text = readFileSync('infra/mosquitto/mosquitto.conf', 'utf8');
    expect(text).toMatch(/^allow_anonymous false$/m);
    expect(text).toMatch(/^password_file /m);
    const file = join(directory, 'passwords');
    spawnSync('mosquitto_passwd', ['-b', '-c', file, 'parkwatch', 'made for this test']);
    spawnSync('chmod', ['-R', 'a+rX', directory]);
    const own = ['allow_anonymous false', `password_file ${file}`];
    const broker = cleanup.use(await startMosquitto([...shippedLines(), ...own]));
    await expect(connectAsync(broker.url, { reconnectPeriod: 0 })).rejects.toThrow('Not authorized');
    const named = { username: 'parkwatch', password: 'made for this test', reconnectPeriod: 0 };
    await (await connectAsync(broker.url, named)).endAsync();
  });
});
