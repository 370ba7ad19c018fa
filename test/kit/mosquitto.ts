import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { patienceMs } from './events.ts';
import { freePort } from './ports.ts';

/** The server stands in sbin on Debian, which is not on everybody's PATH. */
const path = `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/local/sbin`;

function answers(program: string): boolean {
  const found = spawnSync(program, ['-h'], { env: { PATH: path } }).error === undefined;
  // oxlint-disable-next-line no-console
  if (!found) console.warn(`skipped: ${program} is not installed (Debian: mosquitto, mosquitto-clients)`);
  return found;
}

/** Whether tests against a real external broker can run here; prints why when they cannot. */
export function hasMosquitto(): boolean {
  return answers('mosquitto');
}

export function hasMosquittoClients(): boolean {
  return answers('mosquitto_pub');
}

export interface Mosquitto extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Ends it (SIGTERM saves its sessions, SIGKILL does not). */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** Starts it again on the same port, with its sessions unless told to forget them. */
  restart(options?: { forget: boolean }): Promise<void>;
}

/** A mosquitto of its own on a free port; `lines` are added to its configuration. */
export async function startMosquitto(lines: readonly string[] = []): Promise<Mosquitto> {
  const directory = mkdtempSync(join(tmpdir(), 'parkwatch-mosquitto-'));
  // As root it runs under its own user, which must reach the directory.
  chmodSync(directory, 0o777);
  const port = await freePort();
  const file = join(directory, 'mosquitto.conf');
  const own = [`listener ${port} 127.0.0.1`, 'persistence true', `persistence_location ${directory}/`];
  const open = lines.some((line) => line.startsWith('allow_anonymous')) ? [] : ['allow_anonymous true'];
  writeFileSync(file, [...own, ...open, ...lines, ''].join('\n'));
  let child: ChildProcess | null = null;
  const start = async () => {
    child = spawn('mosquitto', ['-c', file], { env: { PATH: path }, stdio: 'ignore' });
    await untilListening(port, child);
  };
  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    const running = child;
    child = null;
    if (running === null || running.exitCode !== null) return;
    const exited = once(running, 'exit');
    running.kill(signal);
    await exited;
  };
  await start();
  return {
    url: `mqtt://127.0.0.1:${port}`,
    port,
    stop,
    async restart(options) {
      await stop();
      if (options?.forget === true) rmSync(join(directory, 'mosquitto.db'), { force: true });
      await start();
    },
    async [Symbol.asyncDispose]() {
      await stop('SIGKILL');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** mosquitto says nothing when it is ready: the first connection that is taken tells. */
async function untilListening(port: number, child: ChildProcess): Promise<void> {
  const endMs = performance.now() + patienceMs;
  while (performance.now() < endMs) {
    if (child.exitCode !== null) throw new Error(`mosquitto ended with ${child.exitCode}`);
    const open = await new Promise<boolean>((resolve) => {
      const socket = connectTcp({ host: '127.0.0.1', port });
      socket.once('connect', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`waited ${patienceMs} ms for mosquitto to listen on ${port}`);
}
