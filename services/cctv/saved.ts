import type { Clock } from '#infra/clock.ts';
import { startFollowed, type Followed } from '#infra/followed.ts';
import type { Log } from '#infra/log.ts';
import type { Database } from '#infra/postgres.ts';
import type { SecretBox } from '#infra/secret-box.ts';
import { cctvSchema, type CctvConfig } from '#schemas/cctv.ts';
import { joinSecrets } from '#schemas/cctv-secrets.ts';
import { openSecrets } from './secrets.ts';
import { cctvChannel, listGroups } from './store.ts';

/**
 * The saved groups of cameras with their secrets, followed while they change. One that cannot be read is logged and left
 * out; the others count.
 */
export function startSavedCctv(deps: {
  db: Database;
  clock: Clock;
  log: Log;
  box: SecretBox;
}): Promise<Followed<readonly CctvConfig[]>> {
  const { db, log, box } = deps;
  const read = async () =>
    (await listGroups(db)).flatMap((row) => {
      try {
        return [cctvSchema.parse(joinSecrets(row.definition, openSecrets(box, row)))];
      } catch (error) {
        log.error({ err: error, group: row.id }, 'a saved group of cameras cannot be read');
        return [];
      }
    });
  return startFollowed<readonly CctvConfig[]>({
    ...deps,
    channel: cctvChannel,
    what: 'the saved cameras',
    none: [],
    read,
  });
}
