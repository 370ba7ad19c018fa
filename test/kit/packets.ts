import { say } from '#schemas/phrases.ts';
import type { FieldEvent, Packet, PacketContent, Sample } from '#schemas/reading.ts';

/** A value as a test states it: metric, epoch ms, value; good, without revision, unless told otherwise. */
export type StatedSample = Pick<Sample, 'metric' | 'timeMs' | 'value'> & Partial<Sample>;

export function packetOf(
  deviceId: string | null,
  content: PacketContent,
  more: Partial<Packet> = {},
): Packet {
  return {
    source: 'test',
    address: `park/v1/demo/${deviceId}/telemetry`,
    deviceId,
    receivedAtMs: 0,
    bytes: Buffer.from('{"values":{}}'),
    unacknowledged: false,
    content,
    ...more,
  };
}

/** A telemetry packet, received at `receivedAtMs` (default: the newest of its samples). */
export function telemetry(
  deviceId: string,
  samples: readonly StatedSample[],
  more: Partial<Packet> & { seq?: number } = {},
): Packet {
  const { seq, ...rest } = more;
  const timeMs = Math.max(...samples.map((sample) => sample.timeMs));
  const content: PacketContent = {
    kind: 'telemetry',
    samples: samples.map((sample) => ({ quality: 'good', rev: 0, untimed: false, ...sample })),
    rejected: [],
    sequence: seq === undefined ? [] : [{ seq, timeMs }],
  };
  return packetOf(deviceId, content, { receivedAtMs: timeMs, ...rest });
}

export function eventPacket(
  deviceId: string,
  events: readonly (Pick<FieldEvent, 'timeMs' | 'type'> & Partial<FieldEvent>)[],
): Packet {
  const stated = events.map((event) => ({ untimed: false, id: null, data: {}, ...event }));
  return packetOf(
    deviceId,
    { kind: 'event', events: stated, rejected: [] },
    { receivedAtMs: events[0]?.timeMs ?? 0 },
  );
}

export function refusedPacket(deviceId: string | null, receivedAtMs: number): Packet {
  return packetOf(
    deviceId,
    { kind: 'refused', reason: 'not-json', detail: say('packet-not-json', { text: 'oops' }) },
    { receivedAtMs, bytes: Buffer.from('{oops') },
  );
}
