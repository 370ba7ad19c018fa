import { mkdir, open, readdir, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** The little that the spool needs of a file system; the fault simulation has another one. */
export interface SpoolFiles {
  /** Names and sizes in bytes of what is in the folder, in any order. */
  list(): Promise<{ readonly name: string; readonly bytes: number }[]>;
  /** Makes an empty file; rejects when there is one. */
  create(name: string): Promise<SpoolFile>;
  open(name: string): Promise<SpoolFile>;
  remove(name: string): Promise<void>;
  /** Makes the names in the folder durable: what was created or removed stays so. */
  syncFolder(): Promise<void>;
}

export interface SpoolFile {
  write(bytes: Buffer, at: number): Promise<void>;
  /** Fewer bytes when the file ends before. */
  read(from: number, length: number): Promise<Buffer>;
  truncate(bytes: number): Promise<void>;
  /** Makes what was written durable. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** A folder on disk, made when it is not there; only its owner may look into it. */
export async function openSpoolFolder(folder: string): Promise<SpoolFiles> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await syncNames(dirname(folder));
  return {
    async list() {
      const names = await readdir(folder);
      return Promise.all(names.map(async (name) => ({ name, bytes: (await stat(join(folder, name))).size })));
    },
    create: async (name) => spoolFile(await open(join(folder, name), 'wx+', 0o600)),
    open: async (name) => spoolFile(await open(join(folder, name), 'r+')),
    remove: (name) => rm(join(folder, name), { force: true }),
    syncFolder: () => syncNames(folder),
  };
}

async function syncNames(folder: string): Promise<void> {
  // Windows cannot open a folder, and keeps its names by itself.
  if (process.platform === 'win32') return;
  await using handle = await open(folder, 'r');
  await handle.sync();
}

function spoolFile(handle: FileHandle): SpoolFile {
  return {
    async write(bytes, at) {
      let written = 0;
      while (written < bytes.length) {
        const { bytesWritten } = await handle.write(bytes, written, bytes.length - written, at + written);
        written += bytesWritten;
      }
    },
    async read(from, length) {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, from);
      return buffer.subarray(0, bytesRead);
    },
    truncate: (bytes) => handle.truncate(bytes),
    sync: () => handle.datasync(),
    close: () => handle.close(),
  };
}
