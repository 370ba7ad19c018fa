import { createHmac } from 'node:crypto';
import type { IdentityPolicy } from '#schemas/api/identity.ts';
import { isMasked, maskPersonalData, maskPersonalText, replacePersonalData } from '#schemas/personal.ts';
import type { FieldEvent, Packet } from '#schemas/reading.ts';

/** Characters of a pseudonym: 96 bits, which no two people of a park share. */
const pseudonymLength = 16;
const pseudonymPattern = /^h:[\w-]{16}$/;
const dayMs = 86_400_000;

/** The same for the same person; without the key it tells nothing, and nobody can be tried. */
export function pseudonymOf(key: Buffer, value: string): string {
  const digest = createHmac('sha256', key).update(value.normalize('NFC')).digest('base64url');
  return `h:${digest.slice(0, pseudonymLength)}`;
}

export interface Protection {
  readonly policy: IdentityPolicy;
  /** Of pseudonyms. */
  readonly key: Buffer;
  readonly nowMs: number;
}

/**
 * A packet as it may be stored and shown. Its bytes are what books and the view of raw packets keep: where identities are
 * not kept, they are masked in them too. Pure; a packet that names nobody is given back as it is.
 */
export function protectPacket(packet: Packet, protection: Protection): Packet {
  if (packet.accountBytes !== undefined) return packet;
  const { content } = packet;
  const isKept = protection.policy.mode === 'keep';
  const bytes = isKept ? packet.bytes : withoutIdentities(packet.bytes);
  // Content is named: of a packet that reads it from its bytes when asked, a copy would have none.
  if (content.kind !== 'event') return bytes === packet.bytes ? packet : { ...packet, bytes, content };
  const events = content.events.map((event) => protectEvent(event, protection));
  return { ...packet, bytes, content: { ...content, events } };
}

function protectEvent(event: FieldEvent, { policy, key, nowMs }: Protection): FieldEvent {
  const isOld = event.timeMs < nowMs - policy.keepDays * dayMs;
  if (policy.mode === 'mask' || isOld) return { ...event, data: maskPersonalData(event.data) };
  if (policy.mode === 'keep') return event;
  // A box in the field has done it already: a pseudonym of a pseudonym would be somebody else.
  const isDone = (value: string) => pseudonymPattern.test(value) || isMasked(value);
  const replace = (value: string) => (isDone(value) ? value : pseudonymOf(key, value));
  return { ...event, data: replacePersonalData(event.data, replace) };
}

function withoutIdentities(bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  const masked = maskPersonalText(text);
  return masked === text ? bytes : Buffer.from(masked);
}
