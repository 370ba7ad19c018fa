import { readFileSync } from 'node:fs';
import { connect, type IPublishPacket, type MqttClient } from 'mqtt';
import { afterEach, describe, expect, it } from 'vitest';
import { deferAcknowledgements, mqttVersion, waitingLimits } from '#gateways/mqtt/deferred-ack.ts';
import { startScriptedBroker } from '#test/kit/scripted-broker.ts';

let cleanup = new AsyncDisposableStack();
afterEach(async () => {
  await cleanup.disposeAsync();
  cleanup = new AsyncDisposableStack();
});

interface Handed {
  readonly packet: IPublishPacket;
  readonly settle: () => void;
}

async function start() {
  const broker = cleanup.use(await startScriptedBroker());
  const client: MqttClient = connect(broker.url, {
    protocolVersion: 5,
    clientId: 'under-test',
    clean: false,
    reconnectPeriod: 5,
    properties: { receiveMaximum: 2_000, sessionExpiryInterval: 60 },
  });
  cleanup.defer(() => client.endAsync(true));
  const handed: Handed[] = [];
  let waiting: { count: number; resolve: () => void } | null = null;
  const acks = deferAcknowledgements(
    client,
    (packet) =>
      new Promise((resolve) => {
        handed.push({ packet, settle: resolve });
        if (waiting !== null && handed.length >= waiting.count) waiting.resolve();
      }),
  );
  await broker.until(() => broker.connections[0]?.received[0]?.cmd === 'connect');
  return {
    broker,
    client,
    acks,
    handed,
    connection: (index: number) => {
      const found = broker.connections[index];
      if (found === undefined) throw new Error(`there is no connection ${index}`);
      return found;
    },
    untilHanded: (count: number) =>
      new Promise<void>((resolve) => {
        waiting = { count, resolve };
        if (handed.length >= count) resolve();
      }),
  };
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i + 1);
}

describe('deferAcknowledgements()', () => {
  it('was written against exactly this mqtt.js', () => {
    const { version } = JSON.parse(readFileSync('node_modules/mqtt/package.json', 'utf8')) as {
      version: string;
    };
    expect(version, 'read gateways/mqtt/deferred-ack.ts again before raising this').toBe(mqttVersion);
    const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      dependencies: Record<string, string>;
    };
    expect(dependencies['mqtt']).toBe(mqttVersion);
  });

  it('is handed every packet in flight before any is acknowledged', async () => {
    const { broker, connection, handed, untilHanded, client } = await start();
    for (const id of upTo(2000)) connection(0).publish('t', `${id}`, id);
    await untilHanded(2000);
    client.sendPing();
    await broker.until(() => connection(0).received.some(({ cmd }) => cmd === 'pingreq'));
    expect(connection(0).acks()).toEqual([]);
    for (const { settle } of handed) settle();
    await broker.until(() => connection(0).acks().length === 2000);
  });

  it('acknowledges in order of arrival when packets settle in any order', async () => {
    const { broker, connection, handed, untilHanded } = await start();
    for (const id of upTo(100)) connection(0).publish('t', `${id}`, id);
    await untilHanded(100);
    for (const { settle } of handed.slice(50).toReversed()) settle();
    handed[0]?.settle();
    await broker.until(() => connection(0).acks().length > 0);
    expect(connection(0).acks()).toEqual([1]);
    for (const { settle } of handed) settle();
    await broker.until(() => connection(0).acks().length === 100);
    expect(connection(0).acks()).toEqual(upTo(100));
  });

  it('sends no acknowledgement of an earlier connection on a later one', async () => {
    const { broker, connection, handed, untilHanded, acks } = await start();
    for (const id of upTo(20)) connection(0).publish('t', `old ${id}`, id);
    await untilHanded(20);
    connection(0).cut();
    await broker.until(() => broker.connections[1]?.received[0]?.cmd === 'connect');
    // The same ids, other messages: an old acknowledgement would swallow them.
    for (const id of upTo(20)) connection(1).publish('t', `new ${id}`, id);
    await untilHanded(40);
    for (const { settle } of handed.slice(0, 20)) settle();
    handed[20]?.settle();
    await broker.until(() => connection(1).acks().length > 0);
    expect(connection(1).acks()).toEqual([1]);
    expect(acks.status()).toMatchObject({ discarded: 20, packets: 19 });
    for (const { settle } of handed) settle();
    await broker.until(() => connection(1).acks().length === 20);
  });

  it('throws acknowledgements away while there is no connection at all', async () => {
    const { broker, connection, handed, untilHanded, client } = await start();
    for (const id of upTo(20)) connection(0).publish('t', `${id}`, id);
    await untilHanded(20);
    const closed = new Promise((resolve) => client.once('close', () => resolve(null)));
    connection(0).cut();
    await closed;
    for (const { settle } of handed) settle();
    await broker.until(() => broker.connections[1]?.received[0]?.cmd === 'connect');
    connection(1).publish('t', 'new', 1);
    await untilHanded(21);
    handed[20]?.settle();
    await broker.until(() => connection(1).acks().length > 0);
    expect(connection(1).acks()).toEqual([1]);
  });

  it('stops reading at its limit, drops QoS 0 before that, and goes on when there is room', async () => {
    const { broker, connection, handed, untilHanded, acks } = await start();
    const half = waitingLimits.packets * waitingLimits.shareOfQos0;
    for (const id of upTo(half)) connection(0).publish('t', 'x', id);
    for (let i = 0; i < 10; i++) connection(0).publish('t', 'x');
    for (let id = half + 1; id <= waitingLimits.packets + 100; id++) connection(0).publish('t', 'x', id);
    await untilHanded(waitingLimits.packets);
    expect(acks.status()).toMatchObject({ packets: waitingLimits.packets, dropped: 10 });
    for (const { settle } of handed) settle();
    await untilHanded(waitingLimits.packets + 100);
    for (const { settle } of handed) settle();
    const last = waitingLimits.packets + 100;
    await broker.until(() => connection(0).received.at(-1)?.messageId === last);
    expect(connection(0).acks()).toEqual(upTo(last));
    expect(acks.status()).toMatchObject({ packets: 0, bytes: 0 });
  });

  it('hands over nothing more once it drains, and waits for what it has', async () => {
    const { broker, connection, handed, untilHanded, acks } = await start();
    connection(0).publish('t', '1', 1);
    await untilHanded(1);
    const drained = acks.drain();
    connection(0).publish('t', '2', 2);
    handed[0]?.settle();
    await drained;
    await broker.until(() => connection(0).acks().length === 1);
    expect(handed).toHaveLength(1);
  });
});
