import { connectAsync, type MqttClient } from 'mqtt';
import { afterEach, describe, expect, it } from 'vitest';
import { startMqttGateway } from '#gateways/mqtt/gateway.ts';
import { systemClock } from '#infra/clock.ts';
import { silentLog } from '#infra/log.ts';
import type { Packet } from '#schemas/reading.ts';
import { hasMosquitto, startMosquitto } from '#test/kit/mosquitto.ts';
import { mqttConfig } from '#test/kit/mqtt-config.ts';
import { createHeldSink } from '#test/kit/sink.ts';
import { startTcpProxy } from '#test/kit/tcp-proxy.ts';

const clock = systemClock();
let cleanup = new AsyncDisposableStack();
afterEach(async () => {
  await cleanup.disposeAsync();
  cleanup = new AsyncDisposableStack();
});

/** As shipped in infra/mosquitto/: nothing is dropped for being too many. */
const keeping = ['max_inflight_messages 0', 'max_queued_messages 0'];

async function startBroker() {
  return cleanup.use(await startMosquitto(keeping));
}

/** @param sharing the number of this process among several that share the load; absent: it is alone */
async function startGateway(url: string, sink: ReturnType<typeof createHeldSink>, sharing?: number) {
  const config = mqttConfig({ url, shared: sharing !== undefined });
  const instance = sharing ?? 1;
  const gateway = await startMqttGateway({ config, parkId: 'demo', sink, clock, log: silentLog(), instance });
  cleanup.use(gateway);
  cleanup.defer(() => sink.release());
  await expect.poll(() => gateway.status().connected, { interval: 20 }).toBe(true);
  return gateway;
}

async function startDevice(url: string): Promise<MqttClient> {
  const device = await connectAsync(url, { reconnectPeriod: 100 });
  cleanup.defer(() => device.endAsync(true));
  return device;
}

async function publish(device: MqttClient, from: number, to: number): Promise<void> {
  const sent = [];
  for (let number = from; number <= to; number++) {
    const body = JSON.stringify({ ts: clock.nowMs(), values: { number } });
    sent.push(device.publishAsync(`park/v1/demo/em-${number % 7}/telemetry`, body, { qos: 1 }));
  }
  await Promise.all(sent);
}

function numbers(packets: readonly Packet[]): number[] {
  return packets.flatMap(({ content }) =>
    content.kind === 'telemetry' ? [Number(content.samples[0]?.value)] : [],
  );
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

describe.skipIf(!hasMosquitto())('startMqttGateway() at an external broker', () => {
  it('takes telemetry, events and status, and has many packets in flight', async () => {
    const broker = await startBroker();
    const sink = createHeldSink('hold');
    const gateway = await startGateway(broker.url, sink);
    const device = await startDevice(broker.url);
    await publish(device, 1, 1000);
    await device.publishAsync('park/v1/demo/door/event', '{"type":"trip"}', { qos: 1 });
    await device.publishAsync('park/v1/demo/em-1/status', 'online', { qos: 1, retain: true });
    await device.publishAsync('park/v1/demo/_bad/telemetry', '{}', { qos: 1 });
    await sink.until(() => sink.held === 1003);
    expect(gateway.status()).toMatchObject({
      packetsReceived: 1003,
      packetsAcknowledged: 0,
      packetsWaiting: 1003,
    });
    sink.release();
    await expect.poll(() => gateway.status().packetsAcknowledged).toBe(1003);
    expect(numbers(sink.committed).toSorted((a, b) => a - b)).toEqual(range(1, 1000));
    const kinds = sink.committed.slice(-3).map(({ content }) => content.kind);
    expect(kinds.toSorted()).toEqual(['event', 'refused', 'status']);
  });

  it('is given again what it had not acknowledged, and nothing that it had, when the wire is cut', async () => {
    const broker = await startBroker();
    const proxy = cleanup.use(await startTcpProxy(broker.port));
    const sink = createHeldSink('hold');
    const gateway = await startGateway(`mqtt://127.0.0.1:${proxy.port}`, sink);
    const device = await startDevice(broker.url);
    await publish(device, 1, 500);
    await sink.until(() => sink.held === 500);
    const firstHeld = new Set(numbers(sink.offered.slice(200)));
    sink.release((_, index) => index < 200);
    await expect.poll(() => gateway.status().packetsAcknowledged).toBe(200);
    // A pulled plug could take acknowledgements with it, and the broker would rightly send again.
    await proxy.endAfterDelivery();
    await publish(device, 501, 600);
    await sink.until(() => sink.offered.length === 900);
    const again = numbers(sink.offered.slice(500));
    expect(new Set(again)).toEqual(new Set([...firstHeld, ...range(501, 600)]));
    // Commits of the first connection must not acknowledge on the second.
    sink.release((_, index) => index < 300);
    proxy.cut();
    await sink.until(() => sink.offered.length === 1300);
    expect(new Set(numbers(sink.offered.slice(900)))).toEqual(new Set(again));

    sink.release();
    await expect.poll(() => gateway.status().packetsWaiting).toBe(0);
    await proxy.endAfterDelivery();
    await publish(device, 601, 601);
    await sink.until(() => sink.offered.length > 1300);
    expect(numbers(sink.offered.slice(1300))).toEqual([601]);
    expect(new Set(numbers(sink.committed))).toEqual(new Set(range(1, 601)));
  });

  it('is given what was published while it was away', async () => {
    const broker = await startBroker();
    const sink = createHeldSink();
    const gateway = await startGateway(broker.url, sink);
    await gateway[Symbol.asyncDispose]();
    const device = await startDevice(broker.url);
    await publish(device, 1, 3000);
    await startGateway(broker.url, sink);
    await sink.until(() => sink.committed.length === 3000);
    expect(numbers(sink.committed).toSorted((a, b) => a - b)).toEqual(range(1, 3000));
  });

  it('loses nothing when the broker restarts without its sessions while acknowledgements are held', async () => {
    const broker = await startBroker();
    const sink = createHeldSink('hold');
    const gateway = await startGateway(broker.url, sink);
    const device = await startDevice(broker.url);
    await publish(device, 1, 1000);
    await sink.until(() => sink.held === 1000);
    await broker.restart({ forget: true });
    await expect.poll(() => gateway.status().connected, { interval: 50 }).toBe(true);
    expect(gateway.status().canary).toMatchObject({ sessionsLost: 1 });
    sink.release();
    await sink.until(() => sink.committed.length === 1000);
    expect(numbers(sink.committed).toSorted((a, b) => a - b)).toEqual(range(1, 1000));
    // It has subscribed again, and no stale acknowledgement has confused the broker.
    await publish(device, 1001, 1100);
    await sink.until(() => sink.committed.length >= 1100);
    expect(numbers(sink.committed.slice(1000)).toSorted((a, b) => a - b)).toEqual(range(1001, 1100));
  });

  it('stays connected and bounded while the store is away, and catches up by itself', async () => {
    const broker = await startBroker();
    const sink = createHeldSink('fail');
    const gateway = await startGateway(broker.url, sink);
    const device = await startDevice(broker.url);
    await publish(device, 1, 5000);
    await expect.poll(() => gateway.status().packetsWaiting).toBeGreaterThan(1900);
    expect(gateway.status()).toMatchObject({ connected: true, packetsAcknowledged: 0 });
    expect(gateway.status().packetsWaiting).toBeLessThanOrEqual(2000);
    expect(gateway.status().detail).toContain('the store is away');
    sink.mode = 'commit';
    await sink.until(() => sink.committed.length === 5000);
    expect(numbers(sink.committed).toSorted((a, b) => a - b)).toEqual(range(1, 5000));
  });

  it('sends itself a canary and reports its lag', async () => {
    const broker = await startBroker();
    const gateway = await startGateway(broker.url, createHeldSink());
    await expect.poll(() => gateway.status().canary?.lagMs).toBeLessThan(1000);
    expect(gateway.status()).toMatchObject({ canary: { holes: 0 }, packetsReceived: 0 });
  });

  it('shares the load with other processes, each message once', async () => {
    const broker = await startBroker();
    const sinks = [createHeldSink(), createHeldSink(), createHeldSink()];
    for (const [index, sink] of sinks.entries()) await startGateway(broker.url, sink, index + 1);
    const device = await startDevice(broker.url);
    await publish(device, 1, 1000);
    await expect.poll(() => sinks.flatMap(({ committed }) => committed).length).toBe(1000);
    expect(numbers(sinks.flatMap(({ committed }) => committed)).toSorted((a, b) => a - b)).toEqual(
      range(1, 1000),
    );
    for (const { committed } of sinks) expect(committed.length).toBeGreaterThan(100);
  });

  it('names the likely cause when another process has its client id', async () => {
    const broker = await startBroker();
    const gateways = [
      await startGateway(broker.url, createHeldSink()),
      await startGateway(broker.url, createHeldSink()),
    ];
    const details = () => gateways.map((gateway) => gateway.status().detail).join();
    await expect.poll(details).toContain('another process probably uses the client id');
  });

  it('keeps trying when no broker is there, and says so without credentials', async () => {
    const broker = await startBroker();
    await broker.stop();
    const sink = createHeldSink();
    const config = mqttConfig({ url: broker.url.replace('//', '//me:hidden@') });
    const gateway = cleanup.use(
      await startMqttGateway({ config, parkId: 'demo', sink, clock, log: silentLog() }),
    );
    await expect.poll(() => gateway.status().detail).toContain('ECONNREFUSED');
    expect(gateway.status()).toMatchObject({ connected: false });
    expect(gateway.status().detail).not.toContain('hidden');
    await broker.restart();
    await expect.poll(() => gateway.status().connected, { interval: 50 }).toBe(true);
  });
});
