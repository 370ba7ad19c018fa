import { Client } from 'pg';
import { ConfigError } from '../config.ts';
import type { Place } from './place.ts';

/** What the server of a place is asked as its superuser, before anything else speaks to it. */
export interface OwnServer {
  readonly place: Place;
  readonly password: string;
}

export const superuser = 'parkwatch';
const database = 'parkwatch';
const connectTimeoutMs = 5_000;
/** SQLSTATE invalid_password. */
const wrongPassword = '28P01';

/** Of our database, password included: never logged. */
export function urlOf(password: string, port: number): string {
  return `postgres://${superuser}:${password}@127.0.0.1:${port}/${database}`;
}

/** Makes our database at the first start; returns the server's version. */
export async function makeDatabase(server: OwnServer, port: number): Promise<string> {
  return withClient(server, port, async (client) => {
    const found = await client.query('SELECT FROM pg_database WHERE datname = $1', [database]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${database}`);
    const { rows } = await client.query<{ version: string }>(
      `SELECT current_setting('server_version') AS version`,
    );
    return rows[0]?.version ?? '';
  });
}

/** The folder whose data the server on a port serves, which another program's server may be. */
export async function servedDirectory(server: OwnServer, port: number): Promise<string> {
  return withClient(server, port, async (client) => {
    const { rows } = await client.query<{ folder: string }>(
      `SELECT current_setting('data_directory') AS folder`,
    );
    return rows[0]?.folder ?? '';
  });
}

async function withClient<T>(
  server: OwnServer,
  port: number,
  use: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new Client({
    host: '127.0.0.1',
    port,
    user: superuser,
    password: server.password,
    database: 'postgres',
    connectionTimeoutMillis: connectTimeoutMs,
    ssl: false,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await use(client);
  } catch (error) {
    if ((error as { code?: string }).code !== wrongPassword) throw error;
    throw new ConfigError(
      `The database in ${server.place.clusterDir} does not accept the password in ${server.place.folder}/password; restore that file.`,
    );
  } finally {
    await client.end();
  }
}
