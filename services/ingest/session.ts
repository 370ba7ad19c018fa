import { Socket } from 'node:net';
import { Client } from 'pg';
import type { Log } from '#infra/log.ts';
import { endOtherSessions, openSession } from './store.ts';

/** A dedicated connection of the writer. */
export interface Session {
  readonly client: Client;
  /** False once the connection is known to be gone. */
  readonly alive: boolean;
  /** Cuts the connection at once; whatever runs on it rejects. */
  destroy(): void;
  /** Says goodbye. */
  close(): Promise<void>;
}

const connectTimeoutMs = 10_000;
/** A statement of ours takes milliseconds; what takes this long stands behind something that must be given up. */
const statementTimeoutMs = 30_000;
const lockTimeoutMs = 10_000;
/** The server gives up the transaction of a writer that froze or was cut off. */
const idleTransactionTimeoutMs = 30_000;

export interface SessionOptions {
  readonly url: string;
  /** In pg_stat_activity; unique to the lane of one writer. */
  readonly name: string;
  readonly log: Log;
}

/** Connects and prepares a session; see {@link prepareSession}. */
export async function connectSession(options: SessionOptions): Promise<Session> {
  const socket = new Socket();
  const client = new Client({
    connectionString: options.url,
    application_name: options.name,
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    lock_timeout: lockTimeoutMs,
    idle_in_transaction_session_timeout: idleTransactionTimeoutMs,
    keepAlive: true,
    // Statements of a flush go out together, without waiting for each other's answers.
    pipeline: true,
    stream: () => socket,
  });
  let alive = true;
  client.on('error', (error) => {
    alive = false;
    options.log.warn({ err: error }, 'the connection of the writer was lost');
  });
  client.on('end', () => {
    alive = false;
  });
  const session: Session = {
    client,
    get alive() {
      return alive;
    },
    destroy() {
      alive = false;
      socket.destroy();
    },
    async close() {
      if (!alive) return;
      alive = false;
      await client.end();
    },
  };
  try {
    await client.connect();
    await prepareSession(client, options.name);
    return session;
  } catch (error) {
    session.destroy();
    throw error;
  }
}

/** Ends an earlier session of the same name first, so that it cannot hold rows, then sets this one up. */
export async function prepareSession(client: Client, name: string): Promise<void> {
  await endOtherSessions(client, name);
  await openSession(client);
}
