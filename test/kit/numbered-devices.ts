import mqtt, { type MqttClient } from 'mqtt';
import { expect } from 'vitest';
import type { Source } from '#schemas/api/ingest.ts';
import type { Series } from '#schemas/api/readings.ts';
import { fieldTopic } from '#schemas/topics.ts';
import type { ServedPark } from './serve.ts';

/** Devices that send one numbered, timed reading a message at QoS 1, through any break, until told to stop. */
export interface NumberedDevices {
  readonly published: number;
  /** How many were acknowledged. */
  readonly acknowledged: number;
  /** Publishes no more; resolves when all is acknowledged. */
  finish(): Promise<void>;
}

const metric = 'active_power';
const valuesModulus = 100;

/** Registers the devices in the park. */
export async function registerDevices(park: ServedPark, ids: readonly string[]): Promise<void> {
  const devices = ids.map((id) => ({ id, name: id, class: 'energy-meter' }));
  await park.request('POST', '/imports?dryRun=false', { devices });
}

/** @param options.everyMs one message a device in so many ms; the first has the time `firstMs`, each next 1 ms more */
export function startNumberedDevices(options: {
  readonly mqttUrl: string;
  readonly ids: readonly string[];
  readonly everyMs: number;
  readonly firstMs: number;
  /** How long each message is made by blanks at its end; so a few fill every buffer on the way. */
  readonly bytes?: number;
}): NumberedDevices {
  const { mqttUrl, ids, everyMs, firstMs, bytes = 0 } = options;
  const waiting = new Set<Promise<unknown>>();
  let published = 0;
  let acknowledged = 0;
  const publish = (client: MqttClient, id: string, seq: number) => {
    published++;
    const message = { ts: firstMs + seq, values: { [metric]: seq % valuesModulus }, seq };
    const text = JSON.stringify(message).padEnd(bytes);
    const done = untilAcknowledged(client, fieldTopic('demo', id, 'telemetry'), text);
    waiting.add(done);
    void done.finally(() => {
      acknowledged++;
      waiting.delete(done);
    });
  };
  const devices = ids.map((id) => {
    const client = mqtt.connect(mqttUrl, { clientId: id, keepalive: 10, reconnectPeriod: 200 });
    // Refused connections are what these tests are about.
    client.on('error', () => undefined);
    let seq = 0;
    const timer = setInterval(() => publish(client, id, ++seq), everyMs);
    return { client, timer };
  });
  return {
    get published() {
      return published;
    },
    get acknowledged() {
      return acknowledged;
    },
    async finish() {
      for (const { timer } of devices) clearInterval(timer);
      await Promise.all(waiting);
      await Promise.all(devices.map(({ client }) => client.endAsync()));
    },
  };
}

/** mqtt.js gives up what it was about to send when a new connection ends at once; a device does not. */
async function untilAcknowledged(client: MqttClient, topic: string, text: string): Promise<void> {
  const retryMs = 100;
  for (;;) {
    try {
      await client.publishAsync(topic, text, { qos: 1 });
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, retryMs));
    }
  }
}

/** The numbers that are stored of each device, in order, each with the value that was sent with it. */
export async function readNumbers(
  park: ServedPark,
  { ids, firstMs }: { ids: readonly string[]; firstMs: number },
): Promise<number[][]> {
  const points = ids.map((id) => `${id}.${metric}`).join(',');
  const dayMs = 86_400_000;
  const range = `from=${new Date(firstMs).toISOString()}&to=${new Date(firstMs + dayMs).toISOString()}`;
  const read = await park.request<{ series: Series[] }>(
    'GET',
    `/readings?points=${points}&${range}&resolution=raw`,
  );
  expect(read.status).toBe(200);
  return read.body.series.map(({ t, v }) => {
    const numbers = t.map((timeMs) => timeMs - firstMs);
    expect(v).toEqual(numbers.map((number) => number % valuesModulus));
    return numbers;
  });
}

/** 0 lost, 0 doubled: the rows are what was published, and the ledger says so too. */
export async function expectEachOnce(
  park: ServedPark,
  { ids, firstMs, published }: { ids: readonly string[]; firstMs: number; published: number },
): Promise<void> {
  const stored = await readNumbers(park, { ids, firstMs });
  expect(stored.reduce((sum, numbers) => sum + numbers.length, 0)).toBe(published);
  for (const numbers of stored) expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  const sources = await park.request<{ items: Source[] }>('GET', '/sources');
  const source = sources.body.items.find((one) => one.source === 'mqtt');
  expect(source?.values).toMatchObject({ committed: published, corrected: 0, rejected: {}, waiting: 0 });
  expect(source).toMatchObject({ balanced: true, sequence: { devices: ids.length, gaps: 0 } });
}
