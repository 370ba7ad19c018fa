import type { Clock } from '#infra/clock.ts';
import { startFollowed, type Followed } from '#infra/followed.ts';
import type { Log } from '#infra/log.ts';
import type { Database } from '#infra/postgres.ts';
import { mappingChannel, readNewest } from './store.ts';

/** The newest saved mappings as YAML, followed while they change; empty before the first version. */
export function startSavedMappings(deps: {
  db: Database;
  clock: Clock;
  log: Log;
}): Promise<Followed<string>> {
  return startFollowed({
    ...deps,
    channel: mappingChannel,
    what: 'the saved mappings',
    none: '',
    read: async () => (await readNewest(deps.db))?.mapping ?? '',
  });
}
