import type { Clock } from '#infra/clock.ts';
import type { Log } from '#infra/log.ts';
import { transaction, type Database, type DatabaseClient } from '#infra/postgres.ts';
import type { LocalCalendar } from '#schemas/local-time.ts';
import { runConsumptionDays, type DaysReport } from '#services/consumption/day-job.ts';
import { mergeLateSamples } from '#services/consumption/late.ts';
import { noteBucket } from '#services/consumption/day-store.ts';
import { quarterMs, runningFrom } from './buckets.ts';
import { packCells, readOldestUnpacked, readUnpacked, writeCells } from './cell-store.ts';
import { closeDays, isDue, refreshFacts } from './days.ts';
import { foldRunningRows, readRawKeptSince, takeDirtyBuckets } from './journal-store.ts';
import { readLatePoints } from './late-store.ts';
import { localDay, pointsAtOnce, type LocalDay } from './local-day.ts';
import { writePastBuckets } from './past.ts';
import { startSweep, type Sweep } from './sweep.ts';
import { meanKinds, readTraits, type Traits } from './traits.ts';

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
/** Of one turn: as many as a day has at most. */
const bucketsATurn = 104;
/** Portions of {@link pointsAtOnce} points packed from cells in one turn. */
const portionsATurn = 10;
/**
 * Days of consumption of a counter wait while readings older than the horizon come to it: each would change all days behind
 * it. Nothing is stale meanwhile; they are computed for whoever asks.
 */
const busyMs = 2 * 60_000;
/** Longer than anybody asks whether late readings came. */
const forgetMs = 60 * 60_000;

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

/** What one turn did. */
export interface TurnReport extends RunReport {
  /** Whether it left work that it could have gone on with. */
  readonly more: boolean;
}

/** Brings cells, packed days and closed days up to the journal as it stands. Repeatable: it may stop anywhere and run again. */
export async function runRollup(deps: JobDeps): Promise<RunReport> {
  // Who asks for everything waits for nothing.
  const sweep = { ...startSweep(), note: () => undefined };
  return inTurn(() => runTurn(deps, sweep));
}

/** Turn after turn while there is work; what comes meanwhile is taken in its turn. */
export async function inTurn(turn: () => Promise<TurnReport>): Promise<RunReport> {
  for (let done: RunReport = nothing; ;) {
    const { more, ...did } = await turn();
    done = added(done, did);
    if (!more) return done;
  }
}

/**
 * One turn of everything that waits, each kind of work up to a bound: what runs now waits for no back-fill, and days are
 * packed and closed while one still comes in.
 */
export async function runTurn(deps: JobDeps, sweep: Sweep): Promise<TurnReport> {
  let known: Promise<Traits> | undefined;
  // Most turns find nothing to do: the points are read when they are needed.
  const traits = () => (known ??= readTraits(deps.db));
  const running = await writeDirtyBuckets(deps, traits);
  await transaction(deps.db, async (client) => {
    await foldRunningRows(client, runningFrom(deps.clock.nowMs()));
    await deps.fence(client);
  });
  const past = await writePastBuckets(deps, traits, sweep);
  const days = await packDays(deps, traits);
  const closed = await closeDays(deps, traits, sweep);
  await mergeLateSamples(deps, traits);
  const consumption = await runConsumptionDays(deps, traits, {
    isQuarterDue: deps.isQuarterDue?.() ?? true,
    busy: sweep.busyPoints(deps.clock.nowMs() - busyMs),
    isBeside: past.more || days.more,
  });
  sweep.forget(deps.clock.nowMs() - forgetMs);
  return {
    buckets: running.buckets + past.buckets,
    packed: past.packed + days.packed,
    sealed: closed.sealed,
    days: consumption,
    more: running.more || past.more || days.more || closed.more || consumption.more,
  };
}

/** Of no turn. */
const nothing: RunReport = {
  buckets: 0,
  packed: 0,
  sealed: 0,
  days: { kept: 0, renewed: 0, more: false },
};

function added(a: RunReport, b: RunReport): RunReport {
  const days = {
    kept: a.days.kept + b.days.kept,
    renewed: a.days.renewed + b.days.renewed,
    more: b.days.more,
  };
  return { buckets: a.buckets + b.buckets, packed: a.packed + b.packed, sealed: a.sealed + b.sealed, days };
}

/** Makes the cells of the local day that runs. */
async function writeDirtyBuckets(
  deps: JobDeps,
  traits: () => Promise<Traits>,
): Promise<{ buckets: number; more: boolean }> {
  let buckets = 0;
  while (buckets < bucketsATurn) {
    deps.signal.throwIfAborted();
    const count = await transaction(deps.db, async (client) => {
      const beforeMs = runningFrom(deps.clock.nowMs());
      const fromMs = deps.calendar.startOf(deps.calendar.dayOf(beforeMs));
      const dirty = await takeDirtyBuckets(client, { fromMs, beforeMs, most: bucketsAtOnce });
      for (const { bucketMs, pointIds } of dirty) {
        const range = { fromMs: bucketMs, toMs: bucketMs + quarterMs, pointIds };
        await writeCells(client, { ...range, means: meanKinds(await traits()) });
        await noteBucket(client, range);
      }
      await deps.fence(client);
      return dirty.length;
    });
    buckets += count;
    if (count < bucketsAtOnce) return { buckets, more: false };
  }
  return { buckets, more: true };
}

/** Packs the cells of local days that are over, and keeps the facts of those whose facts stand. */
async function packDays(
  deps: JobDeps,
  traits: () => Promise<Traits>,
): Promise<{ packed: number; more: boolean }> {
  const { db, calendar, clock } = deps;
  const keptSinceMs = await readRawKeptSince(db);
  let packed = 0;
  for (let portion = 0; portion < portionsATurn;) {
    const todayMs = calendar.startOf(calendar.dayOf(runningFrom(clock.nowMs())));
    const oldestMs = await readOldestUnpacked(db, todayMs);
    if (oldestMs === null) return { packed, more: false };
    const day = localDay(calendar, calendar.dayOf(oldestMs));
    // Asked once: which points a day has takes a look at all of its cells.
    const unpacked = await readUnpacked(db, { ...day, most: pointsAtOnce * (portionsATurn - portion) });
    for (let at = 0; at < unpacked.length; at += pointsAtOnce, portion++) {
      deps.signal.throwIfAborted();
      const pointIds = unpacked.slice(at, at + pointsAtOnce);
      await packPortion(deps, { day, pointIds, keptSinceMs, traits: await traits() });
      packed += pointIds.length;
    }
  }
  return { packed, more: true };
}

async function packPortion(
  deps: JobDeps,
  of: {
    readonly day: LocalDay;
    readonly pointIds: readonly number[];
    readonly keptSinceMs: number;
    readonly traits: Traits;
  },
): Promise<void> {
  const { day, pointIds, keptSinceMs, traits } = of;
  await transaction(deps.db, async (client) => {
    await packCells(client, day, pointIds);
    if (isDue(day, deps.clock.nowMs())) {
      const isWhole = day.fromMs >= keptSinceMs;
      const late = isWhole ? null : await readLatePoints(client, { days: [day.day], pointIds });
      const whole = isWhole ? pointIds : pointIds.filter((id) => late?.get(day.day)?.has(id) === true);
      if (whole.length > 0) await refreshFacts(client, day, { pointIds: whole, traits });
      if (whole.length < pointIds.length)
        deps.log.warn({ day: day.day }, 'facts of a day whose raw readings were dropped stay as they are');
    }
    await deps.fence(client);
  });
}
