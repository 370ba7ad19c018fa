import { makeKeptPartition } from '#infra/partitions.ts';
import { transaction, type DatabaseClient } from '#infra/postgres.ts';
import { shiftDay, type LocalCalendar } from '#schemas/local-time.ts';
import { compressChunks, dropChunks } from './chunks.ts';
import type { RetentionDeps } from './job.ts';
import { dropPartitions, withSession } from './partitions.ts';
import * as store from './keep-store.ts';
import type { RawPart } from './store.ts';

/** Readings and points of one transaction that copies, about; a day of one point is never cut. */
const rowsAtOnce = 200_000;
const pointsAtOnce = 1_000;
/** Points, and time, of one transaction that deletes. */
const pointsGoing = 50;
const goingMs = 86_400_000;
const dayMs = 86_400_000;

/**
 * Copies what a part holds of classes that are kept longer than the horizon. Repeatable.
 * @param part.days local days that it touches; none when it holds nothing
 * @returns the points of these classes, whether they have readings in it or not
 */
export async function keepReadings(
  deps: RetentionDeps,
  part: RawPart & { readonly days: readonly string[] },
): Promise<number[]> {
  const { db } = deps;
  const pointIds = await store.readPointsOfClasses(db, [...(await longerKeeps(deps)).keys()]);
  if (pointIds.length === 0) return [];
  await preparePartition(deps, part.fromMs);
  const counts = part.days.length === 0 ? [] : await store.countReadings(db, { pointIds, days: part.days });
  for (const some of batchesOf(counts)) {
    deps.signal.throwIfAborted();
    await transaction(db, async (client) => {
      await store.copyReadings(client, { ...part, pointIds: some });
      await deps.fence(client);
    });
  }
  return pointIds;
}

/** Makes the partition of copies that an instant lies in, where there are any. */
export async function preparePartition({ db, dialect }: RetentionDeps, timeMs: number): Promise<void> {
  if (dialect === 'plain') await withSession(db, (session) => makeKeptPartition(session, timeMs));
}

/** Points by the readings that one transaction copies. Pure. */
export function batchesOf(counts: readonly { pointId: number; count: number }[]): number[][] {
  const batches: number[][] = [];
  let rows = Infinity;
  for (const { pointId, count } of counts) {
    const last = batches.at(-1);
    if (last === undefined || rows + count > rowsAtOnce || last.length === pointsAtOnce) {
      batches.push([pointId]);
      rows = count;
    } else {
      last.push(pointId);
      rows += count;
    }
  }
  return batches;
}

/** Classes that are kept longer than the horizon, with their days. */
async function longerKeeps({
  db,
  horizonDays,
}: Pick<RetentionDeps, 'db' | 'horizonDays'>): Promise<Map<string, number>> {
  const keeps = await store.readKeeps(db);
  return new Map(
    keeps.flatMap((keep): [string, number][] =>
      keep.days !== null && keep.days > horizonDays ? [[keep.class, keep.days]] : [],
    ),
  );
}

/** Nothing before this is asked for any more: a day is kept longer than it is answered, as raw readings are. */
function cutOf({ calendar, nowMs }: { calendar: LocalCalendar; nowMs: number }, days: number): number {
  return calendar.startOf(shiftDay(calendar.dayOf(nowMs - days * dayMs), -1));
}

/**
 * Lets go of copies that their class keeps no longer: parts that nobody needs as a whole, readings of other classes in
 * batches. What is kept the longest goes with its parts alone, up to a part's length later. Repeatable.
 * @param sinceMs copies end here
 * @returns names of the parts that were dropped
 */
export async function expireKept(deps: RetentionDeps, sinceMs: number): Promise<string[]> {
  if (sinceMs === -Infinity) return [];
  const { db, calendar, clock, fence } = deps;
  const longer = await longerKeeps(deps);
  const cuts = [...longer].map(([name, days]) => ({
    class: name,
    cutMs: cutOf({ calendar, nowMs: clock.nowMs() }, days),
  }));
  const oldestMs = Math.min(...cuts.map(({ cutMs }) => cutMs));
  // First nobody relies on them, then they go.
  const advanced = await transaction(db, async (client) => {
    const changed = await store.advanceKept(client, cuts);
    await fence(client);
    return changed;
  });
  const due = advanced.filter(({ cutMs }) => cutMs > oldestMs && cutMs < Infinity);
  for (const [cutMs, points] of Map.groupBy(due, (point) => point.cutMs)) {
    const pointIds = points.map(({ pointId }) => pointId);
    await deleteCopies(deps, { pointIds, toMs: cutMs });
  }
  await forget(deps, { sinceMs, isNothingKept: cuts.length === 0 });
  const untilMs = Math.min(await store.readOldestKept(db), sinceMs);
  if (deps.dialect === 'plain') return dropPartitions(deps, 'reading_kept', untilMs);
  const dropped = await dropChunks(deps, 'reading_kept', untilMs);
  await compressChunks(deps, 'reading_kept', sinceMs);
  return dropped;
}

/** Lets go of points that are kept no longer; where none is, their copies go with the parts. */
async function forget(
  deps: RetentionDeps,
  { sinceMs, isNothingKept }: { sinceMs: number; isNothingKept: boolean },
): Promise<void> {
  const forgotten = await store.readForgotten(deps.db);
  for (let at = 0; at < forgotten.length; at += pointsGoing) {
    const pointIds = forgotten.slice(at, at + pointsGoing);
    if (!isNothingKept) await deleteCopies(deps, { pointIds, toMs: sinceMs });
    await fenced(deps, (client) => store.dropForgotten(client, pointIds));
  }
}

async function deleteCopies(
  deps: RetentionDeps,
  { pointIds, toMs }: { pointIds: readonly number[]; toMs: number },
): Promise<void> {
  for (let at = 0; at < pointIds.length; at += pointsGoing) {
    const some = pointIds.slice(at, at + pointsGoing);
    for (;;) {
      deps.signal.throwIfAborted();
      const fromMs = await store.readOldestCopy(deps.db, { pointIds: some, beforeMs: toMs });
      if (fromMs === null) break;
      // Times are kept to the microsecond: the oldest may lie a part of a millisecond before.
      const range = {
        pointIds: some,
        fromMs: Math.floor(fromMs) - 1,
        toMs: Math.min(fromMs + goingMs, toMs),
      };
      await fenced(deps, async (client) => {
        await store.allowCompressed(client, deps.dialect);
        await store.deleteCopies(client, range);
      });
    }
  }
}

function fenced(deps: RetentionDeps, work: (client: DatabaseClient) => Promise<void>): Promise<void> {
  return transaction(deps.db, async (client) => {
    await work(client);
    await deps.fence(client);
  });
}
