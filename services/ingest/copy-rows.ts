/**
 * Rows of `reading` in the binary format of PostgreSQL's COPY ("COPY", Binary Format, in its manual; big-endian):
 *
 *   file  = "PGCOPY\n" FF 0D 0A 00 | int32 flags 0 | int32 header extension 0 | row … | int16 -1
 *   row   = int16 number of fields | field …
 *   field = int32 length | bytes
 *
 *   timestamptz is int64 microseconds since 2000-01-01, float8 its IEEE bits, int4 and int2 as they are.
 */
const signature = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
const trailerBytes = 2;
/** time, value, point_id, quality. */
const readingFields = 4;
const readingRowBytes = 2 + (4 + 8) + (4 + 8) + (4 + 4) + (4 + 2);
/** And the ordinal of a staged row. */
const stagedRowBytes = readingRowBytes + (4 + 4);

const postgresEpochUs = 946_684_800_000_000;
const twoTo32 = 4_294_967_296;

/** Readings as parallel columns. */
export interface ReadingColumns {
  readonly pointIds: number[];
  /** Epoch microseconds. */
  readonly timesUs: number[];
  readonly values: number[];
  readonly qualities: number[];
}

export function emptyColumns(): ReadingColumns {
  return { pointIds: [], timesUs: [], values: [], qualities: [] };
}

/** Encodes rows (time, value, point_id, quality) in the given order. */
export function encodeReadings(columns: ReadingColumns): Buffer {
  return encode(columns, false);
}

/** Encodes rows (time, value, point_id, quality, ord); ord is the row's place, from 0. */
export function encodeStaged(columns: ReadingColumns): Buffer {
  return encode(columns, true);
}

function encode(columns: ReadingColumns, withOrdinal: boolean): Buffer {
  const { pointIds, timesUs, values, qualities } = columns;
  const rows = pointIds.length;
  const rowBytes = withOrdinal ? stagedRowBytes : readingRowBytes;
  const buffer = Buffer.allocUnsafe(signature.length + rows * rowBytes + trailerBytes);
  // Setters of DataView are compiled to plain stores; those of Buffer check more.
  const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
  signature.copy(buffer);
  let at = signature.length;
  for (let row = 0; row < rows; row++) {
    const us = (timesUs[row] ?? 0) - postgresEpochUs;
    const high = Math.floor(us / twoTo32);
    view.setInt16(at, withOrdinal ? readingFields + 1 : readingFields);
    view.setInt32(at + 2, 8);
    view.setInt32(at + 6, high);
    view.setUint32(at + 10, us - high * twoTo32);
    view.setInt32(at + 14, 8);
    view.setFloat64(at + 18, values[row] ?? 0);
    view.setInt32(at + 26, 4);
    view.setInt32(at + 30, pointIds[row] ?? 0);
    view.setInt32(at + 34, 2);
    view.setInt16(at + 38, qualities[row] ?? 0);
    if (withOrdinal) {
      view.setInt32(at + 40, 4);
      view.setInt32(at + 44, row);
    }
    at += rowBytes;
  }
  view.setInt16(at, -1);
  return buffer;
}
