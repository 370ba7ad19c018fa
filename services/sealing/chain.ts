import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';

/**
 * The hash chain of a sealed journal (docs/evidence-format.md):
 *
 *   hash = SHA-256( RFC 8785 {"v":"parkwatch-journal-v1","journal","seq","prev","body"} )
 *
 * where `body` is the SHA-256 of the body text as stored, `prev` the hash before it (64 zeros for the first), and all
 * digests are lower-case hex.
 */
export const chainVersion = 'parkwatch-journal-v1';
export const firstPrev = '0'.repeat(64);

export interface Link {
  readonly journal: string;
  readonly seq: number;
  readonly prev: string;
  /** The body exactly as it is stored. */
  readonly body: string;
}

export function sha256Hex(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/** The hash that seals a link. */
export function linkHash({ journal, seq, prev, body }: Link): string {
  return sha256Hex(canonicalText({ v: chainVersion, journal, seq, prev, body: sha256Hex(body) }));
}

/** RFC 8785 canonical JSON. @throws Error when the value has no JSON form */
export function canonicalText(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new Error('The value has no canonical JSON form');
  return text;
}

/** Where a chain stands: the last sealed row, or the beginning. */
export interface ChainEnd {
  readonly seq: number;
  readonly hash: string;
}

export const chainStart: ChainEnd = { seq: 0, hash: firstPrev };

export interface SealedRow {
  readonly id: number;
  readonly seq: number;
  readonly prev: string;
  readonly hash: string;
}

/** Gives the rows, in the order given, their place in the chain after `end`. */
export function extendChain(
  journal: string,
  end: ChainEnd,
  rows: readonly { id: number; body: string }[],
): SealedRow[] {
  let { seq, hash: prev } = end;
  return rows.map(({ id, body }) => {
    seq += 1;
    const hash = linkHash({ journal, seq, prev, body });
    const sealed = { id, seq, prev, hash };
    prev = hash;
    return sealed;
  });
}
