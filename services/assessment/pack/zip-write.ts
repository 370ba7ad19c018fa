import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { crc32, deflateRaw } from 'node:zlib';
import { ParkError } from '#schemas/errors.ts';
import type { PackFile } from '../verifier/pack-form.ts';
import {
  archiveLimits,
  directoryEntry,
  endRecord,
  localHeader,
  type ZipEntry,
} from '../verifier/zip-form.ts';

const deflate = promisify(deflateRaw);
const bestCompression = 9;

/**
 * Makes an archive of the form that zip-form.ts tells, one file after another; what its methods yield, in order, are its
 * bytes. Holds one file at a time.
 */
export class ZipWriter {
  readonly #digest = createHash('sha256');
  readonly #entries: ZipEntry[] = [];
  readonly #files: PackFile[] = [];
  #offset = 0;

  /** What was added so far, in order of path. */
  get files(): PackFile[] {
    return this.#files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  }

  /**
   * Adds a file; `stored` for what does not get smaller.
   * @throws ParkError `too-many-values` when the archive would be larger than its readers take
   */
  async *add(
    path: string,
    content: string | Uint8Array,
    how: 'deflated' | 'stored' = 'deflated',
  ): AsyncGenerator<Uint8Array, void> {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    const isDeflated = how === 'deflated';
    const packed = isDeflated ? await deflate(bytes, { level: bestCompression }) : bytes;
    const entry = {
      path,
      isDeflated,
      crc32: crc32(bytes),
      packedBytes: packed.length,
      bytes: bytes.length,
      offset: this.#offset,
    };
    const tooLarge = isDeflated && bytes.length > archiveLimits.entryBytes;
    const full = this.#offset + packed.length > archiveLimits.archiveBytes - archiveLimits.directoryBytes;
    if (tooLarge || full || this.#entries.length === archiveLimits.entries) {
      throw new ParkError('too-many-values', `The evidence does not fit into one pack (at ${path})`);
    }
    this.#entries.push(entry);
    this.#files.push({ path, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') });
    yield this.#counted(localHeader(entry));
    yield this.#counted(packed);
  }

  /** Directory, end and digest; nothing can be added afterwards. */
  *end(): Generator<Uint8Array, void> {
    const offset = this.#offset;
    yield this.#counted(Buffer.concat(this.#entries.map(directoryEntry)));
    const bytes = this.#offset - offset;
    yield this.#counted(endRecord({ entries: this.#entries.length, bytes, offset }));
    yield Buffer.from(this.#digest.digest('hex'));
  }

  #counted(bytes: Uint8Array): Uint8Array {
    this.#digest.update(bytes);
    this.#offset += bytes.length;
    return bytes;
  }
}
