import type { Phrase } from './phrases.ts';

/**
 * What a gateway hands to the store: one packet from the field, already read, not yet judged against the park.
 * The promise of {@link ReadingSink.write} is the only thing an acknowledgement may wait for.
 */

export const qualities = ['good', 'uncertain', 'bad'] as const;
/** How far the source itself trusts a value (OPC UA severity maps onto it). */
export type Quality = (typeof qualities)[number];

/** The number that stands for a quality in `reading.quality` and in `q[]` arrays: 0 good, 1 uncertain, 2 bad. */
export const qualityCode: Readonly<Record<Quality, 0 | 1 | 2>> = { good: 0, uncertain: 1, bad: 2 };

/** The word for a stored quality code; anything unknown is `bad`. */
export function qualityWord(code: number): Quality {
  return qualities[code] ?? 'bad';
}

export const provenances = ['field', 'simulated', 'replayed', 'manual'] as const;
/** Where a device's values come from; shown with every value. */
export type Provenance = (typeof provenances)[number];

/** Why a whole packet was refused. */
export const packetReasons = [
  'bad-topic',
  'not-utf8',
  'not-json',
  'wrong-shape',
  'too-large',
  'empty',
  'unknown-field',
  'not-permitted',
] as const;
export type PacketReason = (typeof packetReasons)[number];

/** Why a single value was refused while the rest of its packet was judged on. */
export const valueReasons = [
  'bad-time',
  'not-a-number',
  'unknown-state',
  'implausible',
  'future-time',
  'before-2000',
  'older-than-horizon',
] as const;
export type ValueReason = (typeof valueReasons)[number];

/** One value as the field sent it, in canonical unit and time, not yet judged against the device class. */
export interface Sample {
  readonly metric: string;
  /** Source time, epoch milliseconds (fractions allowed down to 1 µs). */
  readonly timeMs: number;
  /** A number (booleans arrive as 0/1), or the name of a state that the device class will code. */
  readonly value: number | string;
  readonly quality: Quality;
  /** Revision given by the sender; 0 when absent. The higher one stands. */
  readonly rev: number;
  /** True when the sender gave no time and `timeMs` is the time of arrival. */
  readonly untimed: boolean;
}

/** A value that was refused before the device class was even asked. */
export interface RejectedValue {
  readonly metric: string;
  readonly reason: ValueReason;
  /** For the rejection book, e.g. "value is null, a number was expected". */
  readonly detail: Phrase;
}

/** A discrete happening in the field (access denied, door forced, trip). */
export interface FieldEvent {
  /** Epoch milliseconds; the time of arrival when {@link untimed}. */
  readonly timeMs: number;
  readonly untimed: boolean;
  readonly type: string;
  /** The sender's own id of this happening, when it gave one. */
  readonly id: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}

/** One sequence number with the newest time of the message that carried it. */
export interface SequenceMark {
  readonly seq: number;
  readonly timeMs: number;
}

export type PacketContent =
  | { readonly kind: 'refused'; readonly reason: PacketReason; readonly detail: Phrase }
  | {
      readonly kind: 'telemetry';
      readonly samples: readonly Sample[];
      readonly rejected: readonly RejectedValue[];
      readonly sequence: readonly SequenceMark[];
    }
  | {
      readonly kind: 'event';
      readonly events: readonly FieldEvent[];
      readonly rejected: readonly RejectedValue[];
    }
  | { readonly kind: 'status'; readonly status: 'online' | 'offline'; readonly timeMs: number };

/** The unit of acknowledgement: all of it is committed or refused before the gateway may answer. */
export interface Packet {
  /** The gateway that received it, e.g. `mqtt`, `opcua-plant`; the ledger's key. */
  readonly source: string;
  /** Where it came in: topic, node id or URL; for the books, never parsed again. */
  readonly address: string;
  /** Null when the address names no valid device. */
  readonly deviceId: string | null;
  readonly receivedAtMs: number;
  /** The bytes as received; books keep the first 4 KiB. */
  readonly bytes: Uint8Array;
  /**
   * Present where nothing came as bytes, and {@link bytes} are the gateway's own account of values, written whenever they
   * are asked for: about how much the packet takes in memory. Such an account names nobody.
   */
  readonly accountBytes?: number;
  /** True when nobody waits for an acknowledgement (MQTT QoS 0). */
  readonly unacknowledged: boolean;
  readonly content: PacketContent;
  /**
   * Told once the values have been taken over, where {@link content} can be read from the bytes again: a packet may wait
   * long for its commit, and its values are by far the largest part of it.
   */
  letGo?(): void;
}

/** A sink cannot take this packet now and has kept nothing of it; hold it back and write it again later. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

/**
 * Where gateways put packets. Two implementations: the writer (commits to PostgreSQL) and the disk spool of a box
 * in the field. `write` resolves when the packet is durable and rejects (with {@link StoreUnavailable}) only
 * when it is not: the gateway then keeps its acknowledgement back. It never rejects because of what the packet contains.
 */
export interface ReadingSink {
  write(packet: Packet): Promise<void>;
}

/** A reading as it stands in the store. */
export interface Reading {
  readonly pointId: number;
  readonly timeMs: number;
  readonly value: number;
  readonly quality: 0 | 1 | 2;
}
