import { Client } from 'pg';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';

/** Limits of the numbers that processes of one role take. */
export const processNumberLimits = {
  /** More processes of a role than this are a mistake. */
  numbers: 64,
  /** How often a lost session tries to have its number back. */
  retryMs: 5_000,
  /** After about 30 s without an answer the server ends a session whose machine has vanished. */
  vanishedSession: '-c tcp_keepalives_idle=15 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3',
} as const;

/** First key of the advisory locks; the second is the number. */
const lockSpace = 0x70_77_69_6e;

/** A number that no other process of this park's ingest has while we run, and the same after a restart. */
export interface ProcessNumber extends AsyncDisposable {
  readonly number: number;
}

/**
 * Takes the lowest free number from 1. It is a lock of a database session, so a killed process gives its number back at
 * once and finds it again when it restarts: what an MQTT session holds is delivered only to the client id it had.
 * While the database is away nobody can take it; afterwards we take it again.
 * @throws Error when the database cannot be reached, or all numbers are taken
 */
export async function takeProcessNumber(options: {
  readonly databaseUrl: string;
  readonly clock: Clock;
  readonly log: Log;
}): Promise<ProcessNumber> {
  const { databaseUrl, clock, log } = options;
  const stopping = new AbortController();
  let session = await openSession(databaseUrl);
  const number = await lowestFree(session);
  log.debug({ number }, 'this process has its number');

  const watch = () => {
    session.once('error', () => void takeAgain());
    // A session that ends says so twice.
    session.on('error', (error) => log.debug({ err: error }, 'the session of the process number ended'));
  };
  const takeAgain = async () => {
    while (!stopping.signal.aborted) {
      try {
        await clock.sleep(processNumberLimits.retryMs, stopping.signal);
        session = await openSession(databaseUrl);
        watch();
        if (await tryLock(session, number)) return;
        log.error(
          { number },
          'another process has taken the number of this one meanwhile: restart this process',
        );
        return;
      } catch (error) {
        log.debug({ err: error }, 'the number of this process is not held yet');
      }
    }
  };
  watch();
  return {
    number,
    async [Symbol.asyncDispose]() {
      stopping.abort(new Error('stopping'));
      await session.end().catch(() => undefined);
    },
  };
}

async function openSession(connectionString: string): Promise<Client> {
  const session = new Client({
    connectionString,
    application_name: 'parkwatch-number',
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    options: processNumberLimits.vanishedSession,
  });
  await session.connect();
  return session;
}

async function lowestFree(session: Client): Promise<number> {
  for (let number = 1; number <= processNumberLimits.numbers; number++) {
    if (await tryLock(session, number)) return number;
  }
  await session.end();
  throw new Error(`all ${processNumberLimits.numbers} process numbers are taken`);
}

async function tryLock(session: Client, number: number): Promise<boolean> {
  const { rows } = await session.query<{ taken: boolean }>('select pg_try_advisory_lock($1, $2) as taken', [
    lockSpace,
    number,
  ]);
  return rows[0]?.taken === true;
}
