/** Pieces that decoders stumble over. */
const pieces = [
  'null',
  '{}',
  '[]',
  '1e999',
  '-0',
  '"x"',
  'true',
  '""',
  '"__proto__"',
  '[[[',
  '}',
  '"\\ud800"',
  '9007199254740993',
].map((text) => Buffer.from(text));

/** A message longer than this is cut: mutations repeat parts of it. */
const longestBytes = 8_192;

/** Bytes that were a message once: some changed, left out, put in or repeated. Deterministic for one `next`. */
export function mutated(original: Uint8Array, next: (below: number) => number): Buffer {
  let bytes = Buffer.from(original);
  for (let left = next(5) + 1; left > 0; left--) {
    const at = next(bytes.length + 1);
    const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
    const how = next(4);
    if (how === 0) bytes[Math.min(at, bytes.length - 1)] = next(256);
    else if (how === 1) bytes = Buffer.concat([before, after.subarray(next(20))]);
    else if (how === 2) bytes = Buffer.concat([before, pieces[next(pieces.length)] ?? before, after]);
    else bytes = Buffer.concat([before, bytes.subarray(next(bytes.length + 1)), after]);
    bytes = bytes.subarray(0, longestBytes);
  }
  return bytes;
}

/** Whole numbers from 0, the same ones for the same seed (a linear congruential generator; not for secrets). */
export function numbersFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    // The low bits repeat soon.
    return Math.floor(state / 16) % below;
  };
}
