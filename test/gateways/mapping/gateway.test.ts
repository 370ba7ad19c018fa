import { connectAsync } from 'mqtt';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { takesTopic } from '#gateways/mapping/apply.ts';
import { openMappingBook } from '#gateways/mapping/book.ts';
import { startMappingGateway } from '#gateways/mapping/gateway.ts';
import { startMqttGateway } from '#gateways/mqtt/gateway.ts';
import { systemClock } from '#infra/clock.ts';
import { startEmbeddedBroker } from '#infra/embedded-broker.ts';
import { silentLog } from '#infra/log.ts';
import { hasMosquitto, startMosquitto } from '#test/kit/mosquitto.ts';
import { mqttConfig } from '#test/kit/mqtt-config.ts';
import { connectWire, publishOf } from '#test/kit/mqtt-wire.ts';
import { createHeldSink } from '#test/kit/sink.ts';

const clock = systemClock();
const log = silentLog();
let cleanup = new AsyncDisposableStack();
afterEach(async () => {
  await cleanup.disposeAsync();
  cleanup = new AsyncDisposableStack();
});

const mapping = (root: string) => `mappings:
  - id: ${root}
    topic: ${root}/{id}
    each: "[*]"
    device: "{id}-{@n}"
    values: [{ metric: active_power, path: p, unit: W }]
`;

function openBook(text: string) {
  const folder = mkdtempSync(join(tmpdir(), 'parkwatch-mapping-'));
  cleanup.defer(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'park.yaml');
  writeFileSync(file, text);
  const book = cleanup.use(openMappingBook({ file, clock, log }));
  return { book, dataDir: folder, write: (next: string) => writeFileSync(file, next) };
}

const body = '[{"n":1,"p":1500},{"n":2,"p":2500}]';

describe('startMappingGateway() at the embedded broker', () => {
  async function start(text: string) {
    const { book, dataDir, write } = openBook(text);
    const sink = createHeldSink('hold');
    const isMapped = (topic: string) => takesTopic(book.current(), topic);
    const common = { config: mqttConfig(), parkId: 'demo', log, clock };
    const broker = cleanup.use(await startEmbeddedBroker({ ...common, isMapped }));
    cleanup.defer(() => sink.release());
    const device = cleanup.use(await connectWire({ port: broker.port, clientId: 'box' }));
    const gateway = async () =>
      cleanup.use(await startMappingGateway({ ...common, sink, broker, book, dataDir }));
    return { book, write, sink, broker, device, gateway };
  }

  it('acknowledges when all devices of the message are committed, also what came before it was there', async () => {
    const { device, sink, gateway } = await start(mapping('meters'));
    device.send(publishOf('meters/a', body, 1));
    device.send({ cmd: 'pingreq' });
    await device.until(() => device.received.some(({ cmd }) => cmd === 'pingresp'));
    expect(device.acks()).toEqual([]);
    const started = await gateway();
    await sink.until(() => sink.held === 2);
    sink.release((packet) => packet.deviceId === 'a-1');
    await sink.until(() => sink.committed.length === 1);
    expect(device.acks()).toEqual([]);
    sink.release();
    await device.until(() => device.acks().length === 1);
    expect(sink.committed.map(({ source, address, deviceId }) => [source, address, deviceId])).toEqual([
      ['mqtt-mapping', 'meters/a', 'a-1'],
      ['mqtt-mapping', 'meters/a', 'a-2'],
    ]);
    expect(started.status()).toMatchObject({ connected: true, packetsAcknowledged: 2, packetsWaiting: 0 });
    expect(started.status().detail).toMatch(/mappings: 1$/);
  });

  it('leaves native topics and topics of nobody alone', async () => {
    const { device, sink, broker, gateway } = await start(mapping('meters'));
    await gateway();
    const native = createHeldSink();
    cleanup.use(
      await startMqttGateway({ config: mqttConfig(), parkId: 'demo', log, clock, sink: native, broker }),
    );
    device.send(publishOf('park/v1/demo/em-1/telemetry', '{"values":{"p":1}}', 1));
    device.send(publishOf('other/topic', 'x', 2));
    await device.until(() => device.acks().length === 2);
    expect(native.committed).toHaveLength(1);
    expect(sink.offered).toEqual([]);
  });

  it('follows the file: other topics without a restart; faults change nothing and are told', async () => {
    const { device, sink, book, write, gateway } = await start(mapping('meters'));
    const started = await gateway();
    sink.release();
    const changed = new Promise<void>((resolve) => book.onChange(resolve));
    write(mapping('pumps'));
    await changed;
    device.send(publishOf('pumps/p', body, 1));
    device.send(publishOf('meters/a', body, 2));
    await device.until(() => device.acks().length === 2);
    expect(sink.committed.map(({ deviceId }) => deviceId)).toEqual(['p-1', 'p-2']);

    write(mapping('pumps').replace('unit: W', 'unit: V'));
    await expect.poll(() => book.trouble()).toMatch(/park\.yaml:6 .*V does not convert to kW/);
    expect(started.status().detail).toMatch(/the changed file is not in force/);
    device.send(publishOf('pumps/p', body, 3));
    await device.until(() => device.acks().length === 3);
    expect(sink.committed).toHaveLength(4);
  });
});

describe.skipIf(!hasMosquitto())('startMappingGateway() at an external broker', () => {
  it('subscribes to the topics of the mappings, and to others when they change', async () => {
    const broker = cleanup.use(await startMosquitto(['max_inflight_messages 0', 'max_queued_messages 0']));
    const { book, dataDir, write } = openBook(mapping('meters'));
    const sink = createHeldSink('hold');
    const config = mqttConfig({ url: broker.url });
    const gateway = cleanup.use(
      await startMappingGateway({ config, parkId: 'demo', sink, clock, log, book, dataDir }),
    );
    cleanup.defer(() => sink.release());
    await expect.poll(() => gateway.status().connected, { interval: 20 }).toBe(true);
    const device = await connectAsync(broker.url);
    cleanup.defer(() => device.endAsync(true));
    await device.publishAsync('meters/a', body, { qos: 1 });
    await sink.until(() => sink.held === 2);
    expect(gateway.status()).toMatchObject({ packetsReceived: 2, packetsAcknowledged: 0, packetsWaiting: 2 });
    sink.release();
    await expect.poll(() => gateway.status().packetsAcknowledged).toBe(2);

    const changed = new Promise<void>((resolve) => book.onChange(resolve));
    write(mapping('pumps'));
    await changed;
    const publish = () => device.publishAsync('pumps/p', body, { qos: 1 });
    await expect
      .poll(async () => (await publish(), sink.committed.some(({ deviceId }) => deviceId === 'p-2')), {
        timeout: 10_000,
      })
      .toBe(true);
    const { length } = sink.committed;
    await device.publishAsync('meters/a', body, { qos: 1 });
    await publish();
    await sink.until(() => sink.committed.length >= length + 2);
    expect(sink.committed.slice(2).every(({ address }) => address === 'pumps/p')).toBe(true);
  });

  it('lets go of a topic that was taken out of the file while nothing ran', async () => {
    const broker = cleanup.use(await startMosquitto(['max_inflight_messages 0', 'max_queued_messages 0']));
    const { dataDir } = openBook('');
    const config = mqttConfig({ url: broker.url });
    const run = async (text: string) => {
      const sink = createHeldSink();
      const { book } = openBook(text);
      const options = { config, parkId: 'demo', sink, clock, log, book, dataDir };
      const gateway = await startMappingGateway(options);
      await expect.poll(() => gateway.status().connected, { interval: 20 }).toBe(true);
      return { sink, gateway };
    };
    const device = await connectAsync(broker.url);
    cleanup.defer(() => device.endAsync(true));
    const first = await run(mapping('meters'));
    await device.publishAsync('meters/a', body, { qos: 1 });
    await first.sink.until(() => first.sink.committed.length === 2);
    await first.gateway[Symbol.asyncDispose]();

    const second = await run(mapping('pumps'));
    cleanup.use(second.gateway);
    await device.publishAsync('meters/a', body, { qos: 1 });
    await device.publishAsync('pumps/p', body, { qos: 1 });
    await second.sink.until(() => second.sink.committed.length === 2);
    expect(second.sink.committed.map(({ address }) => address)).toEqual(['pumps/p', 'pumps/p']);
  });
});
