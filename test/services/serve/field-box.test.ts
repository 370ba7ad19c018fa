import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '#infra/clock.ts';
import { fieldFilter } from '#schemas/topics.ts';
import { hasMosquitto, startMosquitto } from '#test/kit/mosquitto.ts';
import { startOpcuaTestServer, testNamespace } from '#test/kit/opcua-server.ts';
import { startServe } from '#test/kit/serve.ts';

let cleanup = new AsyncDisposableStack();
afterEach(async () => {
  await cleanup.disposeAsync();
  cleanup = new AsyncDisposableStack();
});

interface Message {
  readonly ts: number;
  readonly values: { readonly level?: number };
}

describe.skipIf(!hasMosquitto())('startFieldBox() in a process without a database', () => {
  it('keeps what the gateway reads while the broker is away, over its own restart, and hands it on', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'parkwatch-box-'));
    chmodSync(dataDir, 0o755);
    cleanup.defer(() => rmSync(dataDir, { recursive: true, force: true }));
    const broker = cleanup.use(await startMosquitto(['max_inflight_messages 0', 'max_queued_messages 0']));
    const plant = cleanup.use(await startOpcuaTestServer({ variables: { level: 1 } }));
    const configFile = join(dataDir, 'plant.yaml');
    const nodes = [{ nodeId: `nsu=${testNamespace};s=level`, deviceId: 'tank-1', metric: 'level' }];
    const server = {
      id: 'plant',
      endpoint: plant.endpoint,
      securityMode: 'None',
      samplingIntervalMs: 50,
      publishingIntervalMs: 50,
      nodes,
    };
    writeFileSync(configFile, JSON.stringify({ opcua: [server] }));

    const levels: number[] = [];
    const park = await connectAsync(broker.url, { clientId: 'park', clean: false, reconnectPeriod: 50 });
    cleanup.defer(() => park.endAsync(true));
    park.on('message', (_, payload) => {
      for (const { values } of JSON.parse(payload.toString()) as Message[]) levels.push(values.level ?? -1);
    });
    await park.subscribeAsync(fieldFilter('demo', 'telemetry'), { qos: 1 });

    const env = { PARK_ROLES: 'gateway-opcua', MQTT_URL: broker.url, PARK_CONFIG_FILE: configFile };
    const box = await startServe({ dataDir, env });
    cleanup.use(box);
    await expect.poll(() => levels, { timeout: 20_000 }).toContain(1);
    await broker.stop();
    plant.set('level', 2);
    const ready = async (url: string) => (await fetch(`${url}/readyz`)).json();
    const waiting = async () =>
      Number(
        /^parkwatch_spool_used_bytes (\d+)/m.exec(await (await fetch(`${box.url}/metrics`)).text())?.[1],
      );
    await expect.poll(waiting, { timeout: 20_000 }).toBeGreaterThan(0);
    // A machine under load may be told to come back in a moment.
    await expect
      .poll(() => ready(box.url), { timeout: 20_000 })
      .toEqual({ database: 'none', dialect: 'none', broker: 'away', spool: 'ok' });
    await box.stop('SIGKILL');

    const again = cleanup.use(await startServe({ dataDir, env }));
    await broker.restart();
    await expect.poll(() => levels, { timeout: 30_000 }).toContain(2);
    expect(await again.stop()).toBe(0);
  }, 120_000);

  it('hands on what a mapping made of a vendor’s message, in the native contract', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'parkwatch-box-'));
    chmodSync(dataDir, 0o755);
    cleanup.defer(() => rmSync(dataDir, { recursive: true, force: true }));
    const broker = cleanup.use(await startMosquitto());
    const configFile = join(dataDir, 'box.yaml');
    const values = [{ metric: 'active_power', path: 'p', unit: 'W' }];
    const mapping = { id: 'm', topic: 'm/{id}', device: 'em-{id}', time: { path: 'ts' }, values };
    writeFileSync(configFile, JSON.stringify({ mappings: [mapping] }));
    const park = await connectAsync(broker.url);
    cleanup.defer(() => park.endAsync(true));
    const received: unknown[] = [];
    park.on('message', (topic, payload) => received.push([topic, JSON.parse(payload.toString())]));
    await park.subscribeAsync(fieldFilter('demo', 'telemetry'), { qos: 1 });

    const env = { PARK_ROLES: 'gateway-mqtt', MQTT_URL: broker.url, PARK_CONFIG_FILE: configFile };
    const box = cleanup.use(await startServe({ dataDir, env }));
    const ts = systemClock().nowMs();
    const publish = () => park.publishAsync('m/7', JSON.stringify({ ts, p: 1500 }), { qos: 1 });
    await expect.poll(async () => (await publish(), received.length), { timeout: 20_000 }).toBeGreaterThan(0);
    expect(received[0]).toEqual(['park/v1/demo/em-7/telemetry', [{ ts, values: { active_power: 1.5 } }]]);
    expect(await box.stop()).toBe(0);
  }, 120_000);
});
