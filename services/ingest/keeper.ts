import type { Clock } from '#infra/clock.ts';
import type { Log } from '#infra/log.ts';
import { makePartitions } from '#infra/partitions.ts';
import { transaction, type Database } from '#infra/postgres.ts';
import { limits } from '#schemas/limits.ts';
import { enterEvicted } from './flush.ts';
import { TallyBook } from './ledger.ts';
import { evictByAge, evictBySize, evictRejections, rejectionRows } from './store-books.ts';
import { foldSequences } from './store-sequences.ts';
import { addToLedger } from './store.ts';

/** Entries of the ledger that are no connection's: what keepers and adoption move. */
export const keeperLane = -1;

const partitionsEveryMs = 3_600_000;
const booksEveryMs = 60_000;
/** The rarer, the more numbers of a device are merged at once; who reads meanwhile merges them for himself. */
const sequencesEveryMs = 5_000;

export interface KeeperDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
}

/** Makes the day partitions ahead of the readings (plain PostgreSQL only); several processes may. */
export function startPartitionKeeper(deps: KeeperDeps): AsyncDisposable {
  return repeat(deps, {
    everyMs: partitionsEveryMs,
    task: () => makePartitions(deps.db),
    failure: 'partitions could not be made; tried again in an hour',
  });
}

/** Keeps the rejection and discovery books within their limits while nothing arrives. */
export function startBookKeeper(deps: KeeperDeps): AsyncDisposable {
  return repeat(deps, {
    everyMs: booksEveryMs,
    task: () => tidyBooks(deps),
    failure: 'the books could not be tidied; tried again in a minute',
  });
}

/** Merges the sequence numbers that flushes have heard into what is known of the devices; several processes may. */
export function startSequenceKeeper(deps: KeeperDeps): AsyncDisposable {
  return repeat(deps, {
    everyMs: sequencesEveryMs,
    task: () => foldSequences(deps.db),
    failure: 'sequence numbers could not be merged; tried again in five seconds',
  });
}

/** Lets go of what is too old or too much; what leaves the discoveries is counted. */
export async function tidyBooks({ db, clock }: Pick<KeeperDeps, 'db' | 'clock'>): Promise<void> {
  await evictRejections(db, rejectionRows);
  await transaction(db, async (client) => {
    const book = new TallyBook();
    enterEvicted(book, await evictByAge(client, clock.nowMs() - limits.discoveryKeepMs));
    enterEvicted(book, await evictBySize(client, limits.discoveryBytes));
    if (book.bySource.size > 0) await addToLedger(client, keeperLane, book);
  });
}

function repeat(
  { clock, log }: KeeperDeps,
  job: { everyMs: number; task: () => Promise<unknown>; failure: string },
): AsyncDisposable {
  let running: Promise<unknown> | null = null;
  const timer = clock.every(job.everyMs, () => {
    running ??= job
      .task()
      .catch((error: unknown) => log.warn({ err: error }, job.failure))
      .finally(() => {
        running = null;
      });
  });
  return {
    async [Symbol.asyncDispose]() {
      timer[Symbol.dispose]();
      await running;
    },
  };
}
