import type { SpoolFile, SpoolFiles } from '#services/spool/files.ts';
import type { Sim } from './sim.ts';

interface Inode {
  /** As the process sees it. */
  bytes: Buffer;
  /** As a power cut would leave it at least. */
  durable: Buffer;
  /** Places that were written since the last sync, by page. */
  readonly dirty: Set<number>;
  /** Pages that a failed sync has given up: no later sync saves them. */
  readonly lost: Set<number>;
}

/** Small, so that records are torn. */
const pageBytes = 64;

/** A folder on a disk that forgets what was not synced, tears what it was writing, and is full or broken at times. */
export class FakeDisk {
  readonly #sim: Sim;
  /** Names as the process sees them, and as a power cut would leave them at least. */
  #names = new Map<string, Inode>();
  #durableNames = new Map<string, Inode>();
  failures: number;

  constructor(sim: Sim, failures: number) {
    this.#sim = sim;
    this.failures = failures;
  }

  /** The power goes: of what was not synced, each page and each name is kept or not. */
  loseUnsynced(): void {
    const { chance } = this.#sim;
    const names = new Map(this.#durableNames);
    for (const [name, inode] of this.#names) if (chance.hits(0.5)) names.set(name, inode);
    for (const name of this.#durableNames.keys()) {
      if (!this.#names.has(name) && chance.hits(0.5)) names.delete(name);
    }
    for (const inode of names.values()) {
      const kept = Buffer.alloc(chance.hits(0.5) ? inode.bytes.length : inode.durable.length);
      inode.durable.copy(kept);
      for (const page of [...inode.dirty, ...inode.lost]) {
        if (page * pageBytes >= Math.min(inode.bytes.length, kept.length)) continue;
        if (chance.hits(0.5))
          inode.bytes.copy(kept, page * pageBytes, page * pageBytes, (page + 1) * pageBytes);
      }
      inode.bytes = kept;
      inode.durable = Buffer.from(kept);
      inode.dirty.clear();
      inode.lost.clear();
    }
    this.#names = names;
    this.#durableNames = new Map(names);
  }

  /** The folder as one process sees it; a dead one neither writes nor hears. */
  openFor(owner: { readonly isAlive: boolean }): SpoolFiles {
    const act = <T>(run: () => T, canFail: boolean): Promise<T> =>
      new Promise((resolve, reject) => {
        this.#sim.after(this.#sim.chance.between(0, 3), () => {
          if (!owner.isAlive) return;
          if (canFail && this.#sim.chance.hits(this.failures)) {
            return reject(Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' }));
          }
          try {
            resolve(run());
          } catch (error) {
            reject(error instanceof Error ? error : new Error(String(error)));
          }
        });
      });
    const opened = (name: string): Inode => {
      const inode = this.#names.get(name);
      if (inode === undefined) throw new Error(`ENOENT: ${name}`);
      return inode;
    };
    return {
      list: () =>
        act(() => [...this.#names].map(([name, { bytes }]) => ({ name, bytes: bytes.length })), false),
      create: (name) =>
        act(() => {
          if (this.#names.has(name)) throw new Error(`EEXIST: ${name}`);
          const inode = {
            bytes: Buffer.of(),
            durable: Buffer.of(),
            dirty: new Set<number>(),
            lost: new Set<number>(),
          };
          this.#names.set(name, inode);
          return fileOf(inode, act);
        }, true),
      open: (name) => act(() => fileOf(opened(name), act), false),
      remove: (name) => act(() => void this.#names.delete(name), true),
      syncFolder: () => act(() => void (this.#durableNames = new Map(this.#names)), true),
    };
  }

  /** How many files there are. */
  get size(): number {
    return this.#names.size;
  }
}

function fileOf(inode: Inode, act: <T>(run: () => T, canFail: boolean) => Promise<T>): SpoolFile {
  return {
    write: (bytes, at) =>
      act(() => {
        const grown = Buffer.alloc(Math.max(inode.bytes.length, at + bytes.length));
        inode.bytes.copy(grown);
        bytes.copy(grown, at);
        inode.bytes = grown;
        for (let page = Math.floor(at / pageBytes); page * pageBytes < at + bytes.length; page++)
          inode.dirty.add(page);
      }, true),
    read: (from, length) => act(() => Buffer.from(inode.bytes.subarray(from, from + length)), false),
    truncate: (bytes) => act(() => void (inode.bytes = Buffer.from(inode.bytes.subarray(0, bytes))), true),
    sync: async () => {
      try {
        await act(() => save(inode), true);
      } catch (error) {
        // The kernel marks the pages clean all the same: no later sync writes them.
        for (const page of inode.dirty) inode.lost.add(page);
        inode.dirty.clear();
        throw error;
      }
    },
    close: () => Promise.resolve(),
  };
}

function save(inode: Inode): void {
  const durable = Buffer.from(inode.bytes);
  for (const page of inode.dirty) inode.lost.delete(page);
  for (const page of inode.lost) {
    const [from, to] = [page * pageBytes, (page + 1) * pageBytes];
    if (from < durable.length) durable.fill(0, from, Math.min(to, durable.length));
    if (from < Math.min(durable.length, inode.durable.length)) inode.durable.copy(durable, from, from, to);
  }
  inode.durable = durable;
  inode.dirty.clear();
}
