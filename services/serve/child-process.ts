import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Log } from '#infra/log.ts';

const launcher = fileURLToPath(new URL('../../parkwatch.mjs', import.meta.url));

/** What a child says on its first line when it is ready. */
export interface Child<Ready> extends AsyncDisposable {
  readonly ready: Promise<Ready>;
}

/**
 * Starts another command of ours as a process of its own. It lives as long as its standard input is open, so it ends
 * with us however we end; its first line of output is JSON and says that it is ready.
 */
export function startChild<Ready>(options: {
  command: string;
  args: readonly string[];
  log: Log;
  readReady: (line: string) => Ready;
}): Child<Ready> {
  const { command, args, log, readReady } = options;
  const child = spawn(process.execPath, [launcher, command, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  let stopping = false;

  const ready = new Promise<Ready>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', (line) => {
      try {
        resolve(readReady(line));
      } catch (error) {
        reject(error);
      }
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      if (!stopping) log.error({ code, signal }, `${command} ended by itself`);
      reject(new Error(`${command} ended before it was ready`));
    });
  });

  return {
    ready,
    async [Symbol.asyncDispose]() {
      stopping = true;
      child.stdin.end();
      child.kill('SIGTERM');
      await exited;
    },
  };
}
