import type { ByteSource } from './platform.ts';
import {
  archiveLimits,
  directoryEntryBytes,
  endBytes,
  localHeaderBytes,
  readDirectoryEntry,
  readEndRecord,
  viewOf,
  zipSignature,
  type ZipEntry,
} from './zip-form.ts';

/** A comment of an archive is at most this long. */
const commentBytes = 65_535;
const stored = 0;
const deflated = 8;
/** Flag of an entry that is encrypted. */
const encrypted = 1;

/**
 * The entries of an archive that another program packed anew, in the order of their data: it is not the one that was
 * exported, but what was changed in it can be named. Null where it is no whole archive, or one that leaves the limits.
 */
export async function readAnew(source: ByteSource): Promise<ZipEntry[] | null> {
  const end = await findEnd(source);
  if (end === null) return null;
  const entries = entriesOf(await source.read(end.offset, end.bytes));
  if (entries === null || entries.length !== end.entries) return null;
  const placed: ZipEntry[] = [];
  let free = 0;
  for (const entry of entries.toSorted((a, b) => a.offset - b.offset)) {
    const dataOffset = await dataOf(source, entry);
    if (dataOffset === null || entry.offset < free || dataOffset + entry.packedBytes > end.offset)
      return null;
    free = dataOffset + entry.packedBytes;
    if (entry.path.endsWith('/') && entry.bytes === 0) continue;
    placed.push({ ...entry, dataOffset });
  }
  return placed;
}

async function findEnd(
  source: ByteSource,
): Promise<{ entries: number; bytes: number; offset: number } | null> {
  const from = Math.max(0, source.size - endBytes - commentBytes);
  const tail = await source.read(from, source.size - from);
  const fields = viewOf(tail);
  for (let at = tail.length - endBytes; at >= 0; at--) {
    if (fields.getUint32(at, true) !== zipSignature.end) continue;
    const { entries, bytes, offset } = readEndRecord(tail.subarray(at));
    const isWhole =
      at + endBytes + fields.getUint16(at + 20, true) === tail.length && offset + bytes === from + at;
    if (!isWhole || entries > archiveLimits.entries || bytes > archiveLimits.directoryBytes) continue;
    return { entries, bytes, offset };
  }
  return null;
}

function entriesOf(bytes: Uint8Array): ZipEntry[] | null {
  const entries: ZipEntry[] = [];
  let at = 0;
  while (at + directoryEntryBytes <= bytes.length) {
    const fields = viewOf(bytes.subarray(at));
    const { path, method, flags, length, ...placed } = readDirectoryEntry(bytes.subarray(at));
    const isKnown =
      fields.getUint32(0, true) === zipSignature.directory &&
      (flags & encrypted) === 0 &&
      (method === stored || method === deflated);
    if (path === null || !isKnown) return null;
    entries.push({ ...placed, path, isDeflated: method === deflated });
    at += length + fields.getUint16(30, true) + fields.getUint16(32, true);
  }
  return at === bytes.length ? entries : null;
}

/** Where the data of an entry begin; null where no header of it stands. */
async function dataOf(source: ByteSource, { offset }: ZipEntry): Promise<number | null> {
  if (offset + localHeaderBytes > source.size) return null;
  const fields = viewOf(await source.read(offset, localHeaderBytes));
  if (fields.getUint32(0, true) !== zipSignature.local) return null;
  return offset + localHeaderBytes + fields.getUint16(26, true) + fields.getUint16(28, true);
}
