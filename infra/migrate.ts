import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { Client } from 'pg';
import { ConfigError } from './config.ts';
import type { Log } from './log.ts';
import { makePartitions } from './partitions.ts';

/**
 * How the reading table stands underneath (DESIGN §5): chosen once, at the first migration, by what the server has.
 */
export type StoreDialect = 'plain' | 'timescale';

export interface MigrationReport {
  readonly dialect: StoreDialect;
  /** Ids of the migrations that ran now. */
  readonly applied: readonly string[];
}

interface Migration {
  readonly id: string;
  readonly sql: string;
  readonly sha256: string;
}

const sqlFolder = new URL('./sql/', import.meta.url);
/** Any two processes that migrate wait for each other on this advisory lock. */
const lockKey = 7_275_746_601;

/**
 * Brings a database to the schema of this program. Files are append-only: one that was applied must not change.
 * @throws ConfigError when the database is of a newer program, was migrated from other texts, or cannot be reached
 */
export async function migrate(options: { databaseUrl: string; log: Log }): Promise<MigrationReport> {
  const client = openClient(options.databaseUrl);
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [lockKey]);
    await client.query(`create table if not exists schema_migration (
      id text primary key, sha256 text not null, applied_at timestamptz not null default now())`);
    const dialect = await chooseDialect(client);
    const applied = await applyMissing(client, await readMigrations(dialect), options.log);
    if (dialect === 'plain') await makePartitions(client);
    await adoptRestoredJournal(client);
    return { dialect, applied };
  } finally {
    await client.end();
  }
}

function openClient(databaseUrl: string): Client {
  const client = new Client({ connectionString: databaseUrl, application_name: 'parkwatch-migrate' });
  // A server that goes away is told by the statement under way; the event, if nobody heard it, would end the process.
  client.on('error', () => undefined);
  return client;
}

/** Keeps to what the database was first migrated with; a fresh one takes TimescaleDB when the server offers it. */
async function chooseDialect(client: Client): Promise<StoreDialect> {
  const { rows: done } = await client.query<{ id: string }>(
    `select id from schema_migration where id like '0003-reading.%'`,
  );
  if (done[0] !== undefined) return done[0].id.endsWith('.timescale') ? 'timescale' : 'plain';
  const { rows } = await client.query(`select 1 from pg_available_extensions where name = 'timescaledb'`);
  if (rows.length === 0) return 'plain';
  // Available is not enough: it must also be preloaded, or CREATE EXTENSION fails.
  const { rows: preload } = await client.query<{ libraries: string }>(
    `select current_setting('shared_preload_libraries') as libraries`,
  );
  if (!preload[0]?.libraries.includes('timescaledb')) return 'plain';
  await client.query('create extension if not exists timescaledb');
  return 'timescale';
}

async function readMigrations(dialect: StoreDialect): Promise<Migration[]> {
  const names = (await readdir(sqlFolder)).filter((name) => /^\d{4}-/.test(name)).toSorted();
  const wanted = names.filter(
    (name) => !/\.(plain|timescale)\.sql$/.test(name) || name.endsWith(`.${dialect}.sql`),
  );
  return Promise.all(
    wanted.map(async (name) => {
      const sql = await readFile(new URL(name, sqlFolder), 'utf8');
      return { id: name.replace(/\.sql$/, ''), sql, sha256: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

async function applyMissing(client: Client, migrations: readonly Migration[], log: Log): Promise<string[]> {
  const { rows } = await client.query<{ id: string; sha256: string }>(
    'select id, sha256 from schema_migration',
  );
  const done = new Map(rows.map((row) => [row.id, row.sha256]));
  refuseForeign(done, migrations);
  const applied: string[] = [];
  for (const { id, sql, sha256 } of migrations) {
    if (done.has(id)) continue;
    await client.query('begin');
    try {
      await client.query(sql);
      await client.query('insert into schema_migration (id, sha256) values ($1, $2)', [id, sha256]);
      await client.query('commit');
    } catch (error) {
      await client.query('rollback');
      throw new Error(`Migration ${id} failed`, { cause: error });
    }
    log.info(`migrated ${id}`);
    applied.push(id);
  }
  return applied;
}

/**
 * After a restore into another server, unsealed journal rows carry transaction ids that this server has not reached
 * yet, so the sealer would wait for them. They become rows of this transaction.
 */
async function adoptRestoredJournal(client: Client): Promise<void> {
  await client.query(`update journal set xid = pg_current_xact_id()
    where seq is null and xid >= pg_snapshot_xmax(pg_current_snapshot())`);
}

function refuseForeign(done: ReadonlyMap<string, string>, migrations: readonly Migration[]): void {
  const known = new Map(migrations.map((migration) => [migration.id, migration.sha256]));
  for (const [id, sha256] of done) {
    const ours = known.get(id);
    if (ours === undefined) {
      throw new ConfigError(
        `The database was migrated by a newer Parkwatch (it has ${id}); start that version.`,
      );
    }
    if (ours !== sha256) {
      throw new ConfigError(
        `Migration ${id} was applied to the database from another text; applied files never change.`,
      );
    }
  }
}

/**
 * Writes the park's id and time zone at the first start and compares them at every later one.
 * @throws ConfigError when the database belongs to another park or zone
 */
export async function claimPark(databaseUrl: string, park: { id: string; timeZone: string }): Promise<void> {
  const client = openClient(databaseUrl);
  await client.connect();
  try {
    await client.query('insert into park (id, time_zone) values ($1, $2) on conflict do nothing', [
      park.id,
      park.timeZone,
    ]);
    const { rows } = await client.query<{ id: string; time_zone: string }>('select id, time_zone from park');
    const [stored] = rows;
    if (stored?.id !== park.id) {
      throw new ConfigError(`The database belongs to park ${stored?.id}, but PARK_ID is ${park.id}.`);
    }
    if (stored.time_zone !== park.timeZone) {
      throw new ConfigError(
        `The park was started in time zone ${stored.time_zone}, but PARK_TIME_ZONE is ${park.timeZone}; ` +
          'days that are closed cannot move.',
      );
    }
  } finally {
    await client.end();
  }
}
