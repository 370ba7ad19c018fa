import type { Clock } from '#infra/clock.ts';
import type { Log } from '#infra/log.ts';
import type { StoreDialect } from '#infra/migrate.ts';
import { transaction, type Database, type DatabaseClient } from '#infra/postgres.ts';
import type { LocalCalendar } from '#schemas/local-time.ts';
import { readKnownContexts } from '#services/consumption/contexts.ts';
import { keptSamples } from '#services/consumption/store.ts';
import { isBehind, readRawKeptSince } from '#services/rollup/journal-store.ts';
import { localDay } from '#services/rollup/local-day.ts';
import { readTraits } from '#services/rollup/traits.ts';
import { compressChunks, dropChunks } from './chunks.ts';
import { writeKeptPoints } from './keep-store.ts';
import { expireKept, keepReadings } from './keep.ts';
import { chooseKnots } from './knots.ts';
import { closeLateDays } from './late.ts';
import { dropPartitions } from './partitions.ts';
import * as store from './store.ts';

export interface RetentionDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly calendar: LocalCalendar;
  readonly dialect: StoreDialect;
  /** How far back raw readings are taken in; they are kept a day longer. */
  readonly horizonDays: number;
  /** Ends every transaction of the leader. */
  readonly fence: (client: DatabaseClient) => Promise<void>;
  /** Before a statement that allows no transaction. */
  readonly check: () => Promise<void>;
  readonly signal: AbortSignal;
}

const dayMs = 86_400_000;
/** Chunks are compressed once late data have become rare. */
const compressAfterMs = 2 * dayMs;
/** Rows that the late book keeps; the oldest go first. */
const lateBookRows = 20_000;
/** Counters whose knots are kept in one transaction. */
const countersAtOnce = 50;

export interface RetentionReport {
  /** Names of the parts that were dropped. */
  readonly dropped: readonly string[];
  /** Names of the parts that the next run may drop: all they held is kept in derived rows now. */
  readonly closed: readonly string[];
}

/**
 * Drops what an earlier run closed, then closes what the horizon has passed. Between the two lies a whole interval of the
 * job, so nobody still reads raw readings of which they think that they are whole. Repeatable.
 */
export async function runRetention(deps: RetentionDeps): Promise<RetentionReport> {
  const isPlain = deps.dialect === 'plain';
  const sinceMs = await readRawKeptSince(deps.db);
  const dropped = await (isPlain
    ? dropPartitions(deps, 'reading', sinceMs)
    : dropChunks(deps, 'reading', sinceMs));
  if (!isPlain) await compressChunks(deps, 'reading', deps.clock.nowMs() - compressAfterMs);
  const todayMs = Math.floor(deps.clock.nowMs() / dayMs) * dayMs;
  const { calendar, clock, horizonDays } = deps;
  // The local day that the horizon lies in is still taken in whole; it may begin more than a day before it.
  const takenMs = calendar.startOf(calendar.dayOf(clock.nowMs() - horizonDays * dayMs));
  const untilMs = Math.min(todayMs - horizonDays * dayMs - dayMs, takenMs);
  const parts = await (isPlain ? store.readPartitions(deps.db) : store.readChunks(deps.db));
  const closed: string[] = [];
  for (const part of parts) {
    deps.signal.throwIfAborted();
    if (part.toMs > untilMs) break;
    if (part.toMs <= sinceMs) continue;
    // In order of time: what is kept ends at one instant.
    if (!(await closePart(deps, part))) break;
    closed.push(part.name);
  }
  await closeLateDays(deps);
  await store.evictLateBook(deps.db, lateBookRows);
  // Copies begin where raw readings end, and a part that is still read may make this wait and give up: so it is last.
  const expired = await expireKept(deps, await readRawKeptSince(deps.db));
  return { dropped: [...dropped, ...expired], closed };
}

/** Keeps the knots of a part, and the readings that are kept longer; false while a local day that it touches is not settled. */
async function closePart(deps: RetentionDeps, part: store.RawPart): Promise<boolean> {
  const { db, calendar } = deps;
  const days = calendar.segments(part.fromMs, part.toMs).map(({ day }) => day);
  const isFilled = await store.hasReadings(db, part);
  if (isFilled) {
    const unsettled = await store.readUnsettledDays(db, days);
    const whole = days.map((day) => localDay(calendar, day));
    const range = { fromMs: whole[0]?.fromMs ?? part.fromMs, toMs: whole.at(-1)?.toMs ?? part.toMs };
    if (unsettled.length > 0 || (await isBehind(db, range))) {
      deps.log.warn(
        { part: part.name, days: unsettled },
        'raw readings are kept longer: a day is not closed',
      );
      return false;
    }
    await keepKnots(deps, part, days);
  }
  const kept = await keepReadings(deps, { ...part, days: isFilled ? days : [] });
  await transaction(db, async (client) => {
    await writeKeptPoints(client, { pointIds: kept, fromMs: part.fromMs });
    await store.writeRawKeptSince(client, part.toMs);
    await deps.fence(client);
  });
  return true;
}

async function keepKnots(deps: RetentionDeps, part: store.RawPart, days: readonly string[]): Promise<void> {
  const traits = await readTraits(deps.db);
  const counters = (await store.readPointsOf(deps.db, days)).filter(
    (id) => traits.get(id)?.kind === 'counter',
  );
  for (let at = 0; at < counters.length; at += countersAtOnce) {
    deps.signal.throwIfAborted();
    const some = counters.slice(at, at + countersAtOnce);
    await transaction(deps.db, async (client) => {
      for (const [pointId, context] of await readKnownContexts(client, some, traits)) {
        const range = { pointId, fromMs: part.fromMs, toMs: part.toMs };
        await store.writeKnots(client, range, await chooseKnots(keptSamples(client), range, context));
      }
      await deps.fence(client);
    });
  }
}
