import { transaction, type DatabaseClient } from '#infra/postgres.ts';
import { noteBucket } from '#services/consumption/day-store.ts';
import { quarterMs, runningFrom, type DirtyBucket } from './buckets.ts';
import { packRaw, writeCells } from './cell-store.ts';
import { isDue, refreshFacts } from './days.ts';
import type { JobDeps } from './job.ts';
import { readNextDirty, readRawKeptSince, takeDirtyOfDay } from './journal-store.ts';
import { readLatePoints } from './late-store.ts';
import { localDay, pointsAtOnce, type LocalDay } from './local-day.ts';
import type { Sweep } from './sweep.ts';
import { meanKinds, type Traits } from './traits.ts';

/**
 * Buckets of local days that are over and changed since: a back-fill, a box that was away, a correction. Readings that came
 * when they were older than the horizon are packed straight from where they lie, whole days of many points at once; of
 * others only the changed cells are made, and packed with the rest of their day.
 */

/** Portions of one turn: what runs now must not wait for a year of history. */
const portionsATurn = 8;
/** Changed cells of one portion, by which its transaction and its memory are bounded. */
const cellsAtOnce = 20_000;
/** Rows of the journal that one portion looks at. */
const rowsAtOnce = 2_000;

interface PastReport {
  readonly buckets: number;
  /** Days of points packed. */
  readonly packed: number;
  /** Whether more is left for the next turn. */
  readonly more: boolean;
}

/** Goes on behind the day where the turn before ended, so that no day waits for one that always changes. */
export async function writePastBuckets(
  deps: JobDeps,
  traits: () => Promise<Traits>,
  sweep: Sweep,
): Promise<PastReport> {
  const keptSinceMs = await readRawKeptSince(deps.db);
  let [buckets, packed] = [0, 0];
  for (let portion = 0; portion < portionsATurn; portion++) {
    deps.signal.throwIfAborted();
    const todayMs = deps.calendar.startOf(deps.calendar.dayOf(runningFrom(deps.clock.nowMs())));
    const oldestMs = await readNextDirty(deps.db, { fromMs: sweep.fromMs, beforeMs: todayMs });
    if (oldestMs === null) {
      const isRound = sweep.fromMs === -Infinity;
      sweep.fromMs = -Infinity;
      if (isRound) return { buckets, packed, more: false };
      continue;
    }
    const day = localDay(deps.calendar, deps.calendar.dayOf(oldestMs));
    const done = await writePortion(deps, { day, keptSinceMs, traits: await traits() });
    buckets += done.buckets;
    packed += done.packed;
    if (done.packed > 0) sweep.note(day.day, done.latePoints, deps.clock.nowMs());
    if (done.isAll) sweep.fromMs = day.toMs;
  }
  return { buckets, packed, more: true };
}

interface OfDay {
  readonly day: LocalDay;
  readonly keptSinceMs: number;
  readonly traits: Traits;
}

function writePortion(deps: JobDeps, of: OfDay) {
  const { day, traits } = of;
  return transaction(deps.db, async (client) => {
    const { dirty, isAll } = await takeDirtyOfDay(client, {
      ...day,
      mostCells: cellsAtOnce,
      mostRows: rowsAtOnce,
    });
    const named = [...new Set(dirty.flatMap(({ pointIds }) => pointIds ?? []))];
    const isBare = dirty.some(({ pointIds }) => pointIds === null);
    const late = await readLatePoints(client, { days: [day.day], pointIds: isBare ? null : named });
    const ofLate = late.get(day.day) ?? new Set<number>();
    const changed = [...ofLate].toSorted((a, b) => a - b);
    for (let at = 0; at < changed.length; at += pointsAtOnce) {
      await packLate(client, deps, { day, traits, pointIds: changed.slice(at, at + pointsAtOnce) });
    }
    if (changed.length > 0) {
      const [fromMs, toMs] = [
        dirty[0]?.bucketMs ?? day.fromMs,
        (dirty.at(-1)?.bucketMs ?? day.toMs) + quarterMs,
      ];
      await noteBucket(client, { fromMs, toMs, pointIds: changed }, 'late-book');
    }
    for (const bucket of dirty) await writeOthers(client, deps, { ...of, bucket, ofLate });
    await deps.fence(client);
    return { buckets: dirty.length, packed: changed.length, latePoints: changed, isAll };
  });
}

/** All that is known of such a day of a point lies in the table of late readings. */
async function packLate(
  client: DatabaseClient,
  { clock }: JobDeps,
  of: { readonly day: LocalDay; readonly traits: Traits; readonly pointIds: readonly number[] },
): Promise<void> {
  const { day, traits, pointIds } = of;
  const points = pointIds.map((pointId) => {
    const mean = traits.get(pointId)?.mean;
    return { pointId, isEnergy: mean === 'energy', isCircular: mean === 'circular' };
  });
  await packRaw(client, day, { points, table: 'reading_late' });
  if (isDue(day, clock.nowMs())) await refreshFacts(client, day, { pointIds, traits, table: 'reading_late' });
}

async function writeOthers(
  client: DatabaseClient,
  deps: JobDeps,
  of: OfDay & { readonly bucket: DirtyBucket; readonly ofLate: ReadonlySet<number> },
): Promise<void> {
  const { bucket, ofLate, keptSinceMs, traits } = of;
  const { bucketMs } = bucket;
  const pointIds = bucket.pointIds === null ? null : bucket.pointIds.filter((id) => !ofLate.has(id));
  if (pointIds?.length === 0) return;
  if (bucketMs < keptSinceMs) {
    // What stands was made from all readings; what is left of them must not replace it.
    deps.log.warn({ bucketMs }, 'a bucket whose raw readings were dropped stays as it is');
    return;
  }
  const range = { fromMs: bucketMs, toMs: bucketMs + quarterMs };
  await writeCells(client, { ...range, pointIds, means: meanKinds(traits) });
  await noteBucket(client, { ...range, pointIds });
}
