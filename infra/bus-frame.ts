import type { BusKind, BusMessages } from './bus.ts';

/**
 * A frame of the bus between processes, on parkwatch-live/v1/{parkId}/{kind}:
 *
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

/** The sender is one of us, so this only tells another version's frame from ours. */
function looksLike(kind: WireKind, message: unknown): boolean {
  if (typeof message !== 'object' || message === null) return false;
  if (kind !== 'readings') return true;
  const { pointIds, timesMs, values, qualities } = message as Record<string, unknown>;
  const columns = [pointIds, timesMs, values, qualities];
  return columns.every((column) => Array.isArray(column) && column.length === (pointIds as unknown[]).length);
}

/** Sees what was missed. Every process start is a new sender; the oldest are forgotten. */
export interface HoleWatch {
  /** How many frames of its sender are missing before this one (in a beat: up to it); 0 for a sender not seen before. */
  missed(kind: WireKind, frame: Pick<Frame<WireKind>, 'sender' | 'number' | 'message'>): number;
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
      return Math.max(0, message === undefined ? number - seen : number - seen - 1);
    },
  };
}
