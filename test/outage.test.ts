import { readFile } from 'node:fs/promises';
import mqtt, { type MqttClient } from 'mqtt';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Source } from '#schemas/api/ingest.ts';
import { fieldTopic } from '#schemas/topics.ts';
import { freezeDatabase } from '#test/kit/freeze.ts';
import { startServe, type ServedPark } from '#test/kit/serve.ts';

/**
 * The database vanishes under a running park while many devices publish. Nothing may be acknowledged that is not
 * committed, nothing may be lost or counted twice, and memory stays bounded. OUTAGE_S=60 runs it for a minute.
 */
const outageS = Number(process.env['OUTAGE_S'] ?? 12);
const clientCount = 200;
/** Beyond 1.5 of these a broker must give a silent client up. */
const keepaliveS = 5;
const publishEveryMs = 250;
const mostGrowthBytes = 200 * 1024 * 1024;

let park: ServedPark;
beforeAll(async () => {
  park = await startServe();
  const devices = Array.from({ length: clientCount }, (_, i) => ({
    id: `em-${i}`,
    name: `${i}`,
    class: 'energy-meter',
  }));
  await park.request('POST', '/imports?dryRun=false', { devices });
});
afterAll(() => park[Symbol.asyncDispose]());

/** One device: numbered, timed messages at QoS 1, each waited for. */
class FieldDevice {
  readonly #client: MqttClient;
  readonly #id: string;
  readonly #timer: NodeJS.Timeout;
  readonly #waiting = new Set<Promise<unknown>>();
  published = 0;
  acknowledged = 0;
  connects = 0;

  constructor(id: string) {
    this.#id = id;
    this.#client = mqtt.connect(park.mqttUrl, {
      clientId: id,
      keepalive: keepaliveS,
      reconnectPeriod: 1_000,
    });
    this.#client.on('connect', () => this.connects++);
    this.#timer = setInterval(() => this.#publish(), publishEveryMs);
  }

  #publish(): void {
    const seq = ++this.published;
    const message = { ts: firstMs + seq, values: { active_power: seq % 100 }, seq };
    const topic = fieldTopic('demo', this.#id, 'telemetry');
    const done = this.#client.publishAsync(topic, JSON.stringify(message), { qos: 1 });
    this.#waiting.add(done);
    void done.finally(() => {
      this.acknowledged++;
      this.#waiting.delete(done);
    });
  }

  async finish(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#waiting);
    await this.#client.endAsync();
  }
}
const firstMs = Date.now() - 3_600_000;

test(
  `a database away for ${outageS} s under ${clientCount} clients: 0 lost, 0 doubled, memory bounded, no reconnect storm`,
  async () => {
    const devices = Array.from({ length: clientCount }, (_, i) => new FieldDevice(`em-${i}`));
    await seconds(2);
    const before = await residentBytes();
    const release = freezeDatabase(park.dataDir);
    try {
      const acknowledged = () => devices.reduce((sum, device) => sum + device.acknowledged, 0);
      await seconds(1);
      const frozenAt = acknowledged();
      await seconds(outageS - 1);
      expect(acknowledged(), 'nothing is acknowledged meanwhile').toBe(frozenAt);
      expect((await residentBytes()) - before).toBeLessThan(mostGrowthBytes);
    } finally {
      release();
    }
    await seconds(2);
    await Promise.all(devices.map((device) => device.finish()));

    const published = devices.reduce((sum, device) => sum + device.published, 0);
    const { body } = await park.request<{ items: Source[] }>('GET', '/sources');
    const [source] = body.items;
    expect(source?.values.committed).toBe(published);
    expect(source).toMatchObject({ balanced: true, values: { rejected: {}, corrected: 0, waiting: 0 } });
    expect(source?.sequence).toMatchObject({ devices: clientCount, gaps: 0 });
    const connects = devices.reduce((sum, device) => sum + device.connects, 0);
    expect(connects).toBeLessThanOrEqual(2 * clientCount);
  },
  (outageS + 90) * 1_000,
);

function seconds(count: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, count * 1_000));
}

async function residentBytes(): Promise<number> {
  const status = await readFile(`/proc/${park.process.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024;
}
