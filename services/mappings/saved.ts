import { followChannel } from '#infra/channel.ts';
import type { Clock } from '#infra/clock.ts';
import { coalesce } from '#infra/coalesce.ts';
import type { Log } from '#infra/log.ts';
import type { Database } from '#infra/postgres.ts';
import { mappingChannel, readNewest } from './store.ts';

/** The newest saved mappings, as text, followed while they change. */
export interface SavedMappings extends AsyncDisposable {
  /** YAML; empty before the first version. */
  text(): string;
  onChange(listener: () => void): Disposable;
}

/** Loads the newest version and follows what any process saves. */
export async function startSavedMappings(deps: {
  db: Database;
  clock: Clock;
  log: Log;
}): Promise<SavedMappings> {
  const { db, log } = deps;
  const listeners = new Set<() => void>();
  let text = '';
  const reload = coalesce(async () => {
    const newest = (await readNewest(db))?.mapping ?? '';
    if (newest === text) return;
    text = newest;
    for (const listener of listeners) listener();
  });
  const onNotice = () => {
    reload().catch((error: unknown) => log.error({ err: error }, 'the saved mappings could not be read'));
  };
  const listening = await followChannel({ ...deps, channel: mappingChannel, onNotice });
  await reload().catch(async (error: unknown) => {
    await listening[Symbol.asyncDispose]();
    throw error;
  });
  return {
    text: () => text,
    onChange(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    async [Symbol.asyncDispose]() {
      await listening[Symbol.asyncDispose]();
      await reload.settled();
    },
  };
}
