import { expect, test } from 'vitest';
import type { Packet } from '#schemas/reading.ts';
import { createTraffic, trafficLimits } from '#services/ingest/traffic.ts';

function packet(deviceId: string | null, receivedAtMs: number, text = '{}'): Packet {
  return {
    source: 'mqtt',
    address: `park/v1/demo/${deviceId}/telemetry`,
    deviceId,
    receivedAtMs,
    bytes: Buffer.from(text),
    unacknowledged: false,
    content: { kind: 'telemetry', samples: [], rejected: [], sequence: [] },
  };
}

const written: Packet[] = [];
const inner = { write: async (one: Packet) => void written.push(one) };

test('createTraffic() passes every packet on and remembers the last of each device, newest first', async () => {
  const traffic = createTraffic();
  const sink = traffic.watch(inner);
  for (let at = 1; at <= trafficLimits.packetsPerDevice + 5; at++) await sink.write(packet('em-1', at));
  await sink.write(packet(null, 99));
  expect(written).toHaveLength(trafficLimits.packetsPerDevice + 6);
  const times = traffic.of('em-1').map(({ atMs }) => atMs);
  expect(times).toHaveLength(trafficLimits.packetsPerDevice);
  expect(times[0]).toBe(trafficLimits.packetsPerDevice + 5);
  expect(traffic.of('em-2')).toEqual([]);
});

test('createTraffic() keeps the beginning of a large packet, as a copy, and its size', async () => {
  const traffic = createTraffic();
  const large = packet('em-1', 1, 'x'.repeat(trafficLimits.bytesPerPacket + 10));
  await traffic.watch(inner).write(large);
  large.bytes.fill(0);
  const [entry] = traffic.of('em-1');
  expect(entry?.size).toBe(trafficLimits.bytesPerPacket + 10);
  expect(Buffer.from(entry?.bytes ?? []).toString()).toBe('x'.repeat(trafficLimits.bytesPerPacket));
});

test('createTraffic() shows each packet as it came, however their sizes vary and whoever else is heard', async () => {
  const traffic = createTraffic();
  const sink = traffic.watch(inner);
  const sent: string[] = [];
  let seed = 7;
  const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below;
  const shown = () => traffic.of('em-1').map(({ bytes }) => Buffer.from(bytes).toString());
  const kept = (most: number) => sent.slice(-most).map((text) => text.slice(0, trafficLimits.bytesPerPacket));
  for (let at = 1; at <= 500; at++) {
    const size = random(4) === 0 ? random(2 * trafficLimits.bytesPerPacket) : random(200);
    sent.push(`${at} `.padEnd(size, String(at % 10)));
    await sink.write(packet('em-1', at, sent.at(-1)));
    expect(shown()).toEqual(kept(trafficLimits.packetsPerDevice).toReversed());
  }
  // Many more devices: each is remembered less far back.
  const others = 2_999;
  for (let id = 0; id < others; id++) await sink.write(packet(`d-${id}`, 501));
  sent.push('the last');
  await sink.write(packet('em-1', 502, 'the last'));
  expect(shown()).toEqual(kept(trafficLimits.packets / (others + 1)).toReversed());
});

test('createTraffic() has what no bytes came of written only when somebody looks', async () => {
  const traffic = createTraffic();
  let asked = 0;
  const account: Packet = {
    ...packet('em-1', 1),
    accountBytes: 200,
    get bytes() {
      asked++;
      return Buffer.from('[{"value":1}]');
    },
  };
  await traffic.watch(inner).write(account);
  expect(asked).toBe(0);
  const [entry] = traffic.of('em-1');
  expect(Buffer.from(entry?.bytes ?? []).toString()).toBe('[{"value":1}]');
  expect(entry?.size).toBe(13);
});

test('createTraffic() is bounded over all devices: of many it remembers fewer each, and forgets the quietest', async () => {
  const traffic = createTraffic();
  const sink = traffic.watch(inner);
  for (let round = 0; round < 4; round++) {
    for (let id = 0; id < trafficLimits.devices; id++) await sink.write(packet(`d-${id}`, round));
  }
  await sink.write(packet('one-more', 9));
  expect(traffic.of('d-0')).toEqual([]);
  expect(traffic.of('d-1').length).toBe(trafficLimits.leastPackets);
  expect(trafficLimits.devices * trafficLimits.leastPackets).toBeLessThanOrEqual(trafficLimits.packets);
});
