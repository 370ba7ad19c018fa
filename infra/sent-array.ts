/**
 * Arrays as PostgreSQL's `array_send` writes them: read in place, they cost a fifth of rows of text. Elements must not be
 * null. Layout: number of dimensions, a flag, type, length and lower bound, 4 bytes each, then before each element the
 * length of it ("array_send", src/backend/utils/adt/arrayfuncs.c).
 */
const headBytes = 20;
const lengthAt = 12;
const elementHeadBytes = 4;
/** The server counts µs since 2000. */
const serverEpochUs = 946_684_800_000_000;
const word = 2 ** 32;

/** How many elements there are; `array_agg` of no row is null. */
export function sentLength(array: Buffer | null | undefined): number {
  return array?.readInt32BE(lengthAt) ?? 0;
}

/** Of a `timestamptz[]`, epoch µs. */
export function sentTimeUs(array: Buffer, index: number): number {
  const at = placeOf(index, 8);
  return array.readInt32BE(at) * word + array.readUInt32BE(at + 4) + serverEpochUs;
}

/** Of a `float8[]`. */
export function sentDouble(array: Buffer, index: number): number {
  return array.readDoubleBE(placeOf(index, 8));
}

/** Of an `int4[]`. */
export function sentInt(array: Buffer, index: number): number {
  return array.readInt32BE(placeOf(index, 4));
}

/** Of an `int2[]`. */
export function sentSmallInt(array: Buffer, index: number): number {
  return array.readInt16BE(placeOf(index, 2));
}

function placeOf(index: number, bytes: number): number {
  return headBytes + index * (elementHeadBytes + bytes) + elementHeadBytes;
}
