import { execFileSync } from 'node:child_process';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/** A process that cannot be mistaken for a later one with the same number. */
interface ProcessIdentity {
  readonly pid: number;
  /** Opaque; differs between two processes that had the same pid one after the other. */
  readonly started: string;
}

/**
 * When the process with this pid was started, as an opaque text; undefined when there is none (a zombie is none).
 * Where the system does not tell, the text is `unknown` and only the pid identifies the process.
 */
export function processStart(pid: number): string | undefined {
  if (process.platform === 'linux') return linuxProcessStart(pid);
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return undefined;
  }
  if (process.platform === 'win32') return 'unknown';
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
}

/** proc(5): after the command in parentheses come the state and, as field 22 of the line, the start in ticks since boot. */
function linuxProcessStart(pid: number): string | undefined {
  const stat = readText(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state] = fields;
  if (state === 'Z' || state === 'X') return undefined;
  const boot = readText('/proc/sys/kernel/random/boot_id')?.trim() ?? '';
  return `${boot}/${fields[19] ?? ''}`;
}

export type LockResult =
  | { readonly kind: 'acquired'; readonly lock: Disposable }
  | { readonly kind: 'held'; readonly pid: number };

/** How often a lock of a dead process is cleared away before we give up; more than one means somebody races with us. */
const maxAttempts = 5;

/**
 * Takes the lock file for this process. A file whose process is gone is ignored; the lock ends with `dispose`.
 * @throws the file system's error when the file cannot be written.
 */
export function acquireOwnerLock(file: string): LockResult {
  const mine: ProcessIdentity = { pid: process.pid, started: processStart(process.pid) ?? 'unknown' };
  const text = `${JSON.stringify(mine)}\n`;
  const draft = `${file}.${process.pid}`;
  try {
    writeFileSync(draft, text, { mode: 0o644 });
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      if (linked(draft, file)) return { kind: 'acquired', lock: lockOf(file, text) };
      const found = readText(file);
      const holder = found === undefined ? undefined : parseIdentity(found);
      if (holder !== undefined && isAlive(holder)) return { kind: 'held', pid: holder.pid };
      if (found !== undefined) clearStale(file, found);
    }
    return { kind: 'held', pid: parseIdentity(readText(file) ?? '')?.pid ?? 0 };
  } finally {
    rmSync(draft, { force: true });
  }
}

/** The living process that holds the lock file; undefined when nobody does. */
export function ownerOf(file: string): number | undefined {
  const holder = parseIdentity(readText(file) ?? '');
  return holder !== undefined && isAlive(holder) ? holder.pid : undefined;
}

function lockOf(file: string, text: string): Disposable {
  return {
    [Symbol.dispose]: () => {
      if (readText(file) === text) rmSync(file, { force: true });
    },
  };
}

/** A hard link appears with its content or not at all, unlike a file that is created and then written. */
function linked(draft: string, file: string): boolean {
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Moves a stale lock away; when another process was quicker and it is that one's lock we moved, it is put back. */
function clearStale(file: string, staleText: string): void {
  const aside = `${file}.stale.${process.pid}`;
  try {
    renameSync(file, aside);
    if (readText(aside) !== staleText) linked(aside, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function isAlive({ pid, started }: ProcessIdentity): boolean {
  const now = processStart(pid);
  return now !== undefined && now === started;
}

function parseIdentity(text: string): ProcessIdentity | undefined {
  try {
    const value = JSON.parse(text) as Partial<ProcessIdentity>;
    return typeof value.pid === 'number' && typeof value.started === 'string'
      ? { pid: value.pid, started: value.started }
      : undefined;
  } catch {
    return undefined;
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
