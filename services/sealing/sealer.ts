import type { Clock } from '#infra/clock.ts';
import { journals } from '#infra/journal.ts';
import type { Log } from '#infra/log.ts';
import { transaction, type Database, type DatabaseClient } from '#infra/postgres.ts';
import { extendChain } from './chain.ts';
import { readChainEnd, readSealable, writeSeals } from './store.ts';

/** Rows are sealed within two seconds unless an older write transaction is open. */
const sealIntervalMs = 1_000;
/** One transaction seals at most this many rows of a journal. */
const sealBatch = 1_000;

export interface Sealer extends AsyncDisposable {
  /** Seals everything that can be sealed now; returns how many rows that were. */
  seal(): Promise<number>;
}

export interface SealerOptions {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends every transaction of a leader: throws when the lease is no longer ours. */
  readonly fence: (client: DatabaseClient) => Promise<void>;
}

/** Runs the one sealer of a park (a leader by lease). */
export function startSealer({ db, clock, log, fence }: SealerOptions): Sealer {
  let running: Promise<number> = Promise.resolve(0);

  const seal = () => {
    // One after the other: two transactions must not both extend the same end.
    running = running.catch(() => 0).then(() => sealAll(db, fence));
    return running;
  };
  const timer = clock.every(sealIntervalMs, () => {
    seal().catch((error: unknown) => log.warn({ err: error }, 'sealing is waiting for the database'));
  });

  return {
    seal,
    async [Symbol.asyncDispose]() {
      timer[Symbol.dispose]();
      await seal().catch((error: unknown) =>
        log.warn({ err: error }, 'last rows stay unsealed until the next start'),
      );
    },
  };
}

async function sealAll(db: Database, fence: SealerOptions['fence']): Promise<number> {
  let sealed = 0;
  for (const journal of journals) {
    for (let more = true; more;) {
      const count = await transaction(db, async (client) => {
        const rows = await readSealable(client, journal, sealBatch);
        if (rows.length === 0) return 0;
        await writeSeals(client, journal, extendChain(journal, await readChainEnd(client, journal), rows));
        await fence(client);
        return rows.length;
      });
      sealed += count;
      more = count === sealBatch;
    }
  }
  return sealed;
}
