import type { Client } from 'pg';
import type { ReadingFrame } from '#infra/bus.ts';
import { limits } from '#schemas/limits.ts';
import { touchedBuckets } from '#services/rollup/buckets.ts';
import type { Books, StatusEntry } from './books.ts';
import { fold } from './fold.ts';
import type { Stand, Standing } from './fold.ts';
import { countRejected, discoveryFullReason, type TallyBook } from './ledger.ts';
import { LateArrivals, type ReadingPlan, type StagedKey } from './plan.ts';
import * as books from './store-books.ts';
import * as store from './store.ts';

/** Another process changed a row between our reading and our writing it: the flush is done again from the start. */
export class FlushConflict extends Error {
  override readonly name = 'FlushConflict';
}

/** One flush, decided; what is left is to write it. */
export interface Flush {
  readonly key: store.FlushKey;
  readonly plan: ReadingPlan;
  readonly books: Books;
  /** The statuses worth a write now. */
  readonly statuses: readonly StatusEntry[];
  /** Whether staged keys are likely to be new, all of them: late data, not a replay. */
  readonly expectNew: boolean;
  /** Start of the park's current local day, epoch µs. */
  readonly todayUs: number;
  /** Start of the earliest 15-minute bucket that counts as running, epoch ms. */
  readonly runningFromMs: number;
  /** Whether the oldest rows of the books should make room in passing. */
  readonly tidy: { readonly rejections: boolean; readonly discoveries: boolean };
}

/** What a committed flush means for everybody else. */
export interface FlushOutcome {
  readonly book: TallyBook;
  /** New and corrected readings. */
  readonly frame: ReadingFrame;
  readonly stagedReadings: number;
  /** How many staged keys existed. */
  readonly existing: number;
}

/**
 * Writes a flush in one transaction: readings, revisions, corrections, late arrivals, the buckets that rollups must
 * make again, events, books and ledger stand or fall together.
 * @param onReady told the outcome before COMMIT is sent: when the reply is lost, it is the outcome if the flush stands
 * @returns false when the flush was committed by an earlier attempt
 */
export async function runFlush(
  client: Client,
  flush: Flush,
  onReady: (outcome: FlushOutcome) => void,
): Promise<boolean> {
  await client.query('begin');
  if (!(await store.claimFlush(client, flush.key))) {
    await client.query('rollback');
    return false;
  }
  const outcome = await writeReadings(client, flush);
  await writeBooks(client, flush);
  await store.addToLedger(client, flush.key.lane, flush.plan.book);
  onReady(outcome);
  await client.query('commit');
  return true;
}

interface MutableFrame {
  readonly pointIds: number[];
  readonly timesMs: number[];
  readonly values: number[];
  readonly qualities: number[];
}

async function writeReadings(client: Client, flush: Flush): Promise<FlushOutcome> {
  const { plan, todayUs, expectNew } = flush;
  const { direct, directTallies, staged, book } = plan;
  const frame: MutableFrame = {
    pointIds: [...direct.pointIds],
    timesMs: direct.timesUs.map((us) => us / 1000),
    values: [...direct.values],
    qualities: [...direct.qualities],
  };
  const late = new LateArrivals(todayUs);
  if (direct.pointIds.length > 0) {
    await store.copyReadings(client, direct);
    for (const tally of directTallies) tally.valuesCommitted++;
    for (const [row, timeUs] of direct.timesUs.entries()) late.add(direct.pointIds[row] ?? 0, timeUs);
  }
  const existing = staged.length === 0 ? 0 : await writeStaged(client, staged, { frame, late, expectNew });
  if (late.byPoint.size > 0) await store.insertLateArrivals(client, late.byPoint.values());
  const dirty = touchedBuckets(frame, flush.runningFromMs);
  if (dirty.length > 0) await store.insertDirtyBuckets(client, dirty);
  const stagedReadings = staged.reduce((sum, key) => sum + key.samples.length, 0);
  return { book, frame, stagedReadings, existing };
}

/** Returns how many of the keys existed. */
async function writeStaged(
  client: Client,
  keys: readonly StagedKey[],
  into: { frame: MutableFrame; late: LateArrivals; expectNew: boolean },
): Promise<number> {
  await store.copyStaged(client, keys);
  const allNew = into.expectNew && (await store.insertAllNew(client, keys.length));
  const standing = allNew ? new Map<number, Standing>() : await store.readStanding(client);
  const differing = [...standing].flatMap(([ord, stands]) => {
    const samples = keys[ord]?.samples ?? [];
    return samples.some((sample) => sample.value !== stands.value || sample.quality !== stands.quality)
      ? [ord]
      : [];
  });
  const superseded =
    differing.length === 0 ? new Map<number, Stand[]>() : await store.readSuperseded(client, differing);
  const changes: store.Change[] = [];
  const corrections: store.Journalled[] = [];
  const revisions: (store.ReadingKey & { rev: number })[] = [];
  for (const [ord, key] of keys.entries()) {
    const { pointId, timeUs } = key;
    const existing = standing.get(ord) ?? null;
    const folded = fold(existing, superseded.get(ord) ?? [], key.samples);
    count(key, folded.outcomes);
    for (const correction of folded.corrections) corrections.push({ ...correction, pointId, timeUs });
    if (folded.stands.rev > (existing?.rev ?? 0)) revisions.push({ pointId, timeUs, rev: folded.stands.rev });
    // A new key is inserted with its first sample; what came after it in the same flush changes the row.
    const before = existing ?? key.samples[0] ?? folded.stands;
    if (folded.corrections.length > 0) changes.push({ pointId, timeUs, old: before, new: folded.stands });
    if (existing === null) into.late.add(pointId, timeUs);
    if (existing === null || folded.corrections.length > 0) {
      into.frame.pointIds.push(pointId);
      into.frame.timesMs.push(timeUs / 1000);
      into.frame.values.push(folded.stands.value);
      into.frame.qualities.push(folded.stands.quality);
    }
  }
  if (!allNew && standing.size < keys.length) {
    const inserted = await store.insertStaged(client);
    if (inserted !== keys.length - standing.size) throw new FlushConflict('A new key was stored meanwhile');
  }
  if (changes.length > 0) {
    const changed = await store.updateReadings(client, changes);
    if (changed !== changes.length) throw new FlushConflict('A reading was corrected meanwhile');
    await store.insertCorrections(client, corrections);
  }
  if (revisions.length > 0) await store.upsertRevisions(client, revisions);
  return standing.size;
}

function count(key: StagedKey, outcomes: readonly ('new' | 'duplicate' | 'corrected')[]): void {
  for (const [index, outcome] of outcomes.entries()) {
    const tally = key.tallies[index];
    if (tally === undefined) continue;
    if (outcome === 'duplicate') tally.valuesDuplicate++;
    else tally.valuesCommitted++;
    if (outcome === 'corrected') tally.valuesCorrected++;
  }
}

async function writeBooks(client: Client, flush: Flush): Promise<void> {
  const { rejections, discoveries, events, sequences } = flush.books;
  const { book } = flush.plan;
  if (events.length > 0) {
    const stored = await books.insertEvents(client, events);
    for (const [source, ofSource] of Map.groupBy(events, (event) => event.source)) {
      const committed = stored.get(source) ?? 0;
      book.of(source).eventsCommitted += committed;
      book.of(source).eventsDuplicate += ofSource.length - committed;
    }
  }
  if (sequences.size > 0) await books.mergeSequences(client, sequences);
  if (flush.statuses.length > 0) await books.upsertStatuses(client, flush.statuses);
  if (rejections.length > 0) {
    await books.insertRejections(client, rejections);
    if (flush.tidy.rejections) await books.evictRejections(client, books.rejectionRows);
  }
  if (discoveries.length > 0) {
    await books.insertDiscoveries(client, discoveries);
    const deviceIds = [...new Set(discoveries.map((entry) => entry.deviceId))].toSorted();
    enterEvicted(book, await books.evictByDevice(client, deviceIds));
    if (flush.tidy.discoveries) enterEvicted(book, await books.evictBySize(client, limits.discoveryBytes));
  }
}

/** Values that leave the discoveries unadopted are no longer undiscovered but rejected. */
export function enterEvicted(book: TallyBook, evicted: readonly books.Evicted[]): void {
  for (const { source, values } of evicted) {
    const tally = book.of(source);
    tally.valuesUndiscovered -= values;
    countRejected(tally, discoveryFullReason, values);
  }
}
