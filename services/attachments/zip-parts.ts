/** What a package of a document may hold: far more than any has, far less than a bomb. */
const zipLimits = {
  parts: 5_000,
  unpackedBytes: 512 * 1024 * 1024,
  ratio: 200,
  /** Below this size a part may shrink as it likes. */
  smallBytes: 1024 * 1024,
} as const;

export type ZipParts =
  | { readonly ok: true; readonly names: readonly string[] }
  | { readonly ok: false; readonly reason: string };

const endBytes = 22;
const headerBytes = 46;
const endSignature = 0x06054b50;
const headerSignature = 0x02014b50;
const localSignature = 0x04034b50;
const encrypted = 0x1;

const refused = (reason: string): ZipParts => ({ ok: false, reason });

/**
 * The names in a zip's directory, nothing unpacked. The archive begins with its first part and ends with its directory, so
 * that nothing else stands before or behind it; sizes are those that the directory announces.
 */
export function zipParts(bytes: Uint8Array): ZipParts {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = bytes.length - endBytes;
  if (end < 0 || view.getUint32(end, true) !== endSignature) {
    return refused('the archive is cut off, or something follows its end');
  }
  const count = view.getUint16(end + 10, true);
  const size = view.getUint32(end + 12, true);
  const start = view.getUint32(end + 16, true);
  if (count > zipLimits.parts) return refused('the archive holds more than a document needs');
  if (start + size !== end) return refused('something stands between the parts of the archive');
  const names: string[] = [];
  let unpacked = 0;
  let at = start;
  for (let index = 0; index < count; index++) {
    if (at + headerBytes > end || view.getUint32(at, true) !== headerSignature) {
      return refused('the directory of the archive is damaged');
    }
    const nameBytes = view.getUint16(at + 28, true);
    const name = Buffer.from(bytes.subarray(at + headerBytes, at + headerBytes + nameBytes)).toString('utf8');
    const fault = partFault(view, at, name);
    if (fault !== null) return refused(fault);
    unpacked += view.getUint32(at + 24, true);
    names.push(name);
    at += headerBytes + nameBytes + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  if (at !== end) return refused('the directory of the archive is damaged');
  if (unpacked > zipLimits.unpackedBytes) return refused('the archive unpacks to more than a document needs');
  if (new Set(names).size !== names.length) return refused('two parts of the archive have one name');
  return { ok: true, names };
}

/** What is wrong with the part whose directory entry stands at `at`. */
function partFault(view: DataView, at: number, name: string): string | null {
  if ((view.getUint16(at + 8, true) & encrypted) !== 0) return 'the archive is encrypted';
  const [packed, unpacked] = [view.getUint32(at + 20, true), view.getUint32(at + 24, true)];
  if (unpacked > zipLimits.smallBytes && unpacked > packed * zipLimits.ratio) {
    return 'the archive unpacks to more than a document needs';
  }
  const local = view.getUint32(at + 42, true);
  if (local + 30 > view.byteLength || view.getUint32(local, true) !== localSignature) {
    return 'the directory of the archive is damaged';
  }
  const leaves =
    name.startsWith('/') || name.includes('\\') || name.split('/').includes('..') || name.includes('\0');
  return leaves ? 'a part of the archive is named outside of it' : null;
}
