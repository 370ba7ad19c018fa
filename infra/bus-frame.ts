import { createHmac, timingSafeEqual } from 'node:crypto';
import type { BusKind, BusMessages } from './bus.ts';

/**
 * A frame of the bus between processes, on parkwatch-live/v1/{parkId}/{kind}:
 *
 *   message = mac "." (frame | beat)                     mac: HMAC-SHA-256 of topic, line feed and the rest, base64url
 *   frame = { "s": sender, "n": number, "m": message }   the n-th message of this kind by this sender, from 1
 *   beat  = { "s": sender, "n": number }                 n is the last that was sent; it may be repeated
 *
 * Numbers run per sender and kind, so that who listens to one kind sees no holes of another.
 */
export type WireKind = Exclude<BusKind, 'hole'>;

export interface Frame<K extends WireKind> {
  readonly sender: string;
  readonly number: number;
  /** Undefined in a beat. */
  readonly message: BusMessages[K] | undefined;
}

export function encodeFrame(sender: string, number: number, message: BusMessages[WireKind]): string {
  return JSON.stringify({ s: sender, n: number, m: message });
}

export function encodeBeat(sender: string, number: number): string {
  return JSON.stringify({ s: sender, n: number });
}

/** The message of a frame or beat. @param key what only our processes know */
export function sealFrame(key: Buffer, topic: string, text: string): string {
  return `${macOf(key, topic, text).toString('base64url')}.${text}`;
}

/** The frame or beat in a message; null when it was made without the key, or for another topic. */
export function openFrame(key: Buffer, topic: string, message: string): string | null {
  const text = message.slice(macLength + 1);
  const given = Buffer.from(message.slice(0, macLength), 'base64url');
  const expected = macOf(key, topic, text);
  if (message[macLength] !== '.' || given.length !== expected.length) return null;
  return timingSafeEqual(given, expected) ? text : null;
}

/** 32 bytes in base64url. */
const macLength = 43;

function macOf(key: Buffer, topic: string, text: string): Buffer {
  return createHmac('sha256', key).update(`${topic}\n${text}`).digest();
}

/** Reads a frame; null when it is none, or its message could not be of this kind. */
export function readFrame<K extends WireKind>(kind: K, text: string): Frame<K> | null {
  let given: { s?: unknown; n?: unknown; m?: unknown } | null;
  try {
    given = JSON.parse(text) as typeof given;
  } catch {
    return null;
  }
  if (typeof given !== 'object' || given === null) return null;
  const { s: sender, n: number, m: message } = given;
  if (typeof sender !== 'string' || !Number.isSafeInteger(number) || (number as number) < 1) return null;
  if (message !== undefined && !looksLike(kind, message)) return null;
  return { sender, number: number as number, message: message as BusMessages[K] | undefined };
}

/** The sender is one of us (it knows the key), so this only tells another version's frame from ours. */
function looksLike(kind: WireKind, message: unknown): boolean {
  if (typeof message !== 'object' || message === null) return false;
  if (kind !== 'readings') return true;
  const { pointIds, timesMs, values, qualities } = message as Record<string, unknown>;
  const columns = [pointIds, timesMs, values, qualities];
  return columns.every((column) => Array.isArray(column) && column.length === (pointIds as unknown[]).length);
}

/** Sees what was missed. Every process start is a new sender; the oldest are forgotten. */
export interface HoleWatch {
  /**
   * How many frames of its sender are missing before this one (in a beat: up to it); 0 for a sender not seen before.
   * Null for a message that was seen already: the broker keeps order, so somebody plays it back.
   */
  missed(kind: WireKind, frame: Pick<Frame<WireKind>, 'sender' | 'number' | 'message'>): number | null;
}

const rememberedSenders = 1_000;

export function createHoleWatch(): HoleWatch {
  const last = new Map<string, number>();
  return {
    missed(kind, { sender, number, message }) {
      const key = `${kind} ${sender}`;
      const seen = last.get(key);
      last.delete(key);
      last.set(key, Math.max(number, seen ?? 0));
      for (const oldest of last.keys()) {
        if (last.size <= rememberedSenders) break;
        last.delete(oldest);
      }
      if (seen === undefined) return 0;
      if (message !== undefined && number <= seen) return null;
      return Math.max(0, message === undefined ? number - seen : number - seen - 1);
    },
  };
}
