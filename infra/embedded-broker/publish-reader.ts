/**
 * PUBLISH at QoS 1 on field topics, read straight from the bytes of a connection (MQTT 3.1.1, 3.3):
 *
 *   publish = 0x32 or 0x3A (resent) | remaining length, 1 to 4 bytes of 7 bits | topic | int16 packet id | payload
 *   topic   = int16 length | text
 *
 * A park sends little else, and a general parser takes longer for one than the store for its readings. Whatever is not
 * exactly this, the caller leaves to the general parser.
 */

const publishQos1 = 0x32;
const dupFlag = 0x08;
const more = 0x80;
const lengthBytesMost = 4;

/** Where a packet stands in a chunk. */
export interface PacketPlace {
  /** Of its first byte behind the remaining length. */
  readonly bodyAt: number;
  /** Of the byte behind it. */
  readonly endAt: number;
}

/** Reads a packet's remaining length; null when it is not all there yet, or is no length. */
export function placeOf(chunk: Uint8Array, at: number): PacketPlace | null {
  let length = 0;
  for (let place = 1; place <= lengthBytesMost; place++) {
    const byte = chunk[at + place];
    if (byte === undefined) return null;
    length += (byte & (more - 1)) * 128 ** (place - 1);
    if ((byte & more) === 0) return { bodyAt: at + place + 1, endAt: at + place + 1 + length };
  }
  return null;
}

export interface RawPublish {
  readonly topic: string;
  readonly payload: Buffer;
  readonly packetId: number;
}

const prefix = Buffer.from('park/', 'latin1');
const firstPrintable = 0x21;
const lastPrintable = 0x7e;
const plus = 0x2b;
const hash = 0x23;

export function isPublishQos1(firstByte: number | undefined): boolean {
  return firstByte !== undefined && (firstByte & ~dupFlag) === publishQos1;
}

/** Reads a whole PUBLISH at QoS 1; null unless its topic begins with `park/`, is plain ASCII and no filter. */
export function readPublish(chunk: Buffer, { bodyAt, endAt }: PacketPlace): RawPublish | null {
  const topicAt = bodyAt + 2;
  if (topicAt + prefix.length > endAt) return null;
  const topicEnd = topicAt + (((chunk[bodyAt] ?? 0) << 8) | (chunk[bodyAt + 1] ?? 0));
  if (topicEnd + 2 > endAt) return null;
  for (let at = topicAt; at < topicEnd; at++) {
    const byte = chunk[at] ?? 0;
    if (byte < firstPrintable || byte > lastPrintable || byte === plus || byte === hash) return null;
    if (at - topicAt < prefix.length && byte !== prefix[at - topicAt]) return null;
  }
  const packetId = ((chunk[topicEnd] ?? 0) << 8) | (chunk[topicEnd + 1] ?? 0);
  if (packetId === 0) return null;
  return {
    topic: chunk.toString('latin1', topicAt, topicEnd),
    payload: chunk.subarray(topicEnd + 2, endAt),
    packetId,
  };
}

const pubackBytes = 4;

/** PUBACK packets of these ids, in order. */
export function encodePubacks(packetIds: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(packetIds.length * pubackBytes);
  for (let index = 0; index < packetIds.length; index++) {
    const id = packetIds[index] ?? 0;
    const at = index * pubackBytes;
    bytes[at] = 0x40;
    bytes[at + 1] = 2;
    bytes[at + 2] = id >> 8;
    bytes[at + 3] = id & 0xff;
  }
  return bytes;
}
