import { connectAsync } from 'mqtt';
import { afterEach, describe, expect, it } from 'vitest';
import {
  createHoleWatch,
  encodeBeat,
  encodeFrame,
  openFrame,
  readFrame,
  sealFrame,
} from '#infra/bus-frame.ts';
import type { ReadingFrame } from '#infra/bus.ts';
import { systemClock } from '#infra/clock.ts';
import { silentLog } from '#infra/log.ts';
import { anySender, startMqttBus } from '#infra/mqtt-bus.ts';
import { withoutCredentials } from '#infra/mqtt-client.ts';
import { busTopic } from '#schemas/topics.ts';
import { hasMosquitto, startMosquitto } from '#test/kit/mosquitto.ts';
import { mqttConfig } from '#test/kit/mqtt-config.ts';

let cleanup = new AsyncDisposableStack();
afterEach(async () => {
  await cleanup.disposeAsync();
  cleanup = new AsyncDisposableStack();
});

const key = Buffer.alloc(32, 1);
const frame: ReadingFrame = { pointIds: [1, 2], timesMs: [10, 20], values: [1.5, 0], qualities: [0, 2] };

/** A bus that has subscribed, with what its listeners heard. */
async function startBus(url: string) {
  const options = {
    config: mqttConfig({ url }),
    url,
    parkId: 'demo',
    key,
    clock: systemClock(),
    log: silentLog(),
  };
  const bus = startMqttBus(options);
  cleanup.use(bus);
  const heard: unknown[] = [];
  bus.subscribe('hole', ({ sender }) => heard.push(`hole ${sender === anySender ? '*' : 'of a sender'}`));
  bus.subscribe('readings', (readings) => heard.push(readings));
  bus.subscribe('registry', (registry) => heard.push(registry));
  await expect.poll(() => heard, { interval: 10 }).toEqual(['hole *']);
  heard.length = 0;
  return { bus, heard };
}

describe.skipIf(!hasMosquitto())('startMqttBus()', () => {
  it('carries every kind to other processes and to its own listeners, each once', async () => {
    const broker = cleanup.use(await startMosquitto());
    const one = await startBus(broker.url);
    const two = await startBus(broker.url);
    one.bus.publish('readings', frame);
    one.bus.publish('registry', { changed: 'points' });
    two.bus.publish('registry', { changed: 'rules' });
    await expect.poll(() => one.heard.length + two.heard.length).toBe(6);
    expect(one.heard).toEqual([frame, { changed: 'points' }, { changed: 'rules' }]);
    expect(two.heard).toEqual(expect.arrayContaining([frame, { changed: 'points' }, { changed: 'rules' }]));
  });

  it('tells of a hole before the frame that shows it', async () => {
    const broker = cleanup.use(await startMosquitto());
    const { heard } = await startBus(broker.url);
    const other = await connectAsync(broker.url);
    cleanup.defer(() => other.endAsync(true));
    const topic = busTopic('demo', 'registry');
    const say = (to: string, text: string) => other.publishAsync(to, sealFrame(key, to, text));
    for (const number of [1, 2, 5]) {
      await say(topic, encodeFrame('other', number, { changed: 'points' }));
    }
    await say(topic, encodeBeat('other', 6));
    await say(topic, 'nonsense');
    await say(busTopic('demo', 'readings'), encodeFrame('other', 1, frame));
    await expect.poll(() => heard.length).toBe(6);
    const change = { changed: 'points' };
    expect(heard).toEqual([change, change, 'hole of a sender', change, 'hole of a sender', frame]);
  });

  it('hears nobody who does not know the key, and nothing twice', async () => {
    const broker = cleanup.use(await startMosquitto());
    const { heard } = await startBus(broker.url);
    const other = await connectAsync(broker.url);
    cleanup.defer(() => other.endAsync(true));
    const topic = busTopic('demo', 'readings');
    const text = encodeFrame('other', 1, frame);
    const sealed = sealFrame(key, topic, text);
    await other.publishAsync(topic, text);
    await other.publishAsync(topic, sealFrame(Buffer.alloc(32, 2), topic, text));
    await other.publishAsync(topic, sealFrame(key, busTopic('demo', 'alarm'), text));
    await other.publishAsync(topic, sealed.replace('1.5', '9.5'));
    await other.publishAsync(topic, sealed);
    await other.publishAsync(topic, sealed);
    await other.publishAsync(
      topic,
      sealFrame(key, topic, encodeFrame('other', 2, { ...frame, qualities: [2, 2] })),
    );
    await expect.poll(() => heard.length).toBe(2);
    expect(heard).toEqual([frame, { ...frame, qualities: [2, 2] }]);
  });

  it('tells of a hole when it has connected again', async () => {
    const broker = cleanup.use(await startMosquitto());
    const { bus, heard } = await startBus(broker.url);
    await broker.restart();
    bus.publish('registry', { changed: 'points' });
    await expect.poll(() => heard).toEqual([{ changed: 'points' }, 'hole *']);
  });
});

describe('openFrame()', () => {
  it.each(['', 'x', '.', '{}', `${'A'.repeat(43)}.{}`, `${'é'.repeat(43)}.{}`])(
    'takes %o for no frame',
    (text) => {
      expect(openFrame(key, 'topic', text)).toBeNull();
    },
  );
});

describe('readFrame()', () => {
  it('reads what was encoded', () => {
    expect(readFrame('readings', encodeFrame('a', 3, frame))).toEqual({
      sender: 'a',
      number: 3,
      message: frame,
    });
    expect(readFrame('alarm', encodeBeat('a', 3))).toEqual({ sender: 'a', number: 3, message: undefined });
  });

  it.each([
    '',
    'null',
    '1',
    '{}',
    '{"s":"a"}',
    '{"s":"a","n":0}',
    '{"s":1,"n":1}',
    '{"s":"a","n":1,"m":7}',
    '{"s":"a","n":1,"m":null}',
    '{"s":"a","n":1,"m":{}}',
    '{"s":"a","n":1,"m":{"pointIds":[1],"timesMs":[],"values":[1],"qualities":[0]}}',
  ])('answers null to %s', (text) => {
    expect(readFrame('readings', text)).toBeNull();
  });
});

describe('createHoleWatch()', () => {
  it('counts what is missing per sender and kind, and not what is repeated', () => {
    const watch = createHoleWatch();
    const see = (sender: string, number: number, message?: { changed: 'rules' }) =>
      watch.missed('registry', { sender, number, message });
    const message = { changed: 'rules' } as const;
    expect(see('a', 5, message)).toBe(0);
    expect(see('a', 6, message)).toBe(0);
    expect(see('b', 1, message)).toBe(0);
    expect(see('a', 9, message)).toBe(2);
    expect(see('a', 9)).toBe(0);
    expect(see('a', 10)).toBe(1);
    expect(see('a', 8, message)).toBeNull();
    expect(see('a', 11, message)).toBe(0);
  });
});

describe('withoutCredentials()', () => {
  it('leaves host and port and nothing secret', () => {
    expect(withoutCredentials('mqtts://user:pass@broker.example:8883/?token=x')).toBe(
      'mqtts://broker.example:8883/',
    );
  });
});
