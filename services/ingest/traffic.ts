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

/** How long the order of devices may lag behind: moving one to the end for every packet would cost more than the packet. */
const orderLagMs = 1_000;

/** A packet of which only an account is shown is kept as it is up to this size: writing it costs more than its values. */
const accountBytes = 4 * trafficLimits.bytesPerPacket;

/** An entry in a place that is used again and again: packets come by the ten thousand a second, and few are looked at. */
interface Place {
  atMs: number;
  source: string;
  address: string;
  kind: Packet['content']['kind'];
  refused: TrafficEntry['refused'];
  values: number;
  rejected: number;
  size: number;
  /** Room for the beginning of a packet; {@link size} tells how much of it is meant. */
  room: Uint8Array;
  /** A small packet whose bytes are written when somebody looks; then the room is not used. */
  account: Packet | null;
}

interface Device {
  places: Place[];
  movedMs: number;
}

export function createTraffic(): Traffic {
  /** The least recently heard device first. */
  const byDevice = new Map<string, Device>();
  const deviceOf = (deviceId: string, atMs: number): Device => {
    const known = byDevice.get(deviceId);
    if (known !== undefined && Math.abs(atMs - known.movedMs) < orderLagMs) return known;
    const device = known ?? { places: [], movedMs: atMs };
    device.movedMs = atMs;
    // To the end: the map keeps the order of insertion.
    byDevice.delete(deviceId);
    byDevice.set(deviceId, device);
    return device;
  };
  const remember = (deviceId: string, packet: Packet) => {
    const { places } = deviceOf(deviceId, packet.receivedAtMs);
    const share = Math.floor(trafficLimits.packets / byDevice.size);
    const most = Math.min(trafficLimits.packetsPerDevice, Math.max(trafficLimits.leastPackets, share));
    if (places.length > most) places.splice(0, places.length - most);
    const place = (places.length === most ? places.shift() : undefined) ?? emptyPlace();
    enter(place, packet);
    places.push(place);
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
    of: (deviceId) => (byDevice.get(deviceId)?.places ?? []).toReversed().map(toEntry),
  };
}

function emptyPlace(): Place {
  const none = {
    source: '',
    address: '',
    kind: 'telemetry',
    refused: null,
    room: new Uint8Array(),
    account: null,
  } as const;
  return { ...none, atMs: 0, values: 0, rejected: 0, size: 0 };
}

function enter(place: Place, packet: Packet): void {
  const { receivedAtMs, source, address, content } = packet;
  const { kind } = content;
  place.atMs = receivedAtMs;
  place.source = source;
  // Equal texts are kept as the one that is there: the new one may go with its packet.
  if (place.address !== address) place.address = address;
  place.kind = kind;
  place.refused = kind === 'refused' ? { reason: content.reason, detail: content.detail } : null;
  place.values = kind === 'telemetry' ? content.samples.length : kind === 'event' ? content.events.length : 0;
  place.rejected = kind === 'telemetry' || kind === 'event' ? content.rejected.length : 0;
  const isAccount = (packet.accountBytes ?? Infinity) <= accountBytes;
  place.account = isAccount ? packet : null;
  if (isAccount) return;
  const { bytes } = packet;
  place.size = bytes.length;
  // Copied: a view would keep alive the whole chunk that the socket gave.
  const shown =
    bytes.length > trafficLimits.bytesPerPacket ? bytes.subarray(0, trafficLimits.bytesPerPacket) : bytes;
  if (!fits(place.room, shown.length)) place.room = new Uint8Array(roomFor(shown.length));
  place.room.set(shown);
}

const roomStep = 64;

/** A little more than asked: the packets of one device are nearly of one length. */
function roomFor(bytes: number): number {
  return Math.min(Math.ceil((bytes + 1) / roomStep) * roomStep, trafficLimits.bytesPerPacket);
}

/** Room for a large packet is not kept for small ones. */
function fits(room: Uint8Array, bytes: number): boolean {
  return bytes <= room.length && room.length <= roomFor(bytes) + 2 * roomStep;
}

function toEntry({ room, account, ...place }: Place): TrafficEntry {
  if (account === null) return { ...place, bytes: room.slice(0, place.size) };
  const { bytes } = account;
  return { ...place, size: bytes.length, bytes: bytes.slice(0, trafficLimits.bytesPerPacket) };
}
