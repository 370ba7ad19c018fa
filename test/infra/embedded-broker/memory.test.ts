import { connectAsync } from 'mqtt';
import mqttPacket from 'mqtt-packet';
import { Aedes, type Client } from 'aedes';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '#infra/clock.ts';
import { startEmbeddedBroker } from '#infra/embedded-broker.ts';
import { limitMemory, memoryLimits } from '#infra/embedded-broker/memory.ts';
import { silentLog } from '#infra/log.ts';
import { mqttConfig } from '#test/kit/mqtt-config.ts';
import { connectWire } from '#test/kit/mqtt-wire.ts';

let cleanup = new AsyncDisposableStack();
afterEach(async () => {
  await cleanup.disposeAsync();
  cleanup = new AsyncDisposableStack();
});

async function start() {
  const options = { config: mqttConfig(), parkId: 'demo', log: silentLog(), clock: systemClock() };
  return cleanup.use(await startEmbeddedBroker(options));
}

describe('limitMemory()', () => {
  it('keeps the library from making a buffer for every number', async () => {
    mqttPacket.writeToStream.cacheNumbers = true;
    await start();
    expect(mqttPacket.writeToStream.cacheNumbers).toBe(false);
  });

  it('keeps retained messages up to a limit, and delivers the others without keeping them', async () => {
    const broker = await start();
    const client = await connectAsync(broker.url, { protocolVersion: 4, reconnectPeriod: 0 });
    cleanup.defer(() => client.endAsync(true));
    const retain = (topic: string, bytes: number) =>
      client.publishAsync(topic, Buffer.alloc(bytes), { qos: 1, retain: true });
    const expectKept = async (topics: string[]) => {
      const heard: string[] = [];
      const reader = await connectAsync(broker.url, { protocolVersion: 4, reconnectPeriod: 0 });
      reader.on('message', (topic) => void heard.push(topic));
      await reader.subscribeAsync('big/#', { qos: 1 });
      await expect.poll(() => heard.toSorted()).toEqual(topics);
      await reader.endAsync(true);
    };
    const fifth = Math.floor(memoryLimits.retainedBytes / 5) - 100;
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) await retain(`big/${name}`, fifth);
    await expectKept(['big/a', 'big/b', 'big/c', 'big/d', 'big/e']);
    expect(broker.status().retainedRefused).toBe(1);
    await retain('big/b', 0);
    await retain('big/f', fifth);
    await expectKept(['big/a', 'big/c', 'big/d', 'big/e', 'big/f']);
  });

  it('refuses subscriptions beyond the limit of a connection, one by one', async () => {
    const broker = await start();
    const client = cleanup.use(await connectWire({ port: broker.port }));
    const { subscriptions: most } = memoryLimits;
    const subscribe = async (messageId: number, topics: string[]) => {
      const subscriptions = topics.map((topic) => ({ topic, qos: 1 as const }));
      client.send({ cmd: 'subscribe', messageId, subscriptions });
      const answer = () =>
        client.received.find((packet) => packet.cmd === 'suback' && packet.messageId === messageId);
      await client.until(() => answer() !== undefined);
      return (answer() as { granted: number[] }).granted;
    };
    const names = Array.from({ length: most + 2 }, (_, i) => `s/${i}`);
    const granted = await subscribe(1, names);
    expect(granted.filter((code) => code === 1)).toHaveLength(most);
    expect(granted.slice(-2)).toEqual([128, 128]);
    expect(await subscribe(2, ['s/0', 'other'])).toEqual([1, 128]);
  });

  it('remembers of a QoS 2 message that is not released only that it came', async () => {
    const broker = await Aedes.createBroker();
    cleanup.defer(() => new Promise<void>((resolve) => broker.close(resolve)));
    limitMemory(broker);
    const { persistence } = broker as unknown as {
      persistence: Record<
        'incomingStorePacket' | 'incomingGetPacket',
        (...given: unknown[]) => Promise<unknown>
      >;
    };
    const client = { id: 'a' } as Client;
    const packet = { cmd: 'publish', topic: 't', qos: 2, messageId: 7, payload: Buffer.alloc(1_000) };
    await persistence.incomingStorePacket(client, packet);
    expect(await persistence.incomingGetPacket(client, packet)).toMatchObject({
      messageId: 7,
      payload: Buffer.alloc(0),
    });
    expect(packet.payload).toHaveLength(1_000);
  });
});
