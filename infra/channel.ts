import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import type { Database, DatabaseClient } from './postgres.ts';

/** How long to wait before listening again after the connection was lost. */
const relistenMs = 1_000;

/** Keeps one connection on LISTEN; after a loss everything may have been missed, so it notices once itself. */
export async function followChannel(deps: {
  db: Database;
  /** A plain name: it stands in the statement. */
  channel: string;
  log: Log;
  clock: Clock;
  onNotice: () => void;
}): Promise<AsyncDisposable> {
  const stop = new AbortController();
  let client: DatabaseClient | null = await connect();

  async function connect(): Promise<DatabaseClient> {
    const fresh = await deps.db.connect();
    try {
      await fresh.query(`listen ${deps.channel}`);
    } catch (error) {
      fresh.release(true);
      throw error;
    }
    fresh.on('notification', deps.onNotice);
    fresh.on('error', lost);
    return fresh;
  }

  function close(): void {
    client?.off('notification', deps.onNotice);
    // Closed, not returned: a pooled connection would go on listening.
    client?.release(true);
    client = null;
  }

  function lost(error: Error): void {
    if (client === null || stop.signal.aborted) return;
    close();
    deps.log.warn({ err: error }, `the connection that follows ${deps.channel} was lost`);
    void again();
  }

  async function again(): Promise<void> {
    while (!stop.signal.aborted) {
      try {
        await deps.clock.sleep(relistenMs, stop.signal);
        client = await connect();
        if (stop.signal.aborted) return close();
        return deps.onNotice();
      } catch (error) {
        if (!stop.signal.aborted) deps.log.warn({ err: error }, `still cannot follow ${deps.channel}`);
      }
    }
  }

  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      close();
    },
  };
}
