import { followChannel } from '#infra/channel.ts';
import type { Clock } from '#infra/clock.ts';
import { coalesce } from '#infra/coalesce.ts';
import type { Log } from '#infra/log.ts';
import type { Database } from '#infra/postgres.ts';
import type { SecretBox } from '#infra/secret-box.ts';
import { cctvSchema, type CctvConfig } from '#schemas/cctv.ts';
import { joinSecrets } from '#schemas/cctv-secrets.ts';
import { openSecrets } from './secrets.ts';
import { cctvChannel, listGroups } from './store.ts';

/** The saved groups of cameras with their secrets, followed while they change. */
export interface SavedCctv extends AsyncDisposable {
  groups(): readonly CctvConfig[];
  onChange(listener: () => void): Disposable;
}

/** Loads them and follows what any process saves. One that cannot be read is logged and left out; the others count. */
export async function startSavedCctv(deps: {
  db: Database;
  clock: Clock;
  log: Log;
  box: SecretBox;
}): Promise<SavedCctv> {
  const { db, log, box } = deps;
  const listeners = new Set<() => void>();
  let groups: readonly CctvConfig[] = [];
  const reload = coalesce(async () => {
    const rows = await listGroups(db);
    groups = rows.flatMap((row) => {
      try {
        return [cctvSchema.parse(joinSecrets(row.definition, openSecrets(box, row)))];
      } catch (error) {
        log.error({ err: error, group: row.id }, 'a saved group of cameras cannot be read');
        return [];
      }
    });
    for (const listener of listeners) listener();
  });
  const onNotice = () => {
    reload().catch((error: unknown) => log.error({ err: error }, 'the saved cameras could not be read'));
  };
  const listening = await followChannel({ ...deps, channel: cctvChannel, onNotice });
  await reload().catch(async (error: unknown) => {
    await listening[Symbol.asyncDispose]();
    throw error;
  });
  return {
    groups: () => groups,
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
