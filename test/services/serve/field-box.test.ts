import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '#infra/clock.ts';
import { fieldFilter } from '#schemas/topics.ts';
import { pseudonymOf } from '#services/identity/protect.ts';
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
    await expect.poll(() => levels).toContain(1);
    await broker.stop();
    plant.set('level', 2);
    const ready = async (url: string) => (await fetch(`${url}/readyz`)).json();
    const waiting = async () =>
      Number(
        /^parkwatch_spool_used_bytes (\d+)/m.exec(await (await fetch(`${box.url}/metrics`)).text())?.[1],
      );
    await expect.poll(waiting).toBeGreaterThan(0);
    // A machine under load may be told to come back in a moment.
    await expect
      .poll(() => ready(box.url))
      .toEqual({ database: 'none', dialect: 'none', broker: 'away', spool: 'ok' });
    await box.stop('SIGKILL');

    const again = cleanup.use(await startServe({ dataDir, env }));
    await broker.restart();
    await expect.poll(() => levels).toContain(2);
    expect(await again.stop()).toBe(0);
  });

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
    await expect.poll(async () => (await publish(), received.length)).toBeGreaterThan(0);
    expect(received[0]).toEqual(['park/v1/demo/em-7/telemetry', [{ ts, values: { active_power: 1.5 } }]]);
    await park.publishAsync('m/7', JSON.stringify({ ts, p: 'broken' }), { qos: 1 });
    const figures = async () => (await fetch(`${box.url}/metrics`)).text();
    await expect.poll(figures).toContain('parkwatch_spool_rejected_values{reason="not-a-number"} 1');
    expect(await figures()).toMatch(
      /^parkwatch_gateway_connected\{source="mqtt-mapping",protocol="mqtt"\} 1$/m,
    );
    expect(await figures()).toMatch(/^parkwatch_gateway_packets\{source="mqtt-mapping"\} [1-9]/m);
    expect(await box.stop()).toBe(0);
  });

  it('names nobody on its disk or on the way, under the pseudonyms of the park', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'parkwatch-box-'));
    chmodSync(dataDir, 0o755);
    cleanup.defer(() => rmSync(dataDir, { recursive: true, force: true }));
    const broker = cleanup.use(await startMosquitto());
    const configFile = join(dataDir, 'box.yaml');
    const keyFile = join(dataDir, 'identity-key');
    const key = randomBytes(32);
    writeFileSync(keyFile, key.toString('base64'));
    const events = [{ type: 'access.granted', data: { credential: 'card', personName: 'who', way: 'way' } }];
    const mapping = { id: 'm', topic: 'm/{id}', device: 'door-{id}', time: { path: 'ts' }, events };
    writeFileSync(configFile, JSON.stringify({ mappings: [mapping] }));
    const park = await connectAsync(broker.url);
    cleanup.defer(() => park.endAsync(true));
    const received: string[] = [];
    park.on('message', (_, payload) => received.push(payload.toString()));
    await park.subscribeAsync(fieldFilter('demo', 'event'), { qos: 1 });

    const roles = { PARK_ROLES: 'gateway-mqtt', MQTT_URL: broker.url, PARK_CONFIG_FILE: configFile };
    const env = { ...roles, IDENTITY_KEY_FILE: keyFile };
    const box = cleanup.use(await startServe({ dataDir, env }));
    const passage = { ts: systemClock().nowMs(), card: 'CARD-0012345', who: '王小明', way: 'in' };
    const publish = () => park.publishAsync('m/7', JSON.stringify(passage), { qos: 1 });
    await expect.poll(async () => (await publish(), received.length)).toBeGreaterThan(0);
    const [sent] = JSON.parse(received[0] ?? '[]') as { data: Record<string, string> }[];
    expect(sent?.data).toEqual({
      credential: pseudonymOf(key, 'CARD-0012345'),
      personName: pseudonymOf(key, '王小明'),
      way: 'in',
    });
    // Killed: what it has written stands there as it would after a theft of the box.
    await box.stop('SIGKILL');
    const spool = join(dataDir, 'spool');
    const written = readdirSync(spool).map((name) => readFileSync(join(spool, name), 'utf8'));
    expect(written.join('')).toContain('access.granted');
    for (const name of ['CARD-0012345', '王小明']) {
      expect(written.join('')).not.toContain(name);
      expect(box.output()).not.toContain(name);
    }
  });
});
