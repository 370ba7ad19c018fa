import { execFileSync, spawn, type SpawnOptions } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import { processStart } from './owner-lock.ts';
import type { SystemUser } from './system-user.ts';

/** PostgreSQL's main process, as its own pid file and the system tell. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  /** True when it accepts connections. */
  readonly ready: boolean;
  /** See processStart(). */
  readonly started: string;
}

/** From SIGINT (rolls back what is open) to SIGQUIT (crash recovery at the next start). */
const fastStopTimeoutMs = 12_000;
const immediateStopTimeoutMs = 6_000;
const pollIntervalMs = 20;
/** Output of a program that is kept to explain its failure, in characters. */
const maxOutputLength = 16_384;

/** postmaster.pid: pid, data directory, start time, port, socket directory, listen address, shared memory key, status. */
export function readPostmaster(clusterDir: string): Postmaster | undefined {
  let lines: string[];
  try {
    lines = readFileSync(join(clusterDir, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return undefined;
  }
  const pid = Number(lines[0]);
  const started = Number.isInteger(pid) && pid > 1 ? processStart(pid) : undefined;
  if (started === undefined) return undefined;
  return { pid, port: Number(lines[3]), ready: lines[7]?.trim() === 'ready', started };
}

/** The live server of this data directory, judged by its pid file and its command line. */
export function findServer(clusterDir: string): Postmaster | undefined {
  const found = readPostmaster(clusterDir);
  return found !== undefined && servesCluster(found.pid, clusterDir) ? found : undefined;
}

export function isRunning({ pid, started }: Postmaster): boolean {
  return processStart(pid) === started;
}

function servesCluster(pid: number, clusterDir: string): boolean {
  // Windows tells no command line; there the password and the data directory of the port decide.
  if (process.platform === 'win32') return true;
  try {
    const command =
      process.platform === 'linux'
        ? readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
        : execFileSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
    return /\bpostgres /.test(command) && command.includes(`-D ${clusterDir} `);
  } catch {
    return false;
  }
}

/**
 * Fast shutdown, then an immediate one when that takes too long. Resolves when the process is gone.
 * @throws Error when it does not end at all.
 */
export async function stopPostmaster(
  postmaster: Postmaster,
  { clock, pgCtl, clusterDir }: { clock: Clock; pgCtl: string; clusterDir: string },
): Promise<void> {
  for (const [signal, mode, timeoutMs] of [
    ['SIGINT', 'fast', fastStopTimeoutMs],
    ['SIGQUIT', 'immediate', immediateStopTimeoutMs],
  ] as const) {
    if (!isRunning(postmaster)) return;
    if (process.platform === 'win32') {
      // Signals do not exist there; the programs' own way does.
      await runProgram(pgCtl, ['stop', '-D', clusterDir, '-m', mode, '-W'], undefined);
    } else {
      process.kill(postmaster.pid, signal);
    }
    const deadlineMs = clock.monotonicMs() + timeoutMs;
    while (isRunning(postmaster) && clock.monotonicMs() < deadlineMs) await clock.sleep(pollIntervalMs);
  }
  if (isRunning(postmaster)) throw new Error(`PostgreSQL (process ${postmaster.pid}) does not stop.`);
}

/** How PostgreSQL's programs run: as the unprivileged account, and (except on Windows) with nothing of our environment. */
export function programOptions(user: SystemUser | undefined): SpawnOptions {
  return {
    ...(process.platform === 'win32'
      ? {}
      : { cwd: '/', env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' } }),
    windowsHide: true,
    ...(user === undefined ? {} : { uid: user.uid, gid: user.gid }),
  };
}

/** Runs a program to its end. A program that cannot be started has code -1 and the reason as its output. */
export function runProgram(
  file: string,
  args: readonly string[],
  user: SystemUser | undefined,
): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(file, args, { ...programOptions(user), stdio: ['ignore', 'pipe', 'pipe'] });
    const keep = (chunk: Buffer) => {
      output = (output + chunk.toString('utf8')).slice(-maxOutputLength);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    child.on('error', (error) => resolve({ code: -1, output: error.message }));
    child.on('close', (code) => resolve({ code: code ?? -1, output }));
  });
}

/** A port of 127.0.0.1 that nobody listens on now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.on('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
