import type { Clock } from '#infra/clock.ts';
import { ConfigError, type Config } from '#infra/config.ts';
import { startEmbeddedPostgres } from '#infra/embedded-postgres.ts';
import type { Lifecycle } from '#infra/lifecycle.ts';
import { partLog, type Log } from '#infra/log.ts';
import { claimPark, migrate, type MigrationReport, type StoreDialect } from '#infra/migrate.ts';
import { createPool, type Database } from '#infra/postgres.ts';
import { limits } from '#schemas/limits.ts';

/** Connections for everything but the writer, which has its own. */
const poolSize = 16;
/** How long a database that does not answer yet is waited for: a server beside us may still be starting. */
const patienceMs = 60_000;
const retryMs = 1_000;

export interface ParkDatabase extends MigrationReport {
  /** With the password: never logged. */
  readonly url: string;
  readonly db: Database;
}

/**
 * Opens the park's database: the configured one, or our own in DATA_DIR; migrated, and claimed for this park.
 * @throws ConfigError when it does not answer, or belongs to another park, time zone or a newer program
 */
export async function openDatabase(
  config: Config,
  deps: { lifecycle: Lifecycle; clock: Clock; log: Log },
): Promise<ParkDatabase> {
  const { lifecycle, clock } = deps;
  const log = partLog(deps.log, 'database');
  const url =
    config.databaseUrl ??
    (
      await lifecycle.start('embedded PostgreSQL', () =>
        startEmbeddedPostgres({ dataDir: config.dataDir, clock, log }),
      )
    ).url;
  const report = await migrateWhenItAnswers(url, { clock, log });
  await claimPark(url, { id: config.parkId, timeZone: config.timeZone });
  const db = createPool({ url, max: poolSize, name: 'parkwatch', log });
  await lifecycle.start('database pool', () => ({ [Symbol.asyncDispose]: () => db.end() }));
  return { ...report, url, db };
}

async function migrateWhenItAnswers(
  url: string,
  { clock, log }: { clock: Clock; log: Log },
): Promise<MigrationReport> {
  const giveUpAtMs = clock.monotonicMs() + patienceMs;
  for (;;) {
    try {
      return await migrate({ databaseUrl: url, log });
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? '';
      if (!isNotYetThere(code)) throw refusal(error, code);
      if (clock.monotonicMs() > giveUpAtMs) {
        throw new ConfigError(
          `DATABASE_URL: the database does not answer (${code}); start it, or correct the address.`,
        );
      }
      log.warn(`the database does not answer yet (${code}); trying again`);
      await clock.sleep(retryMs);
    }
  }
}

/** 57P03: the server is starting up. */
function isNotYetThere(code: string): boolean {
  return ['ECONNREFUSED', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'ECONNRESET', '57P03'].includes(code);
}

/** Class 28 and 3D: who we are, or which database we ask for, is wrong; waiting would not help. */
function refusal(error: unknown, code: string): unknown {
  return /^(28|3D)/.test(code) ? new ConfigError(`DATABASE_URL: ${(error as Error).message}.`) : error;
}

/** How the readings of a migrated database stand underneath. */
export async function readDialect(db: Database): Promise<StoreDialect> {
  const { rowCount } = await db.query(
    `select from pg_partitioned_table where partrelid = 'reading'::regclass`,
  );
  return rowCount === 0 ? 'timescale' : 'plain';
}

/** How far back raw readings are kept. */
export function rawHorizonDays(dialect: StoreDialect): number {
  return dialect === 'plain' ? limits.rawHorizonDaysPlain : limits.rawHorizonDaysTimescale;
}
