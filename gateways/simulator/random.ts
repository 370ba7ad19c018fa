/**
 * Randomness that depends on nothing but its arguments: the same seed gives the same park, today and after a restart.
 * Nothing here keeps state.
 */

/** FNV-1a over UTF-16 units; an unsigned 32-bit number. */
export function textKey(text: string): number {
  let key = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) key = Math.imul(key ^ text.charCodeAt(i), 0x01000193);
  return key >>> 0;
}

/** Mixes a key with an integer (beyond 2^32 too) so that neighbours have nothing in common; unsigned 32 bit. */
export function mix(key: number, n: number): number {
  const high = Math.floor(n / 0x1_0000_0000);
  let hash = Math.imul((key ^ Math.imul(n | 0, 0x9e3779b1)) + Math.imul(high, 0x85ebca6b), 0xcc9e2d51);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Uniform in [0, 1). */
export function unit(key: number, n: number): number {
  return mix(key, n) / 0x1_0000_0000;
}

/** Uniform in [from, to). */
export function between(key: number, n: number, [from, to]: readonly [number, number]): number {
  return from + (to - from) * unit(key, n);
}

/** Smooth noise in [-1, 1] that changes over about `period` (same unit as `at`). */
export function noise(key: number, at: number, period: number): number {
  const position = at / period;
  const cell = Math.floor(position);
  const fraction = position - cell;
  const eased = fraction * fraction * (3 - 2 * fraction);
  const left = unit(key, cell) * 2 - 1;
  const right = unit(key, cell + 1) * 2 - 1;
  return left + (right - left) * eased;
}

/** Rounds to so many digits after the point, as an instrument does. */
export function digits(value: number, count: number): number {
  const factor = 10 ** count;
  return Math.round(value * factor) / factor;
}
