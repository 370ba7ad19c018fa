import { Pool, types, type PoolClient } from 'pg';
import type { Log } from './log.ts';

export type Database = Pool;
export type DatabaseClient = PoolClient;
/** Whatever can run one statement: the pool, or a client inside a transaction. */
export type Queryable = Pick<PoolClient, 'query'>;

/** int8 arrives as a number: our counts and ids stay far below 2^53. */
const int8Oid = 20;

/**
 * Opens a pool. Connections that the server drops are logged and replaced; statements in flight reject.
 * @param options.name shown in pg_stat_activity
 */
export function createPool(options: { url: string; max: number; name: string; log: Log }): Database {
  const pool = new Pool({
    connectionString: options.url,
    max: options.max,
    application_name: options.name,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    types: {
      getTypeParser: (oid: number, format?: 'text' | 'binary') =>
        oid === int8Oid && format !== 'binary'
          ? (text: string) => Number(text)
          : types.getTypeParser(oid, format ?? 'text'),
    },
  });
  // The pool hears its idle connections only. One that is lent out and breaks would end the process: an error event that
  // nobody hears is thrown. Whoever has it is told by the statement under way, or the next one.
  pool.on('connect', (client) => {
    client.on('error', () => undefined);
  });
  pool.on('error', (error) => {
    // While we end it, a server that stops meanwhile may be quicker than our farewell.
    if (!pool.ending) options.log.warn({ err: error }, 'a database connection was lost');
  });
  return pool;
}

/** Runs `work` in one transaction: commits what it did, or rolls back and rethrows. */
export async function transaction<T>(
  pool: Database,
  work: (client: DatabaseClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch((rollbackError: Error) => {
      broken = rollbackError;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}
