import type { Clock } from '#infra/clock.ts';
import type { Log } from '#infra/log.ts';
import { transaction, type Database, type DatabaseClient } from '#infra/postgres.ts';
import type { LocalCalendar } from '#schemas/local-time.ts';
import { runConsumptionDays, type DaysReport } from '#services/consumption/day-job.ts';
import { mergeLateSamples } from '#services/consumption/late.ts';
import { noteBucket } from '#services/consumption/day-store.ts';
import { quarterMs, runningFrom, type DirtyBucket } from './buckets.ts';
import { packCells, readOldestUnpacked, readUnpacked, writeCells, type MeanKinds } from './cell-store.ts';
import { closeDays, isDue, refreshFacts } from './days.ts';
import { foldRunningRows, readRawKeptSince, takeDirtyBuckets } from './journal-store.ts';
import { readLatePoints } from './late-store.ts';
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
  /** How long a stretch without a sample is whose days of consumption are not kept; for tests. */
  readonly longGapMs?: number;
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
  await mergeLateSamples(deps, traits);
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
      const late = await latePointsOf(client, deps, dirty);
      for (const { bucketMs, pointIds } of dirty) {
        const means = meanKinds(await traits());
        const range = { fromMs: bucketMs, toMs: bucketMs + quarterMs };
        const { ofLate, others } = partPoints(pointIds, late(bucketMs));
        if (ofLate.length > 0) {
          await writeCells(client, { ...range, pointIds: ofLate, means }, 'reading_late');
          await noteBucket(client, { ...range, pointIds: ofLate }, 'late-book');
        }
        if (others?.length === 0) continue;
        if (bucketMs < keptSinceMs) {
          // What stands was made from all readings; what is left of them must not replace it.
          deps.log.warn({ bucketMs }, 'a bucket whose raw readings were dropped stays as it is');
          continue;
        }
        await writeCells(client, { ...range, pointIds: others, means });
        await noteBucket(client, { ...range, pointIds: others });
      }
      await deps.fence(client);
      return dirty.length;
    });
    written += count;
    more = count === bucketsAtOnce;
  }
  return written;
}

/** Of which points late readings are kept that day, by bucket; only buckets of days that are over ask. */
async function latePointsOf(
  client: DatabaseClient,
  { calendar, clock }: JobDeps,
  dirty: readonly DirtyBucket[],
): Promise<(bucketMs: number) => ReadonlySet<number>> {
  const todayMs = calendar.startOf(calendar.dayOf(runningFrom(clock.nowMs())));
  const older = dirty.filter(({ bucketMs }) => bucketMs < todayMs);
  if (older.length === 0) return () => none;
  const days = new Map(older.map(({ bucketMs }) => [bucketMs, calendar.dayOf(bucketMs)]));
  const points = await readLatePoints(client, [...new Set(days.values())]);
  return (bucketMs) => points.get(days.get(bucketMs) ?? '') ?? none;
}

const none: ReadonlySet<number> = new Set();

/** Points of a bucket whose readings came late, and the others; null is all. Pure. */
function partPoints(pointIds: readonly number[] | null, late: ReadonlySet<number>) {
  if (pointIds === null) return { ofLate: [...late], others: null };
  return {
    ofLate: pointIds.filter((id) => late.has(id)),
    others: pointIds.filter((id) => !late.has(id)),
  };
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
          const late = (await readLatePoints(client, [day.day])).get(day.day) ?? none;
          const whole = day.fromMs >= keptSinceMs ? pointIds : pointIds.filter((id) => late.has(id));
          if (whole.length > 0) await refreshFacts(client, day, { pointIds: whole, traits: await traits() });
          if (whole.length < pointIds.length)
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
