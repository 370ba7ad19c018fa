import type { Phrase } from '#schemas/phrases.ts';
import type { PacketContent, PacketReason } from '#schemas/reading.ts';

/** The small words that the decoders of all three topics share. */

export type Refused = Extract<PacketContent, { readonly kind: 'refused' }>;

export function refuse(reason: PacketReason, detail: Phrase): Refused {
  return { kind: 'refused', reason, detail };
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A whole number from 0 that a double holds exactly. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
