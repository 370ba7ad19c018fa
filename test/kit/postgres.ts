import { inject } from 'vitest';
import { silentLog } from '#infra/log.ts';
import { createPool, type Database } from '#infra/postgres.ts';
import { databaseUrl, dropDatabase, newDatabaseName, withAdmin } from './template.ts';

export interface TestDatabase extends AsyncDisposable {
  readonly url: string;
  readonly pool: Database;
}

/** Connections of one test's pool; a test that needs more opens its own. */
const poolSize = 8;

/**
 * A migrated, empty database of this test's own on the server of the run; dispose to drop it.
 *
 *     const database = await createTestDatabase();
 *     afterAll(() => database[Symbol.asyncDispose]());
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  const serverUrl = inject('serverUrl');
  const name = newDatabaseName('db');
  await withAdmin(serverUrl, (admin) =>
    admin.query(`create database ${name} template ${inject('templateName')} strategy file_copy`),
  );
  return openTestDatabase(serverUrl, name);
}

/** Like {@link createTestDatabase}, but without any migration: for tests of the migrations themselves. */
export async function createEmptyDatabase(): Promise<TestDatabase> {
  const serverUrl = inject('serverUrl');
  const name = newDatabaseName('empty');
  await withAdmin(serverUrl, (admin) => admin.query(`create database ${name}`));
  return openTestDatabase(serverUrl, name);
}

function openTestDatabase(serverUrl: string, name: string): TestDatabase {
  const url = databaseUrl(serverUrl, name);
  const pool = createPool({ url, max: poolSize, name: 'parkwatch-test', log: silentLog() });
  return {
    url,
    pool,
    async [Symbol.asyncDispose]() {
      await pool.end();
      await dropDatabase(serverUrl, name);
    },
  };
}
