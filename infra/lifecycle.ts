import type { Log } from './log.ts';

/**
 * Everything that starts can be stopped. `start` each part through a lifecycle and dispose of it once: the parts stop
 * in reverse order, each given its time, and one that fails to stop does not keep the others running.
 */
export interface Lifecycle extends AsyncDisposable {
  /**
   * Starts a part and remembers how to stop it; what it returns is disposed of on shutdown.
   * @throws Error when the shutdown has begun meanwhile; the part is stopped again
   */
  start<T extends AsyncDisposable>(name: string, start: () => Promise<T> | T): Promise<T>;
}

/** How long one part may take to stop before the next one is stopped regardless. */
const stopTimeoutMs = 20_000;

export function createLifecycle(log: Log): Lifecycle {
  const parts: { name: string; part: AsyncDisposable }[] = [];
  let stopping = false;
  return {
    async start(name, start) {
      const part = await start();
      if (stopping) {
        await part[Symbol.asyncDispose]();
        throw new Error(`${name} came too late: everything is stopping`);
      }
      parts.push({ name, part });
      log.debug({ part: 'lifecycle' }, `${name} started`);
      return part;
    },
    async [Symbol.asyncDispose]() {
      stopping = true;
      for (const { name, part } of parts.splice(0).reverse()) {
        try {
          await withTimeout(part[Symbol.asyncDispose](), name);
          log.debug({ part: 'lifecycle' }, `${name} stopped`);
        } catch (error) {
          log.error({ part: 'lifecycle', err: error }, `${name} did not stop cleanly`);
        }
      }
    },
  };
}

async function withTimeout(stopped: PromiseLike<void>, name: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`${name} took longer than ${stopTimeoutMs} ms to stop`)),
      stopTimeoutMs,
    );
  });
  try {
    await Promise.race([stopped, late]);
  } finally {
    clearTimeout(timer);
  }
}
