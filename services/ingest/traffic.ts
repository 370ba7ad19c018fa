import { inEnglish, type Phrase } from '#schemas/phrases.ts';
import type { Packet, ReadingSink } from '#schemas/reading.ts';

/** One packet as it came in. */
export interface TrafficEntry {
  readonly atMs: number;
  readonly source: string;
  readonly address: string;
  readonly kind: Packet['content']['kind'];
  /** Why all of it was refused; null when it was not. */
  readonly refused: { readonly reason: string; readonly detail: string; readonly said: Phrase } | null;
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
  /** Which part of the device's room holds the beginning of the packet; {@link size} tells how much of it is meant. */
  readonly slot: number;
  /** A small packet whose bytes are written when somebody looks; then the room is not used. */
  account: Packet | null;
}

interface Device {
  /** The oldest first. */
  readonly places: Place[];
  movedMs: number;
  /** So many packets of it are remembered now. */
  most: number;
  /** The beginnings of its packets, each in a slot: an array for each packet would cost more than what is in it. */
  room: Uint8Array;
  slotBytes: number;
}

export function createTraffic(): Traffic {
  /** The least recently heard device first. */
  const byDevice = new Map<string, Device>();
  const deviceOf = (deviceId: string, atMs: number): Device => {
    const known = byDevice.get(deviceId);
    if (known !== undefined && Math.abs(atMs - known.movedMs) < orderLagMs) return known;
    const device = known ?? { places: [], movedMs: atMs, most: 0, room: new Uint8Array(), slotBytes: 0 };
    device.movedMs = atMs;
    // To the end: the map keeps the order of insertion.
    byDevice.delete(deviceId);
    byDevice.set(deviceId, device);
    return device;
  };
  const remember = (deviceId: string, packet: Packet) => {
    const device = deviceOf(deviceId, packet.receivedAtMs);
    const { places } = device;
    const share = Math.floor(trafficLimits.packets / byDevice.size);
    const most = Math.min(trafficLimits.packetsPerDevice, Math.max(trafficLimits.leastPackets, share));
    device.most = most;
    if (places.length > most) keepNewest(device);
    const place = (places.length === most ? places.shift() : undefined) ?? emptyPlace(places.length);
    places.push(place);
    enter(place, packet, device);
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
    of(deviceId) {
      const device = byDevice.get(deviceId);
      return device?.places.toReversed().map((place) => toEntry(place, device)) ?? [];
    },
  };
}

function emptyPlace(slot: number): Place {
  const none = { source: '', address: '', kind: 'telemetry', refused: null, account: null } as const;
  return { ...none, atMs: 0, values: 0, rejected: 0, size: 0, slot };
}

function enter(place: Place, packet: Packet, device: Device): void {
  const { receivedAtMs, source, address, content } = packet;
  const { kind } = content;
  place.atMs = receivedAtMs;
  place.source = source;
  // Equal texts are kept as the one that is there: the new one may go with its packet.
  if (place.address !== address) place.address = address;
  place.kind = kind;
  place.refused =
    kind === 'refused'
      ? { reason: content.reason, detail: inEnglish(content.detail), said: content.detail }
      : null;
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
  // Room for a large packet is not kept for small ones: once around, it is looked at.
  const isLoose = place.slot === 0 && device.slotBytes > largest(device) + 2 * slotStep;
  if (isLoose || shown.length > device.slotBytes || (place.slot + 1) * device.slotBytes > device.room.length)
    makeRoom(device);
  device.room.set(shown, place.slot * device.slotBytes);
}

const slotStep = 64;

/** The most that is shown of any packet. */
function largest({ places }: Device): number {
  let most = 0;
  for (const place of places) most = Math.max(most, shownBytes(place));
  return most;
}

function shownBytes({ size, account }: Place): number {
  return account === null ? Math.min(size, trafficLimits.bytesPerPacket) : 0;
}

/** A little more than asked: the packets of one device are nearly of one length. Slots are made for twice the packets. */
function makeRoom(device: Device): void {
  const { places, most, room, slotBytes } = device;
  device.slotBytes = Math.min(
    Math.ceil((largest(device) + 1) / slotStep) * slotStep,
    trafficLimits.bytesPerPacket,
  );
  device.room = new Uint8Array(Math.min(2 * places.length, most) * device.slotBytes);
  for (const place of places) {
    const at = place.slot * slotBytes;
    // Of the packet that is just being entered nothing is there yet.
    const known = room.subarray(at, at + Math.min(shownBytes(place), slotBytes, device.slotBytes));
    device.room.set(known, place.slot * device.slotBytes);
  }
}

/** Of many devices each is remembered less far back. */
function keepNewest(device: Device): void {
  const { most, room, slotBytes } = device;
  const kept = device.places.splice(0, device.places.length).slice(-most);
  device.room = new Uint8Array(most * slotBytes);
  for (const [slot, place] of kept.entries()) {
    device.room.set(room.subarray(place.slot * slotBytes, (place.slot + 1) * slotBytes), slot * slotBytes);
    device.places.push({ ...place, slot });
  }
}

function toEntry({ slot, account, ...place }: Place, { room, slotBytes }: Device): TrafficEntry {
  if (account === null) {
    const at = slot * slotBytes;
    return { ...place, bytes: room.slice(at, at + shownBytes({ ...place, slot, account })) };
  }
  const { bytes } = account;
  return { ...place, size: bytes.length, bytes: bytes.slice(0, trafficLimits.bytesPerPacket) };
}
