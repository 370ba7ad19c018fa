import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from '#infra/config.ts';
import type { Log } from '#infra/log.ts';

const launcher = fileURLToPath(new URL('../../parkwatch.mjs', import.meta.url));

/** What a child says on its first line when it is ready. */
export interface Child<Ready> extends AsyncDisposable {
  readonly ready: Promise<Ready>;
}

/**
 * Starts another command of ours as a process of its own. It lives as long as its standard input is open, so it ends
 * with us however we end; one line of its output says that it is ready.
 */
export function startChild<Ready>(options: {
  command: string;
  args: readonly string[];
  log: Log;
  /** What a line of its output says; null when it is not the one. */
  readReady: (line: string) => Ready | null;
}): Child<Ready> {
  const { command, args, log, readReady } = options;
  const child = spawn(process.execPath, [launcher, command, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: childEnvironment(),
  });
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  let stopping = false;

  const ready = new Promise<Ready>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const said = readReady(line);
      if (said !== null) resolve(said);
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
