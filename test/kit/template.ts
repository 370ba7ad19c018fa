import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { silentLog } from '#infra/log.ts';
import { migrate, type StoreDialect } from '#infra/migrate.ts';

/** Databases of tests start with this; a run drops only its own. */
const prefix = 'parkwatch_test_';

/** A migrated database that nobody may connect to, so that cloning it never meets a session. */
export async function makeTemplate(
  serverUrl: string,
): Promise<AsyncDisposable & { readonly name: string; readonly dialect: StoreDialect }> {
  const name = newDatabaseName('template');
  await withAdmin(serverUrl, (admin) => admin.query(`create database ${name}`));
  const { dialect } = await migrate({ databaseUrl: databaseUrl(serverUrl, name), log: silentLog() });
  await stopTimescaleWorkers(databaseUrl(serverUrl, name));
  await withAdmin(serverUrl, async (admin) => {
    await admin.query(`alter database ${name} with allow_connections false`);
    // A worker that was just told to end may still hold the database.
    await admin.query('select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = $1', [
      name,
    ]);
  });
  return { name, dialect, [Symbol.asyncDispose]: () => dropDatabase(serverUrl, name) };
}

/** TimescaleDB's scheduler connects to every database that has the extension; cloning would race with it. */
async function stopTimescaleWorkers(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rowCount } = await client.query(`select from pg_extension where extname = 'timescaledb'`);
    if (rowCount !== 0) await client.query('select _timescaledb_functions.stop_background_workers()');
  } finally {
    await client.end();
  }
}

export function newDatabaseName(what: string): string {
  return `${prefix}${what}_${randomBytes(6).toString('hex')}`;
}

export function databaseUrl(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

export async function dropDatabase(serverUrl: string, name: string): Promise<void> {
  await withAdmin(serverUrl, (admin) => admin.query(`drop database if exists ${name} with (force)`));
}

/** Runs `use` with a connection for statements that make or drop databases. */
export async function withAdmin<T>(serverUrl: string, use: (admin: Client) => Promise<T>): Promise<T> {
  const admin = new Client({ connectionString: serverUrl });
  await admin.connect();
  try {
    return await use(admin);
  } finally {
    await admin.end();
  }
}
