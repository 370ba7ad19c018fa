import type { Packet, ReadingSink } from '#schemas/reading.ts';

/** One packet as it came in. */
export interface TrafficEntry {
  readonly atMs: number;
  readonly source: string;
  readonly address: string;
  readonly kind: Packet['content']['kind'];
  /** Why all of it was refused; null when it was not. */
  readonly refused: { readonly reason: string; readonly detail: string } | null;
  /** Values or events that it carried, and those refused before the class was asked. */
  readonly values: number;
  readonly rejected: number;
  /** The first of them. */
  readonly bytes: Uint8Array;
  readonly size: number;
}

/** What is remembered of the packets of each device, in memory: no history, and gone with the process. */
export const trafficLimits = {
  packetsPerDevice: 50,
  /** Of all devices; in a large park each is remembered less far back. */
  packets: 30_000,
  leastPackets: 3,
  devices: 10_000,
  bytesPerPacket: 1_024,
} as const;

/** The last packets of each device, for whoever connects one. */
export interface Traffic {
  /** The same sink, looked over the shoulder. */
  watch(sink: ReadingSink): ReadingSink;
  /** Newest first. */
  of(deviceId: string): readonly TrafficEntry[];
}

export function createTraffic(): Traffic {
  /** The least recently heard device first. */
  const byDevice = new Map<string, TrafficEntry[]>();
  const remember = (deviceId: string, packet: Packet) => {
    const entries = byDevice.get(deviceId) ?? [];
    // To the end: the map keeps the order of insertion.
    byDevice.delete(deviceId);
    byDevice.set(deviceId, entries);
    entries.push(toEntry(packet));
    const share = Math.floor(trafficLimits.packets / byDevice.size);
    const most = Math.min(trafficLimits.packetsPerDevice, Math.max(trafficLimits.leastPackets, share));
    if (entries.length > most) entries.splice(0, entries.length - most);
    if (byDevice.size > trafficLimits.devices) {
      const [oldest] = byDevice.keys();
      if (oldest !== undefined) byDevice.delete(oldest);
    }
  };
  return {
    watch: (sink) => ({
      write(packet) {
        if (packet.deviceId !== null) remember(packet.deviceId, packet);
        return sink.write(packet);
      },
    }),
    of: (deviceId) => (byDevice.get(deviceId) ?? []).toReversed(),
  };
}

function toEntry({ receivedAtMs, source, address, bytes, content }: Packet): TrafficEntry {
  const [values, rejected] =
    content.kind === 'telemetry'
      ? [content.samples.length, content.rejected.length]
      : content.kind === 'event'
        ? [content.events.length, content.rejected.length]
        : [0, 0];
  const { kind } = content;
  return {
    atMs: receivedAtMs,
    source,
    address,
    kind,
    refused: kind === 'refused' ? { reason: content.reason, detail: content.detail } : null,
    values,
    rejected,
    // Copied (slice() of a Buffer is a view): it would keep alive the whole chunk that the socket gave.
    bytes: Uint8Array.from(bytes.subarray(0, trafficLimits.bytesPerPacket)),
    size: bytes.length,
  };
}
