import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { link, mkdir, open, readdir, readFile, rm, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

/** Where the bytes of attachments lie: `DATA_DIR/attachments/ab/abcd…`, named by what they are and by nothing else. */
export interface AttachmentFiles {
  /** Writes a stream beside the others; it becomes one of them by `keep`. @throws TooLarge */
  readonly receive: (stream: Readable, mostBytes: number) => Promise<Received>;
  /** A kept file; null when its bytes are gone. */
  readonly read: (sha256: string) => Promise<Buffer | null>;
  readonly stream: (sha256: string) => Readable;
  /** Removes a kept file; nothing when it is gone already. */
  readonly remove: (sha256: string) => Promise<void>;
  /** Kept files whose hash begins with these two digits, and when each was written, epoch ms. */
  readonly list: (
    prefix: string,
  ) => Promise<readonly { readonly sha256: string; readonly writtenMs: number }[]>;
}

export interface Received extends AsyncDisposable {
  readonly sha256: string;
  readonly bytes: number;
  readonly content: () => Promise<Buffer>;
  /** Makes it one of the kept files; the same content twice is one file. */
  readonly keep: () => Promise<void>;
}

/** The stream went on beyond what it may hold. */
export class TooLarge extends Error {
  override readonly name = 'TooLarge';
}

export function openAttachmentFiles(dataDir: string): AttachmentFiles {
  const root = join(dataDir, 'attachments');
  const pathOf = (sha256: string): string => join(root, sha256.slice(0, 2), sha256);
  return {
    receive: (stream, mostBytes) => receive(root, pathOf, { stream, mostBytes }),
    async read(sha256) {
      try {
        return await readFile(pathOf(sha256));
      } catch (error) {
        if (isMissing(error)) return null;
        throw error;
      }
    },
    stream: (sha256) => createReadStream(pathOf(sha256)),
    remove: (sha256) => rm(pathOf(sha256), { force: true }),
    list: (prefix) => listFiles(join(root, prefix)),
  };
}

const sha256Form = /^[0-9a-f]{64}$/;

async function listFiles(folder: string): Promise<{ sha256: string; writtenMs: number }[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  const found: { sha256: string; writtenMs: number }[] = [];
  for (const sha256 of names.filter((name) => sha256Form.test(name))) {
    found.push({ sha256, writtenMs: (await stat(join(folder, sha256))).mtimeMs });
  }
  return found;
}

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

async function receive(
  root: string,
  pathOf: (sha256: string) => string,
  { stream, mostBytes }: { readonly stream: Readable; readonly mostBytes: number },
): Promise<Received> {
  const incoming = join(root, 'incoming');
  await mkdir(incoming, { recursive: true, mode: 0o700 });
  const path = join(incoming, randomUUID());
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    // Nobody may run it, and only we may read it.
    await using file = await open(path, 'wx', 0o600);
    for await (const chunk of stream) {
      const part = chunk as Buffer;
      bytes += part.length;
      if (bytes > mostBytes) throw new TooLarge(`more than ${mostBytes} bytes`);
      hash.update(part);
      await file.write(part);
    }
    await file.sync();
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
  const sha256 = hash.digest('hex');
  return {
    sha256,
    bytes,
    content: () => readFile(path),
    async keep() {
      const target = pathOf(sha256);
      await mkdir(join(root, sha256.slice(0, 2)), { recursive: true, mode: 0o700 });
      try {
        await link(path, target);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
    },
    async [Symbol.asyncDispose]() {
      await unlink(path).catch((error: unknown) => {
        if (!isMissing(error)) throw error;
      });
    },
  };
}
