import { afterEach, describe, expect, it } from 'vitest';
import { startMqttGateway } from '#gateways/mqtt/gateway.ts';
import { systemClock } from '#infra/clock.ts';
import { holdLimits } from '#infra/embedded-broker/hold.ts';
import { startEmbeddedBroker } from '#infra/embedded-broker.ts';
import { silentLog } from '#infra/log.ts';
import { mqttConfig } from '#test/kit/mqtt-config.ts';
import { connectWire, publishOf, type WireClient, type WireOptions } from '#test/kit/mqtt-wire.ts';
import { createHeldSink } from '#test/kit/sink.ts';

const clock = systemClock();
const topic = 'park/v1/demo/em-1/telemetry';
let cleanup = new AsyncDisposableStack();
afterEach(async () => {
  await cleanup.disposeAsync();
  cleanup = new AsyncDisposableStack();
});

async function start(mode: 'commit' | 'hold' | 'fail' = 'commit', time = clock) {
  const sink = createHeldSink(mode);
  const common = { config: mqttConfig(), parkId: 'demo', log: silentLog(), clock: time };
  const broker = cleanup.use(await startEmbeddedBroker(common));
  const gateway = await startMqttGateway({ ...common, sink, broker });
  cleanup.use(gateway);
  // Disposed of first: a gateway that stops waits for what is held.
  cleanup.defer(() => sink.release());
  const connect = async (options: Partial<WireOptions> = {}) =>
    cleanup.use(await connectWire({ port: broker.port, ...options }));
  return { sink, broker, gateway, connect };
}

function body(number: number): string {
  return JSON.stringify({ ts: clock.nowMs(), values: { number }, seq: number });
}

function numbers(packets: readonly { content: unknown }[]): unknown[] {
  return packets.map(({ content }) => (content as { samples: { value: number }[] }).samples[0]?.value);
}

function pongs(device: WireClient): number {
  return device.received.filter(({ cmd }) => cmd === 'pingresp').length;
}

describe('startMqttGateway() at the embedded broker', () => {
  it('acknowledges only after the commit, and in order of arrival when commits are not', async () => {
    const { sink, connect, gateway } = await start('hold');
    const device = await connect();
    for (let id = 1; id <= 100; id++) device.send(publishOf(topic, body(id), id));
    await sink.until(() => sink.held === 100);
    expect(gateway.status()).toMatchObject({ packetsWaiting: 100, packetsAcknowledged: 0 });

    sink.release((_, index) => index >= 50);
    device.send({ cmd: 'pingreq' });
    await device.until(() => device.received.some(({ cmd }) => cmd === 'pingresp'));
    expect(device.acks()).toEqual([]);

    sink.release();
    await device.until(() => device.acks().length === 100);
    expect(device.acks()).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
    await expect
      .poll(() => gateway.status())
      .toMatchObject({ connected: true, packetsWaiting: 0, packetsAcknowledged: 100 });
  });

  it('answers pings although packets are held, so that a stall makes nobody reconnect', async () => {
    const { sink, connect, broker } = await start('hold');
    const devices = await Promise.all(Array.from({ length: 200 }, () => connect({ keepalive: 2 })));
    for (const device of devices) for (let id = 1; id <= 5; id++) device.send(publishOf(topic, body(id), id));
    await sink.until(() => sink.held === 1000);
    // Beyond three keep-alives, of which one and a half would end a connection that is not read.
    for (let round = 1; round <= 6; round++) {
      await clock.sleep(1000);
      for (const device of devices) device.send({ cmd: 'pingreq' });
      await Promise.all(devices.map((device) => device.until(() => pongs(device) === round)));
    }
    expect(broker.status()).toMatchObject({ connections: 200, packets: 1000 });
    sink.release();
    await Promise.all(devices.map((device) => device.until(() => device.acks().length === 5)));
    expect(sink.committed).toHaveLength(1000);
  });

  it('stops reading a connection at its window and goes on afterwards', async () => {
    const { sink, connect, broker } = await start('hold');
    const device = await connect();
    const other = await connect();
    for (let id = 1; id <= 5_000; id++) device.send(publishOf(topic, body(id), id));
    await sink.until(() => broker.status().pausedConnections === 1);
    expect(broker.status().bytes).toBeLessThan(4 * 1024 * 1024);
    other.send(publishOf('park/v1/demo/em-2/telemetry', body(1), 1));
    await sink.until(() => sink.offered.some(({ deviceId }) => deviceId === 'em-2'));

    sink.release();
    await device.until(() => device.acks().length === 5_000);
    expect(new Set(numbers(sink.committed.filter(({ deviceId }) => deviceId === 'em-1'))).size).toBe(5_000);
    expect(broker.status()).toMatchObject({ packets: 0, bytes: 0, pausedConnections: 0 });
  });

  it('stops reading at a narrow window while much is held, but not who has waited for long', async () => {
    let aheadMs = 0;
    const time = { ...clock, monotonicMs: () => clock.monotonicMs() + aheadMs };
    const { sink, connect, broker } = await start('hold', time);
    const payload = Buffer.from(`{"values":{"number":1}}`.padEnd(50_000));
    const perPacket = holdLimits.bytesPerPacket + holdLimits.bytesPerPayloadByte * payload.length;
    const most = Math.ceil(holdLimits.bytesBusy / perPacket);
    const devices = await Promise.all(Array.from({ length: most }, () => connect()));
    const [fast, slow] = [await connect(), await connect()];
    slow.send(publishOf(topic, body(1), 1));
    for (const device of devices) device.send(publishOf(topic, payload, 1));
    // The last of them holds more than a narrow window.
    await sink.until(() => broker.status().bytes > holdLimits.bytesBusy);
    expect(broker.status().pausedConnections).toBe(1);
    const many = Math.ceil(holdLimits.bytesPerConnectionBusy / holdLimits.bytesPerPacket);
    for (let id = 1; id <= many; id++) fast.send(publishOf(topic, body(id), id));
    await sink.until(() => broker.status().pausedConnections === 2);

    aheadMs = holdLimits.stalledMs;
    for (let id = 2; id <= many; id++) slow.send(publishOf(topic, body(id), id));
    slow.send({ cmd: 'pingreq' });
    await slow.until(() => pongs(slow) === 1);
    expect(broker.status().pausedConnections).toBe(2);
    sink.release();
    await Promise.all([fast, slow].map((device) => device.until(() => device.acks().length === many)));
    expect(broker.status()).toMatchObject({ packets: 0, bytes: 0, pausedConnections: 0 });
  });

  it('stops reading everybody when all together hold too much, and goes on afterwards', async () => {
    const { sink, connect, broker } = await start('hold');
    const payload = Buffer.from(`{"values":{"number":1}}`.padEnd(200_000));
    const devices = await Promise.all(Array.from({ length: 120 }, () => connect()));
    for (const device of devices) for (let id = 1; id <= 3; id++) device.send(publishOf(topic, payload, id));
    await sink.until(() => broker.status().bytes > holdLimits.bytesTotal);
    const late = await connect();
    for (let id = 1; id <= 3; id++) late.send(publishOf(topic, payload, id));
    await sink.until(() => broker.status().pausedConnections === 121);
    expect(broker.status().bytes).toBeLessThan(2 * holdLimits.bytesTotal);
    sink.release();
    await Promise.all([...devices, late].map((device) => device.until(() => device.acks().length === 3)));
    expect(sink.committed).toHaveLength(363);
    expect(broker.status()).toMatchObject({ packets: 0, bytes: 0, pausedConnections: 0 });
  });

  it('never acknowledges on a later connection what an earlier one sent', async () => {
    const { sink, connect, broker } = await start('hold');
    const first = await connect({ clientId: 'em-1' });
    for (let id = 1; id <= 20; id++) first.send(publishOf(topic, body(id), id));
    await sink.until(() => sink.held === 20);
    first.socket.destroy();
    const second = await connect({ clientId: 'em-1' });
    second.send(publishOf(topic, body(100), 7));
    await sink.until(() => sink.held === 21);

    sink.release((_, index) => index < 20);
    second.send({ cmd: 'pingreq' });
    await second.until(() => second.received.some(({ cmd }) => cmd === 'pingresp'));
    expect(second.acks()).toEqual([]);
    sink.release();
    await second.until(() => second.acks().length === 1);
    expect(second.acks()).toEqual([7]);
    expect(broker.status().packets).toBe(0);
  });

  it('keeps everything while the store is away and commits each once, in order, when it is back', async () => {
    const { sink, connect, gateway } = await start('fail');
    const device = await connect();
    for (let id = 1; id <= 300; id++) device.send(publishOf(topic, body(id), id));
    await sink.until(() => sink.offered.length > 2);
    expect(device.acks()).toEqual([]);
    expect(gateway.status().detail).toContain('the store is away: database is away');
    sink.mode = 'commit';
    await device.until(() => device.acks().length === 300);
    expect(numbers(sink.committed)).toEqual(Array.from({ length: 300 }, (_, i) => i + 1));
    await expect.poll(() => gateway.status().detail).not.toContain('away');
  });

  it.each([
    ['too-large', topic, Buffer.alloc(1024 * 1024, 'x')],
    ['not-utf8', topic, Buffer.from([0x7b, 0xff, 0xfe])],
    ['not-json', topic, Buffer.from('{')],
    ['empty', topic, Buffer.alloc(0)],
    ['bad-topic', 'park/v1/demo/em-1/telemetry/extra', Buffer.from('{}')],
    ['bad-topic', 'park/v1/demo', Buffer.from('{}')],
    ['bad-topic', 'park/v1/other/em-1/telemetry', Buffer.from('{}')],
    ['bad-topic', 'park/v1/demo/_em/telemetry', Buffer.from('{}')],
  ])('hands over and acknowledges what is %s on %s', async (reason, where, payload) => {
    const { sink, connect } = await start();
    const device = await connect();
    device.send(publishOf(where, payload, 1));
    device.send(publishOf(topic, body(2), 2));
    await device.until(() => device.acks().length === 2);
    expect(sink.committed.map(({ content }) => content)).toMatchObject([
      { kind: 'refused', reason },
      { kind: 'telemetry' },
    ]);
    expect(sink.committed[0]?.bytes.length).toBe(payload.length);
  });

  it('takes QoS 0, retained status and last wills', async () => {
    const { sink, connect, gateway } = await start();
    const status = 'park/v1/demo/em-1/status';
    const device = await connect({ will: { topic: status, payload: 'offline', retain: true } });
    device.send({ ...publishOf(status, 'online', 1), retain: true } as never);
    device.send(publishOf(topic, body(1)));
    await sink.until(() => sink.committed.length === 2);
    device.socket.destroy();
    await sink.until(() => sink.committed.length === 3);
    expect(sink.committed.map(({ content, unacknowledged }) => [content.kind, unacknowledged])).toEqual([
      ['status', false],
      ['telemetry', true],
      ['status', true],
    ]);
    expect(sink.committed[2]?.content).toMatchObject({ status: 'offline' });
    await expect
      .poll(() => gateway.status())
      .toMatchObject({
        packetsReceived: 3,
        packetsAcknowledged: 1,
        packetsUnacknowledged: 2,
      });
  });

  it('says nothing of devices when it is the broker that stops', async () => {
    const { sink, connect, broker } = await start();
    await connect({ will: { topic: 'park/v1/demo/em-1/status', payload: 'offline' } });
    await broker[Symbol.asyncDispose]();
    expect(sink.offered).toEqual([]);
  });

  it('commits what it has received before it stops', async () => {
    const { sink, connect, gateway } = await start('hold');
    const device = await connect();
    device.send(publishOf(topic, body(1), 1));
    await sink.until(() => sink.held === 1);
    const stopped = gateway[Symbol.asyncDispose]();
    sink.release();
    await stopped;
    expect(sink.committed).toHaveLength(1);
    await device.until(() => device.acks().length === 1);
  });
});
