import { createHash } from 'node:crypto';

/**
 * The form of a spool segment: records one after another, nothing else.
 *
 *   record = length digest body
 *   length = u32, bytes of the body
 *   digest = first 8 bytes of SHA-256( length body )
 *   body   = u16 bytes of the topic, topic, payload
 *
 * Numbers are big-endian. The digest covers the length, so a record is whole or it is none, and behind a damaged one
 * the next whole one is found again.
 */

/** A message as it will be published. */
export interface NativeMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
}

const lengthBytes = 4;
const digestBytes = 8;
const topicLengthBytes = 2;
/** A packet of the contract with its topic and room to spare; a length beyond it is no length. */
const mostBodyBytes = 320 * 1024;

/** Whether a message is not larger than the contract allows a packet to be. */
export function fitsRecord({ topic, payload }: NativeMessage): boolean {
  return topicLengthBytes + Buffer.byteLength(topic) + payload.length <= mostBodyBytes;
}

/** @throws RangeError when the message does not fit */
export function encodeRecord({ topic, payload }: NativeMessage): Buffer {
  const topicBytes = Buffer.from(topic);
  const bodyBytes = topicLengthBytes + topicBytes.length + payload.length;
  if (bodyBytes > mostBodyBytes) throw new RangeError(`A record of ${bodyBytes} bytes is too large`);
  const record = Buffer.alloc(lengthBytes + digestBytes + bodyBytes);
  record.writeUInt32BE(bodyBytes, 0);
  const bodyAt = lengthBytes + digestBytes;
  record.writeUInt16BE(topicBytes.length, bodyAt);
  topicBytes.copy(record, bodyAt + topicLengthBytes);
  record.set(payload, bodyAt + topicLengthBytes + topicBytes.length);
  digestOf(record, 0, bodyBytes).copy(record, lengthBytes);
  return record;
}

/** A stretch of a segment; offsets are relative to the chunk that was scanned. */
export type Found =
  | { readonly kind: 'record'; readonly from: number; readonly to: number; readonly message: NativeMessage }
  | { readonly kind: 'corrupt'; readonly from: number; readonly to: number };

export interface Scanned {
  readonly found: readonly Found[];
  /** Where the next chunk begins: what is behind it is not whole in this one. */
  readonly next: number;
}

/**
 * Reads the records of a chunk, which begins where a record should, and steps over what is damaged. Pure.
 * @param isLast whether the chunk reaches the end of the segment: what is not whole then never will be
 */
export function scanRecords(chunk: Buffer, isLast: boolean): Scanned {
  const found: Found[] = [];
  let at = 0;
  let corruptFrom = -1;
  const endCorrupt = () => {
    if (corruptFrom >= 0) found.push({ kind: 'corrupt', from: corruptFrom, to: at });
    corruptFrom = -1;
  };
  while (at < chunk.length) {
    const read = readRecord(chunk, at);
    if (read === 'cut' && !isLast && at > 0) break;
    if (read === 'cut' || read === 'corrupt') {
      if (corruptFrom < 0) corruptFrom = at;
      at++;
      continue;
    }
    endCorrupt();
    found.push({ kind: 'record', from: at, ...read });
    at = read.to;
  }
  endCorrupt();
  return { found, next: at };
}

/** `cut`: what is there may be the beginning of a record. */
function readRecord(
  chunk: Buffer,
  at: number,
): { readonly to: number; readonly message: NativeMessage } | 'cut' | 'corrupt' {
  const bodyAt = at + lengthBytes + digestBytes;
  if (at + lengthBytes > chunk.length) return 'cut';
  const bodyBytes = chunk.readUInt32BE(at);
  if (bodyBytes < topicLengthBytes || bodyBytes > mostBodyBytes) return 'corrupt';
  const to = bodyAt + bodyBytes;
  if (to > chunk.length) return 'cut';
  const digest = chunk.subarray(at + lengthBytes, bodyAt);
  if (!digest.equals(digestOf(chunk, at, bodyBytes))) return 'corrupt';
  const payloadAt = bodyAt + topicLengthBytes + chunk.readUInt16BE(bodyAt);
  if (payloadAt > to) return 'corrupt';
  const topic = chunk.toString('utf8', bodyAt + topicLengthBytes, payloadAt);
  return { to, message: { topic, payload: chunk.subarray(payloadAt, to) } };
}

function digestOf(record: Buffer, at: number, bodyBytes: number): Buffer {
  const bodyAt = at + lengthBytes + digestBytes;
  return createHash('sha256')
    .update(record.subarray(at, at + lengthBytes))
    .update(record.subarray(bodyAt, bodyAt + bodyBytes))
    .digest()
    .subarray(0, digestBytes);
}
