import type { Clock } from '#infra/clock.ts';
import type { Log } from '#infra/log.ts';
import { transaction, type Database, type DatabaseClient } from '#infra/postgres.ts';
import type { LocalCalendar } from '#schemas/local-time.ts';
import { runConsumptionDays, type DaysReport } from '#services/consumption/day-job.ts';
import { noteBucket } from '#services/consumption/day-store.ts';
import { quarterMs, runningFrom } from './buckets.ts';
import { packCells, readOldestUnpacked, readUnpacked, writeCells, type MeanKinds } from './cell-store.ts';
import { closeDays, isDue, refreshFacts } from './days.ts';
import { foldRunningRows, readRawKeptSince, takeDirtyBuckets } from './journal-store.ts';
import { localDay, pointsAtOnce } from './local-day.ts';
import { readTraits, type PointTraits, type Traits } from './traits.ts';

export interface JobDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly calendar: LocalCalendar;
  /** Ends every transaction of the leader. */
  readonly fence: (client: DatabaseClient) => Promise<void>;
  /** Aborted when the leader must stop; checked between transactions. */
  readonly signal: AbortSignal;
  /** How long a closed day that changed waits for its next version; for tests. */
  readonly quietMs?: number;
  /** Whether counters that reported on time are looked at too; always when left out. */
  readonly isQuarterDue?: () => boolean;
}

/** Buckets of one transaction; a bare one may stand for every point of the park. */
const bucketsAtOnce = 8;

/** What one run did. */
export interface RunReport {
  readonly buckets: number;
  /** Point-days packed. */
  readonly packed: number;
  /** Rows that the journal `days` got. */
  readonly sealed: number;
  /** Days of counters whose consumption was computed. */
  readonly days: DaysReport;
}

/** Brings cells, packed days and closed days up to the journal as it stands. Repeatable: it may stop anywhere and run again. */
export async function runRollup(deps: JobDeps): Promise<RunReport> {
  let known: Promise<Traits> | undefined;
  // Most runs find nothing to do: the points are read when they are needed.
  const traits = () => (known ??= readTraits(deps.db));
  const buckets = await writeDirtyBuckets(deps, traits);
  await transaction(deps.db, async (client) => {
    await foldRunningRows(client, runningFrom(deps.clock.nowMs()));
    await deps.fence(client);
  });
  const packed = await packDays(deps, traits);
  const sealed = await closeDays(deps, traits);
  const days = await runConsumptionDays(deps, traits, deps.isQuarterDue?.() ?? true);
  return { buckets, packed, sealed, days };
}

/** The points of which means are formed otherwise than by adding up. */
export function meanKinds(traits: Traits): MeanKinds {
  const ofKind = (mean: PointTraits['mean']) =>
    [...traits.values()].filter((point) => point.mean === mean).map(({ pointId }) => pointId);
  return { energy: ofKind('energy'), circular: ofKind('circular') };
}

async function writeDirtyBuckets(deps: JobDeps, traits: () => Promise<Traits>): Promise<number> {
  const keptSinceMs = await readRawKeptSince(deps.db);
  let written = 0;
  for (let more = true; more;) {
    deps.signal.throwIfAborted();
    const count = await transaction(deps.db, async (client) => {
      const beforeMs = runningFrom(deps.clock.nowMs());
      const dirty = await takeDirtyBuckets(client, { beforeMs, most: bucketsAtOnce });
      for (const { bucketMs, pointIds } of dirty) {
        if (bucketMs < keptSinceMs) {
          // What stands was made from all readings; what is left of them must not replace it.
          deps.log.warn({ bucketMs }, 'a bucket whose raw readings were dropped stays as it is');
          continue;
        }
        const means = meanKinds(await traits());
        const bucket = { fromMs: bucketMs, toMs: bucketMs + quarterMs, pointIds };
        await writeCells(client, { ...bucket, means });
        await noteBucket(client, bucket);
      }
      await deps.fence(client);
      return dirty.length;
    });
    written += count;
    more = count === bucketsAtOnce;
  }
  return written;
}

/** Packs the cells of local days that are over, and keeps the facts of those whose facts stand. */
async function packDays(deps: JobDeps, traits: () => Promise<Traits>): Promise<number> {
  const { db, calendar, clock } = deps;
  const keptSinceMs = await readRawKeptSince(db);
  let packed = 0;
  for (;;) {
    const todayMs = calendar.startOf(calendar.dayOf(runningFrom(clock.nowMs())));
    const oldestMs = await readOldestUnpacked(db, todayMs);
    if (oldestMs === null) return packed;
    const day = localDay(calendar, calendar.dayOf(oldestMs));
    for (;;) {
      deps.signal.throwIfAborted();
      const pointIds = await readUnpacked(db, { ...day, most: pointsAtOnce });
      if (pointIds.length === 0) break;
      await transaction(db, async (client) => {
        await packCells(client, day, pointIds);
        if (isDue(day, clock.nowMs())) {
          if (day.fromMs >= keptSinceMs)
            await refreshFacts(client, day, { pointIds, traits: await traits() });
          else
            deps.log.warn(
              { day: day.day },
              'facts of a day whose raw readings were dropped stay as they are',
            );
        }
        await deps.fence(client);
      });
      packed += pointIds.length;
    }
  }
}
