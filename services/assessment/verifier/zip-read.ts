import { sha256, textOf, type ByteSource, type VerifierPlatform } from './platform.ts';
import type { Finding } from './pack-form.ts';
import { readAnew } from './zip-anew.ts';
import {
  archiveLimits,
  digestBytes,
  directoryEntry,
  directoryEntryBytes,
  endBytes,
  endRecord,
  localHeader,
  localHeaderBytes,
  readDirectoryEntry,
  readEndRecord,
  viewOf,
  zipSignature,
  type ZipEntry,
} from './zip-form.ts';

export interface Archive {
  readonly source: ByteSource;
  readonly platform: VerifierPlatform;
  readonly entries: ReadonlyMap<string, ZipEntry>;
}

/** Read at a time where only a digest is wanted. */
const pieceBytes = 2 ** 20;
const tailBytes = endBytes + digestBytes;

const truncated: Finding = {
  zh: '压缩包不完整：结尾缺失（文件被截断），或末尾被改写',
  en: 'The archive is cut off: its end is missing, or was written anew',
};

/**
 * Reads the directory of an archive (zip-form.ts); nothing is unpacked yet. A name that leaves the archive, a name that
 * stands twice, entries that overlap or are larger than the limits are refused before anything of them is read. One that
 * another program packed anew is read, too, to name what was changed in it: it is never as it was written.
 */
export async function openArchive(
  source: ByteSource,
  platform: VerifierPlatform,
): Promise<Archive | Finding> {
  if (source.size > archiveLimits.archiveBytes) {
    return {
      zh: '文件超出证据包的大小限制',
      en: `The file is larger than ${archiveLimits.archiveBytes} bytes`,
    };
  }
  const directory = await readEntries(source);
  if ('zh' in directory) return directory;
  const totalBytes = directory.reduce((sum, { bytes }) => sum + bytes, 0);
  if (totalBytes > archiveLimits.totalBytes) {
    return {
      zh: '解压后的总大小超出限制（压缩炸弹）',
      en: 'Unpacked, the archive is too large (a zip bomb)',
    };
  }
  const entries = new Map(directory.map((entry) => [entry.path, entry]));
  if (entries.size !== directory.length) {
    return { zh: '压缩包内有重名文件', en: 'Two files of the archive have the same name' };
  }
  return { source, platform, entries };
}

async function readEntries(source: ByteSource): Promise<readonly ZipEntry[] | Finding> {
  const end = await readEnd(source);
  if ('zh' in end) {
    const anew = end === truncated ? await readAnew(source) : null;
    if (anew === null) return end;
    return anew.map(formProblem).find((problem) => problem !== null) ?? anew;
  }
  const directory = readDirectory(await source.read(end.offset, end.bytes), end.entries);
  if ('zh' in directory) return directory;
  let offset = 0;
  for (const entry of directory) {
    const problem =
      formProblem(entry) ?? orderProblem(entry, offset) ?? (await headerProblem(source, entry, end.offset));
    if (problem !== null) return problem;
    offset = dataOffset(entry) + entry.packedBytes;
  }
  return offset === end.offset
    ? directory
    : { zh: '文件与目录之间有多余字节', en: 'Bytes stand between files and directory' };
}

async function readEnd(
  source: ByteSource,
): Promise<{ entries: number; bytes: number; offset: number } | Finding> {
  const isZip = source.size >= 4 && viewOf(await source.read(0, 4)).getUint32(0, true) === zipSignature.local;
  if (!isZip) return { zh: '文件不是 ZIP 证据包', en: 'The file is no evidence pack: it is no ZIP archive' };
  if (source.size < tailBytes) return truncated;
  const bytes = await source.read(source.size - tailBytes, endBytes);
  const directory = readEndRecord(bytes);
  if (!isSame(bytes, endRecord(directory))) return truncated;
  if (directory.offset + directory.bytes !== source.size - tailBytes) return truncated;
  const { entries, directoryBytes } = archiveLimits;
  if (directory.entries > entries || directory.bytes > directoryBytes) {
    return { zh: '压缩包内文件过多', en: `The archive holds more than ${entries} files` };
  }
  return directory;
}

function readDirectory(bytes: Uint8Array, count: number): ZipEntry[] | Finding {
  const broken = {
    zh: '压缩包的目录已损坏或被改写',
    en: 'The directory of the archive is broken or was written anew',
  };
  const entries: ZipEntry[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (at + directoryEntryBytes > bytes.length) return broken;
    const { path, method, flags: _, length, ...placed } = readDirectoryEntry(bytes.subarray(at));
    if (path === null || at + length > bytes.length) return broken;
    const entry = { ...placed, path, isDeflated: method !== 0 };
    if (!isSame(bytes.subarray(at, at + length), directoryEntry(entry))) {
      return {
        zh: `压缩包目录中 ${shown(path)} 的条目不是导出时的写法（被改写）`,
        en: `The directory entry of ${shown(path)} is not written as at the export`,
      };
    }
    entries.push(entry);
    at += length;
  }
  return entries.length === count ? entries : broken;
}

/** Folders and names of lower-case letters, digits, dots and dashes: nothing can leave the folder it is unpacked to. */
const safePath = /^[a-z0-9][a-z0-9.-]*(\/[a-z0-9][a-z0-9.-]*)*$/;

function formProblem({ path, bytes, packedBytes, isDeflated }: ZipEntry): Finding | null {
  if (!safePath.test(path) || path.length > archiveLimits.pathBytes) {
    return {
      zh: `文件名 ${shown(path)} 不允许（可能写到解压目录之外）`,
      en: `The file name ${shown(path)} is not allowed (it could leave the folder it is unpacked to)`,
    };
  }
  if (isDeflated ? bytes > archiveLimits.entryBytes : bytes !== packedBytes) {
    return {
      zh: `${path} 声明的大小不合理（压缩炸弹）`,
      en: `${path} declares ${bytes} bytes, which is not allowed (a zip bomb)`,
    };
  }
  return null;
}

function orderProblem({ path, offset }: ZipEntry, expectedOffset: number): Finding | null {
  return offset === expectedOffset
    ? null
    : {
        zh: `${path} 与其他文件重叠，或前面有多余字节`,
        en: `${path} overlaps another file, or does not follow it`,
      };
}

async function headerProblem(
  source: ByteSource,
  entry: ZipEntry,
  directoryOffset: number,
): Promise<Finding | null> {
  const expected = localHeader(entry);
  const isInside = dataOffset(entry) + entry.packedBytes <= directoryOffset;
  if (isInside && isSame(await source.read(entry.offset, expected.length), expected)) return null;
  return {
    zh: `${entry.path} 的文件头与目录不符`,
    en: `The header of ${entry.path} does not fit the directory`,
  };
}

const dataOffset = (entry: ZipEntry): number =>
  entry.dataOffset ?? entry.offset + localHeaderBytes + new TextEncoder().encode(entry.path).length;

/** The content of an entry; null when it is not what its header says, or too large to be held. */
export async function readEntry({ source, platform }: Archive, entry: ZipEntry): Promise<Uint8Array | null> {
  if (entry.bytes > archiveLimits.entryBytes) return null;
  const packed = await source.read(dataOffset(entry), entry.packedBytes);
  if (!entry.isDeflated) return packed;
  const bytes = platform.inflateRaw(packed, entry.bytes);
  return bytes?.length === entry.bytes ? bytes : null;
}

/** SHA-256 of the content of an entry, however large; null when it cannot be unpacked. */
export async function hashEntry(archive: Archive, entry: ZipEntry): Promise<string | null> {
  if (entry.isDeflated) {
    const bytes = await readEntry(archive, entry);
    return bytes === null ? null : sha256(archive.platform, bytes);
  }
  return hashRange(archive, { from: dataOffset(entry), to: dataOffset(entry) + entry.bytes });
}

/** Whether the archive is byte for byte as it was written: its comment is the digest of all before it. */
export async function isAsWritten(archive: Archive): Promise<boolean> {
  const { source } = archive;
  const to = source.size - digestBytes;
  const comment = textOf(await source.read(to, digestBytes));
  return comment === (await hashRange(archive, { from: 0, to }));
}

async function hashRange(
  { source, platform }: Archive,
  { from, to }: { from: number; to: number },
): Promise<string> {
  const hasher = platform.startSha256();
  for (let at = from; at < to; at += pieceBytes) {
    hasher.update(await source.read(at, Math.min(pieceBytes, to - at)));
  }
  return hasher.hex();
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

/** A name out of a file that nobody trusts yet, fit for a terminal. */
function shown(path: string): string {
  return JSON.stringify(path.slice(0, 100));
}
