import { createHmac, timingSafeEqual } from 'node:crypto';

/** Good for one thing only: acknowledging one alarm as one person, until it expires. */
export interface AckLink {
  readonly alarmId: number;
  readonly userId: string;
  readonly expiresMs: number;
}

export type ReadAckLink =
  | { readonly kind: 'good'; readonly link: AckLink }
  | { readonly kind: 'expired'; readonly link: AckLink }
  | { readonly kind: 'forged' };

/** How long a link can be used. */
export const ackLinkMs = 24 * 3_600_000;

const version = 1;
/** version, alarm id, user id, seconds of expiry. */
const headBytes = 1 + 8 + 16 + 4;
const macBytes = 16;

/** @param key of this purpose alone (SecretBox.derive) */
export function signAckLink(link: AckLink, key: Buffer): string {
  const head = Buffer.alloc(headBytes);
  head.writeUInt8(version, 0);
  head.writeBigUInt64BE(BigInt(link.alarmId), 1);
  Buffer.from(link.userId.replaceAll('-', ''), 'hex').copy(head, 9);
  head.writeUInt32BE(Math.floor(link.expiresMs / 1_000), 25);
  return Buffer.concat([head, macOf(head, key)]).toString('base64url');
}

/** What a token of {@link signAckLink} says; anything that was not signed by this key is forged. */
export function readAckLink(token: string, key: Buffer, nowMs: number): ReadAckLink {
  const bytes = Buffer.from(token, 'base64url');
  if (bytes.length !== headBytes + macBytes) return { kind: 'forged' };
  const head = bytes.subarray(0, headBytes);
  if (!timingSafeEqual(bytes.subarray(headBytes), macOf(head, key))) return { kind: 'forged' };
  if (head.readUInt8(0) !== version) return { kind: 'forged' };
  const hex = head.subarray(9, 25).toString('hex');
  const link = {
    alarmId: Number(head.readBigUInt64BE(1)),
    userId: hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'),
    expiresMs: head.readUInt32BE(25) * 1_000,
  };
  return { kind: nowMs < link.expiresMs ? 'good' : 'expired', link };
}

function macOf(head: Buffer, key: Buffer): Buffer {
  return createHmac('sha256', key).update(head).digest().subarray(0, macBytes);
}
