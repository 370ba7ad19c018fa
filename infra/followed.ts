import { followChannel } from './channel.ts';
import type { Clock } from './clock.ts';
import { coalesce } from './coalesce.ts';
import type { Log } from './log.ts';
import type { Database } from './postgres.ts';

/** What is saved in the database, as it is now in this process. */
export interface Followed<T> extends AsyncDisposable {
  readonly value: () => T;
  onChange(listener: () => void): Disposable;
  /** Resolves when it has been read as it stands now; calls that meet share one reading. @throws what the reading throws */
  readonly reload: () => Promise<void>;
  /** It may have changed: read again soon, and logged when that fails. */
  readonly notice: () => void;
}

/**
 * Reads what is saved and reads it again whenever any process tells on the channel that it has changed.
 * @param options.what for the log, e.g. `the saved cameras`
 * @throws what the first reading throws; later ones are logged, and what was read before stands
 */
export async function startFollowed<T>(options: {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly channel: string;
  readonly what: string;
  readonly none: T;
  readonly read: () => Promise<T>;
}): Promise<Followed<T>> {
  const { log, what, read } = options;
  const listeners = new Set<() => void>();
  let value = options.none;
  const reload = coalesce(async () => {
    const now = await read();
    if (Object.is(now, value)) return;
    value = now;
    for (const listener of listeners) listener();
  });
  const notice = () => {
    reload().catch((error: unknown) => log.error({ err: error }, `${what} could not be read`));
  };
  const listening = await followChannel({ ...options, onNotice: notice });
  // Only now, so that no change falls between reading and listening.
  await reload().catch(async (error: unknown) => {
    await listening[Symbol.asyncDispose]();
    throw error;
  });
  return {
    value: () => value,
    onChange(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    reload,
    notice,
    async [Symbol.asyncDispose]() {
      await listening[Symbol.asyncDispose]();
      await reload.settled();
    },
  };
}
