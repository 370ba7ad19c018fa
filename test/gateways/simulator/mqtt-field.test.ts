import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startMqttGateway } from '#gateways/mqtt/gateway.ts';
import { startMqttField } from '#gateways/simulator/mqtt-field.ts';
import type { MqttField } from '#gateways/simulator/mqtt-field.ts';
import { planPark } from '#gateways/simulator/park.ts';
import { createSampler } from '#gateways/simulator/sampler.ts';
import { createWorld } from '#gateways/simulator/world.ts';
import { systemClock } from '#infra/clock.ts';
import { startEmbeddedBroker } from '#infra/embedded-broker.ts';
import type { EmbeddedBroker } from '#infra/embedded-broker.ts';
import { silentLog } from '#infra/log.ts';
import type { Packet } from '#schemas/reading.ts';
import { until } from '#test/kit/events.ts';
import { mqttConfig } from '#test/kit/mqtt-config.ts';
import { createHeldSink } from '#test/kit/sink.ts';

const clock = systemClock();
const log = silentLog();
const parkId = 'sim-test';
/** The boxes of two buildings are enough. */
const plan = planPark(7);
const world = createWorld(plan, 'Asia/Shanghai');
const samplers = plan.devices
  .filter(({ box }) => box === 'gw-a' || box === 'gw-out')
  .map((device) => createSampler(device, world));

async function startHouse(port = 0) {
  await using started = new AsyncDisposableStack();
  const config = mqttConfig({ port });
  const broker: EmbeddedBroker = started.use(await startEmbeddedBroker({ config, parkId, log, clock }));
  const sink = createHeldSink();
  started.use(await startMqttGateway({ config, parkId, sink, clock, log, broker }));
  const parts = started.move();
  return {
    sink,
    broker,
    url: broker.url,
    port: broker.port,
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

function startField(url: string, options: { stateDir: string; backfillDays: number }): Promise<MqttField> {
  const broker = { url, username: undefined, password: undefined, qos: 1 as const };
  return startMqttField({ world, samplers, parkId, broker, clock, log, ...options });
}

/** seq numbers by device, in the order committed, each once. */
function sequences(packets: readonly Packet[]): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const { deviceId, content } of packets) {
    if (deviceId === null || content.kind !== 'telemetry') continue;
    const known = found.get(deviceId) ?? [];
    for (const { seq } of content.sequence) if (!known.includes(seq)) known.push(seq);
    found.set(deviceId, known);
  }
  return found;
}

function newestMs(packets: readonly Packet[]): number {
  return Math.max(
    ...packets.flatMap(({ content }) =>
      content.kind === 'telemetry' ? content.samples.map(({ timeMs }) => timeMs) : [],
    ),
  );
}

const stateDir = () => mkdtempSync(join(tmpdir(), 'parkwatch-sim-'));

describe('startMqttField()', () => {
  test('sends what the boxes remember in time order, then live, numbered and without a refusal', async () => {
    await using house = await startHouse();
    const startedMs = clock.nowMs();
    await using field = await startField(house.url, { stateDir: stateDir(), backfillDays: 1 });
    await field.caughtUp;
    const remembered = [...house.sink.committed];
    await until(() => newestMs(house.sink.committed) > startedMs + 2_000, 'live values');

    expect(house.sink.committed.filter(({ content }) => content.kind === 'refused')).toEqual([]);
    for (const [deviceId, numbers] of sequences(house.sink.committed)) {
      expect(numbers, deviceId).toEqual(numbers.map((_, index) => index + 1));
    }
    const register = remembered
      .filter(({ deviceId }) => deviceId === 'em-a-main')
      .flatMap(({ content }) => (content.kind === 'telemetry' ? content.samples : []))
      .filter(({ metric }) => metric === 'active_energy_import');
    expect(register).toHaveLength(96);
    expect(register.map(({ timeMs }) => timeMs)).toEqual(
      register.map(({ timeMs }) => timeMs).toSorted((a, b) => a - b),
    );
    const values = register.map(({ value }) => Number(value));
    expect(values).toEqual(values.toSorted((a, b) => a - b));
  });

  test('loses nothing when the broker goes away with unacknowledged packets', async () => {
    const house = await startHouse();
    const before = house.sink;
    await using field = await startField(house.url, { stateDir: stateDir(), backfillDays: 0 });
    await before.until(() => before.committed.length > samplers.length + 20);
    before.mode = 'hold';
    await before.until(() => before.held > 3);
    // The broker first, as a crash would have it: nobody gets to drain.
    await house.broker[Symbol.asyncDispose]();
    await until(() => field.counts().waiting > 40, 'packets to wait');

    await using again = await startHouse(house.port);
    const missedMs = clock.nowMs();
    await until(() => newestMs(again.sink.committed) > missedMs + 1_000, 'live values again');
    await until(() => field.counts().waiting < 5, 'the boxes to have caught up');
    for (const [deviceId, numbers] of sequences([...before.committed, ...again.sink.committed])) {
      expect(numbers, deviceId).toEqual(numbers.map((_, index) => index + 1));
    }
    expect(field.counts().dropped).toBe(0);
    // This broker forgets what it retained: every status is said again.
    const told = again.sink.committed.flatMap(({ deviceId, content }) =>
      content.kind === 'status' ? [deviceId] : [],
    );
    expect(new Set(told).size).toBe(samplers.length);
    before.release();
    await house[Symbol.asyncDispose]();
  });

  test('goes on with its numbers and registers at a second start, and tells that it went offline', async () => {
    await using house = await startHouse();
    const options = { stateDir: stateDir(), backfillDays: 0 };
    const first = await startField(house.url, options);
    await until(() => sequences(house.sink.committed).size > 40, 'the first run');
    await first[Symbol.asyncDispose]();
    const offline = house.sink.committed.filter(
      ({ content }) => content.kind === 'status' && content.status === 'offline',
    );
    expect(new Set(offline.map(({ deviceId }) => deviceId)).size).toBe(samplers.length);

    const so = house.sink.committed.length;
    await using _second = await startField(house.url, { ...options, backfillDays: 7 });
    await until(() => sequences(house.sink.committed.slice(so)).size > 40, 'the second run');
    for (const [deviceId, numbers] of sequences(house.sink.committed)) {
      expect(numbers, deviceId).toEqual(numbers.map((__, index) => index + 1));
    }
    expect(newestMs(house.sink.committed.slice(so))).toBeGreaterThan(
      newestMs(house.sink.committed.slice(0, so)),
    );
  });
});
