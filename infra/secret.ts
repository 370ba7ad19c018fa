import { createHash, timingSafeEqual } from 'node:crypto';

function digest(given: string | Uint8Array): Buffer {
  return createHash('sha256').update(given).digest();
}

/** Compares digests, so that neither length nor content can be timed. */
export function isSame(a: string | Uint8Array, b: string | Uint8Array): boolean {
  return timingSafeEqual(digest(a), digest(b));
}
