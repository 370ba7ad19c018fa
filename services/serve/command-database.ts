import type { Clock } from '#infra/clock.ts';
import type { Config } from '#infra/config.ts';
import { findEmbeddedPostgres } from '#infra/embedded-postgres.ts';
import type { Lifecycle } from '#infra/lifecycle.ts';
import { partLog, type Log } from '#infra/log.ts';
import { claimPark } from '#infra/migrate.ts';
import { createPool, type Database } from '#infra/postgres.ts';
import { openDatabase } from './database.ts';

/** A command does one thing after the other. */
const poolSize = 4;

/**
 * The park's database for a command: through the embedded server of a park that is running beside us, else like
 * `serve` opens it (starting the embedded server for as long as the command takes).
 * @throws ConfigError like {@link openDatabase}
 */
export async function openCommandDatabase(
  config: Config,
  deps: { lifecycle: Lifecycle; clock: Clock; log: Log },
): Promise<{ readonly url: string; readonly db: Database }> {
  const url = config.databaseUrl === undefined ? findEmbeddedPostgres(config.dataDir) : undefined;
  if (url === undefined) return openDatabase(config, deps);
  await claimPark(url, { id: config.parkId, timeZone: config.timeZone });
  const log = partLog(deps.log, 'database');
  const db = createPool({ url, max: poolSize, name: 'parkwatch-command', log });
  await deps.lifecycle.start('database pool', () => ({ [Symbol.asyncDispose]: () => db.end() }));
  return { url, db };
}
