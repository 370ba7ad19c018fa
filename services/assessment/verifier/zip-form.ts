import { textOf } from './platform.ts';

/**
 * The archive of a pack: a ZIP that any tool opens, of which one writing only is allowed, so that its reader can be
 * strict. Entries stand one after another without a gap from the first byte on, each as
 *
 *   local header (30 bytes): PK\3\4, version 20, flags 0x0800 (names are UTF-8), method 0 (stored) or 8 (deflated),
 *     time 0, date 0x0021 (1980-01-01), CRC-32, packed size, size, length of the name, 0; then the name, then the data
 *
 * then the directory, one entry for each in the same order,
 *
 *   PK\1\2, made by 20, and the local header's fields from `version 20` on, then 0 for comment, disk, attributes;
 *     offset of the local header; then the name
 *
 * and the end: PK\5\6, disks 0, both counts, size and offset of the directory, and a comment of 64 characters: the
 * SHA-256 in lower-case hex of every byte before the comment.
 */
export interface ZipEntry {
  readonly path: string;
  readonly isDeflated: boolean;
  readonly crc32: number;
  readonly packedBytes: number;
  readonly bytes: number;
  /** Of the local header. */
  readonly offset: number;
  /** Where the data begin, when it is not right after the header of an export. */
  readonly dataOffset?: number;
}

export const localHeaderBytes = 30;
export const directoryEntryBytes = 46;
export const endBytes = 22;
export const digestBytes = 64;

export const zipSignature = { local: 0x04034b50, directory: 0x02014b50, end: 0x06054b50 } as const;
const versionNeeded = 20;
const namesAreUtf8 = 0x0800;
const deflated = 8;
const firstDosDate = 0x0021;

/** Fields that local header and directory share, at their offset in the local header. */
function writeShared(
  view: DataView,
  at: number,
  { entry, nameBytes }: { entry: ZipEntry; nameBytes: number },
) {
  view.setUint16(at, versionNeeded, true);
  view.setUint16(at + 2, namesAreUtf8, true);
  view.setUint16(at + 4, entry.isDeflated ? deflated : 0, true);
  view.setUint16(at + 8, firstDosDate, true);
  view.setUint32(at + 10, entry.crc32, true);
  view.setUint32(at + 14, entry.packedBytes, true);
  view.setUint32(at + 18, entry.bytes, true);
  view.setUint16(at + 22, nameBytes, true);
}

/** The one local header that belongs to an entry, with its name. */
export function localHeader(entry: ZipEntry): Uint8Array {
  const name = new TextEncoder().encode(entry.path);
  const bytes = new Uint8Array(localHeaderBytes + name.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, zipSignature.local, true);
  writeShared(view, 4, { entry, nameBytes: name.length });
  bytes.set(name, localHeaderBytes);
  return bytes;
}

/** The one directory entry that belongs to an entry, with its name. */
export function directoryEntry(entry: ZipEntry): Uint8Array {
  const name = new TextEncoder().encode(entry.path);
  const bytes = new Uint8Array(directoryEntryBytes + name.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, zipSignature.directory, true);
  view.setUint16(4, versionNeeded, true);
  writeShared(view, 6, { entry, nameBytes: name.length });
  view.setUint32(42, entry.offset, true);
  bytes.set(name, directoryEntryBytes);
  return bytes;
}

/** The end of the archive, without its comment. */
export function endRecord(directory: { entries: number; bytes: number; offset: number }): Uint8Array {
  const bytes = new Uint8Array(endBytes);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, zipSignature.end, true);
  view.setUint16(8, directory.entries, true);
  view.setUint16(10, directory.entries, true);
  view.setUint32(12, directory.bytes, true);
  view.setUint32(16, directory.offset, true);
  view.setUint16(20, digestBytes, true);
  return bytes;
}

/** What the end of an archive says of its directory. */
export function readEndRecord(bytes: Uint8Array): { entries: number; bytes: number; offset: number } {
  const fields = viewOf(bytes);
  return {
    entries: fields.getUint16(10, true),
    bytes: fields.getUint32(12, true),
    offset: fields.getUint32(16, true),
  };
}

/** What the directory says of the entry that stands first in these bytes; `path` is null where it is no UTF-8. */
export function readDirectoryEntry(bytes: Uint8Array) {
  const fields = viewOf(bytes);
  const length = directoryEntryBytes + fields.getUint16(28, true);
  return {
    path: textOf(bytes.subarray(directoryEntryBytes, length)),
    flags: fields.getUint16(8, true),
    method: fields.getUint16(10, true),
    crc32: fields.getUint32(16, true),
    packedBytes: fields.getUint32(20, true),
    bytes: fields.getUint32(24, true),
    offset: fields.getUint32(42, true),
    /** Up to the end of the name. */
    length,
  };
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** What a writer makes at most, and a reader takes. */
export const archiveLimits = {
  archiveBytes: 2 ** 31,
  entries: 20_000,
  pathBytes: 200,
  directoryBytes: 20_000 * (directoryEntryBytes + 200),
  /** An entry that is deflated, or read as a whole. */
  entryBytes: 64 * 2 ** 20,
  /** Every entry together, unpacked. */
  totalBytes: 2 ** 31,
} as const;
