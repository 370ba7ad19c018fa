import { connect } from 'node:net';
import { once } from 'node:events';
import mqttPacket from 'mqtt-packet';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '#infra/clock.ts';
import { startEmbeddedBroker } from '#infra/embedded-broker.ts';
import type { FieldPublish } from '#infra/embedded-broker/hold.ts';
import { encodePubacks, isPublishQos1, placeOf, readPublish } from '#infra/embedded-broker/publish-reader.ts';
import { silentLog } from '#infra/log.ts';
import { mqttConfig } from '#test/kit/mqtt-config.ts';

const topic = 'park/v1/demo/em-1/telemetry';

function publish(
  fields: { topic?: string; payload?: string; messageId?: number; dup?: boolean } = {},
): Buffer {
  const packet = { topic, payload: '{}', messageId: 258, dup: false, ...fields };
  return mqttPacket.generate({ cmd: 'publish', qos: 1, retain: false, ...packet });
}

function read(packet: Buffer) {
  const place = placeOf(packet, 0);
  return place === null ? null : readPublish(packet, place);
}

describe('readPublish()', () => {
  it('reads what a general encoder wrote, whatever its length', () => {
    for (const length of [0, 1, 90, 100, 200, 16_300, 16_400, 100_000]) {
      const payload = 'x'.repeat(length);
      const packet = publish({ payload });
      expect(placeOf(packet, 0)?.endAt).toBe(packet.length);
      const found = read(packet);
      expect({ ...found, payload: found?.payload.toString() }).toEqual({ topic, payload, packetId: 258 });
    }
  });

  it('leaves to the general parser what is not a plain publish on a field topic', () => {
    expect(read(publish({ topic: 'other/v1/demo/em-1/telemetry' }))).toBeNull();
    expect(read(publish({ topic: 'park/v1/demo/表-1/telemetry' }))).toBeNull();
    expect(read(Buffer.from([0x32, 3, 0, 5, 0x70]))).toBeNull();
    const unnumbered = publish({ messageId: 1 });
    unnumbered[2 + 2 + topic.length + 1] = 0;
    expect(read(unnumbered)).toBeNull();
    const wild = publish();
    wild[2 + 2 + 5] = 0x2b;
    expect(read(wild)).toBeNull();
    expect([0x30, 0x31, 0x33, 0x34, 0xc0, undefined].some(isPublishQos1)).toBe(false);
    expect([0x32, 0x3a].every(isPublishQos1)).toBe(true);
  });

  it('has no place for a packet whose length is not there yet, or never ends', () => {
    expect(placeOf(Buffer.from([0x32]), 0)).toBeNull();
    expect(placeOf(Buffer.from([0x32, 0xff, 0xff]), 0)).toBeNull();
    expect(placeOf(Buffer.from([0x32, 0xff, 0xff, 0xff, 0xff, 0x01]), 0)).toBeNull();
  });
});

describe('encodePubacks()', () => {
  it('writes what a general encoder writes', () => {
    const ids = [1, 255, 256, 65_535];
    const expected = ids.map((messageId) => mqttPacket.generate({ cmd: 'puback', messageId }));
    expect(encodePubacks(ids)).toEqual(Buffer.concat(expected));
  });
});

describe('takePublishes()', () => {
  let cleanup = new AsyncDisposableStack();
  afterEach(async () => {
    await cleanup.disposeAsync();
    cleanup = new AsyncDisposableStack();
  });

  /** What a broker answers to these bytes, written so many at a time, and what it handed over. */
  async function exchange(packets: readonly Buffer[], chunkBytes: number) {
    const heard: FieldPublish[] = [];
    const options = { config: mqttConfig(), parkId: 'demo', log: silentLog(), clock: systemClock() };
    const broker = cleanup.use(await startEmbeddedBroker(options));
    cleanup.use(broker.attach((each) => Promise.resolve(void heard.push(each))));
    const socket = connect({ port: broker.port, noDelay: true });
    cleanup.defer(() => void socket.destroy());
    await once(socket, 'connect');
    const answers: { cmd: string; messageId?: number | undefined }[] = [];
    const parser = mqttPacket.parser();
    parser.on('packet', ({ cmd, messageId }) => void answers.push({ cmd, messageId }));
    socket.on('data', (chunk: Buffer) => void parser.parse(chunk));
    const bytes = Buffer.concat(packets);
    for (let at = 0; at < bytes.length; at += chunkBytes) {
      await new Promise<void>((resolve) => {
        socket.write(bytes.subarray(at, at + chunkBytes), () => resolve());
      });
    }
    return { heard, answers };
  }

  const conversation = [
    mqttPacket.generate({ cmd: 'connect', clientId: 'em-1', protocolId: 'MQTT', clean: true, keepalive: 60 }),
    publish({ payload: 'first', messageId: 1 }),
    publish({ payload: 'y'.repeat(20_000), messageId: 2 }),
    publish({ topic: 'elsewhere', payload: 'not ours', messageId: 3 }),
    publish({ payload: 'fourth', messageId: 4, dup: true }),
    mqttPacket.generate({
      cmd: 'publish',
      topic,
      payload: 'kept',
      qos: 1,
      retain: true,
      messageId: 5,
      dup: false,
    }),
    mqttPacket.generate({ cmd: 'publish', topic, payload: 'QoS 0', qos: 0, retain: false, dup: false }),
    publish({ payload: 'seventh', messageId: 7 }),
    mqttPacket.generate({ cmd: 'pingreq' }),
  ];

  for (const chunkBytes of [1_000_000, 1_000, 7]) {
    it(`takes them in their place among all others, in chunks of ${chunkBytes} bytes`, async () => {
      const { heard, answers } = await exchange(conversation, chunkBytes);
      await expect.poll(() => answers.filter(({ cmd }) => cmd !== 'pingresp').length).toBe(7);
      expect(heard.map(({ bytes, qos }) => `${Buffer.from(bytes).toString().slice(0, 8)} ${qos}`)).toEqual([
        'first 1',
        'yyyyyyyy 1',
        'fourth 1',
        'kept 1',
        'QoS 0 0',
        'seventh 1',
      ]);
      const acknowledged = answers.filter(({ cmd }) => cmd === 'puback').map(({ messageId }) => messageId);
      const held = acknowledged.filter((id) => id !== 3);
      // What is not ours is acknowledged by the broker at once; what is ours in its order.
      expect(held).toEqual([1, 2, 4, 5, 7]);
      expect(acknowledged).toHaveLength(6);
      await expect.poll(() => answers.some(({ cmd }) => cmd === 'pingresp')).toBe(true);
    });
  }
});
