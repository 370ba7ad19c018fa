import type { Client } from 'pg';
import type { ReadingFrame } from '#infra/bus.ts';
import { limits } from '#schemas/limits.ts';
import { touchedBuckets } from '#services/rollup/buckets.ts';
import type { Books, StatusEntry } from './books.ts';
import { fold, sameStand } from './fold.ts';
import type { Stand, Standing } from './fold.ts';
import { countRejected, discoveryFullReason, type TallyBook } from './ledger.ts';
import { settleLate, type LateAnswer, type LateKey, type SettledLate } from './late.ts';
import * as lateStore from './late-store.ts';
import { LateArrivals, type ReadingPlan, type StagedKey } from './plan.ts';
import * as books from './store-books.ts';
import { hearSequences } from './store-sequences.ts';
import * as store from './store.ts';

/** Another process changed a row between our reading and our writing it: the flush is done again from the start. */
export class FlushConflict extends Error {
  override readonly name = 'FlushConflict';
}

/** One flush, decided; what is left is to write it. */
export interface Flush {
  readonly key: store.FlushKey;
  readonly plan: ReadingPlan;
  /** Values older than the horizon. */
  readonly late: readonly LateKey[];
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
 * make again, events, books and ledger stand or fall together. Statements go out in bundles, so that the server does
 * not wait for us in between: first what has an answer that matters, then the rest.
 * @param onReady told the outcome before COMMIT is sent: when the reply is lost, it is the outcome if the flush stands
 * @returns false when the flush was committed by an earlier attempt
 */
export async function runFlush(
  client: Client,
  flush: Flush,
  onReady: (outcome: FlushOutcome) => void,
): Promise<boolean> {
  const answers = await askStore(client, flush);
  if (answers === null) {
    await client.query('rollback');
    return false;
  }
  const readings = settleReadings(flush, answers);
  const late = settleLate(flush.late, answers.late);
  addStored(readings, late);
  enterBooks(flush, answers);
  const { checks, statements } = sendRest(client, flush, readings);
  sendLate(client, late, { checks, statements });
  const outcome = {
    book: flush.plan.book,
    frame: readings.frame,
    stagedReadings: flush.plan.staged.reduce((sum, key) => sum + key.samples.length, 0),
    existing: readings.existing,
  };
  if (checks.length > 0) {
    await inOrder([...checks, ...statements]);
    onReady(outcome);
    await client.query('commit');
    return true;
  }
  // Nothing of the rest can turn out otherwise: were a statement refused, COMMIT would roll back.
  onReady(outcome);
  await inOrder([...statements, client.query('commit')]);
  return true;
}

/** Waits for all. Rejects with the first failure: those behind it only say that the transaction is aborted. */
async function inOrder(statements: readonly Promise<unknown>[]): Promise<void> {
  const results = await Promise.allSettled(statements);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

interface Answers {
  /** What stands of staged keys, where they do not stand as staged; null when all of them were new and are stored. */
  readonly standing: ReadonlyMap<number, Standing | null> | null;
  readonly superseded: ReadonlyMap<number, Stand[]>;
  /** Events stored, by source. */
  readonly events: ReadonlyMap<string, number>;
  readonly late: ReadonlyMap<number, LateAnswer>;
  readonly evicted: readonly books.Evicted[];
}

/** Sends the first bundle. Null when the flush was committed by an earlier attempt. */
async function askStore(client: Client, flush: Flush): Promise<Answers | null> {
  const { plan, expectNew } = flush;
  const { events, rejections } = flush.books;
  const staged = plan.staged.length > 0;
  const begun = client.query('begin');
  const claim = store.claimFlush(client, flush.key);
  const statements: Promise<unknown>[] = [begun, claim];
  if (plan.direct.pointIds.length > 0) statements.push(store.copyReadings(client, plan.direct));
  if (staged) statements.push(store.copyStaged(client, plan.staged));
  if (staged && expectNew) statements.push(store.markStaged(client));
  const inserted = staged && expectNew ? store.insertStaged(client) : null;
  const standing = staged && !expectNew ? store.readStanding(client) : null;
  const stored = events.length > 0 ? books.insertEvents(client, events) : null;
  if (rejections.length > 0) statements.push(books.insertRejections(client, rejections));
  if (rejections.length > 0 && flush.tidy.rejections)
    statements.push(books.evictRejections(client, books.rejectionRows));
  const evictions = keepDiscoveries(client, flush, statements);
  // Sent behind the readings, of which the answer must know.
  const late = flush.late.length > 0 ? askLate(client, flush.late, statements) : null;
  const asked = [inserted, standing, stored, ...evictions, late].filter((each) => each !== null);
  const results = await Promise.allSettled([...statements, ...asked]);
  await begun;
  if (!(await claim)) return null;
  for (const result of results) if (result.status === 'rejected') throw result.reason;
  const stands = await settleStanding(client, plan.staged, {
    inserted: await inserted,
    standing: await standing,
  });
  return {
    ...stands,
    events: (await stored) ?? new Map(),
    late: (await late) ?? new Map(),
    evicted: (await Promise.all(evictions)).flat(),
  };
}

/** The lock first: an answer stands only under it. */
function askLate(
  client: Client,
  keys: readonly LateKey[],
  statements: Promise<unknown>[],
): Promise<ReadonlyMap<number, LateAnswer>> {
  statements.push(lateStore.holdLateDays(client));
  return lateStore.judgeLate(client, keys);
}

/** Stores what was not known, and makes room for it; what had to go is answered. */
function keepDiscoveries(
  client: Client,
  flush: Flush,
  statements: Promise<unknown>[],
): Promise<books.Evicted[]>[] {
  const { discoveries } = flush.books;
  if (discoveries.length === 0) return [];
  statements.push(books.insertDiscoveries(client, discoveries));
  const deviceIds = [...new Set(discoveries.map((entry) => entry.deviceId))].toSorted();
  const byDevice = books.evictByDevice(client, deviceIds);
  return flush.tidy.discoveries ? [byDevice, books.evictBySize(client, limits.discoveryBytes)] : [byDevice];
}

/** What the staged keys meet in the table. */
async function settleStanding(
  client: Client,
  keys: readonly StagedKey[],
  found: { inserted: number | null; standing: Map<number, Standing | null> | null },
): Promise<Pick<Answers, 'standing' | 'superseded'>> {
  if (found.inserted === keys.length || keys.length === 0) return { standing: null, superseded: new Map() };
  let { standing } = found;
  if (standing === null) {
    const undone = store.backToStaged(client);
    const read = store.readStanding(client);
    await inOrder([undone, read]);
    standing = await read;
  }
  const differing = keys.flatMap((key, ord) =>
    differs(key, standingOf(key, standing.get(ord))) ? [ord] : [],
  );
  const superseded =
    differing.length === 0 ? new Map<number, Stand[]>() : await store.readSuperseded(client, differing);
  return { standing, superseded };
}

/** A key that the answer does not name stands as it was staged. */
function standingOf(key: StagedKey, answered: Standing | null | undefined): Standing | null {
  if (answered !== undefined) return answered;
  const [first] = key.samples;
  return first === undefined ? null : { value: first.value, quality: first.quality, rev: 0 };
}

function differs(key: StagedKey, stands: Standing | null): boolean {
  return stands !== null && key.samples.some((sample) => !sameStand(sample, stands));
}

interface MutableFrame {
  readonly pointIds: number[];
  readonly timesMs: number[];
  readonly values: number[];
  readonly qualities: number[];
}

/** What becomes of the readings, and what is still to be written of them. */
interface SettledReadings {
  readonly frame: MutableFrame;
  readonly late: LateArrivals;
  readonly changes: readonly store.Change[];
  readonly corrections: readonly store.Journalled[];
  readonly revisions: readonly (store.ReadingKey & { rev: number })[];
  /** Staged keys that existed. */
  readonly existing: number;
  /** Staged keys that are not stored yet. */
  readonly missing: number;
}

function settleReadings(flush: Flush, answers: Answers): SettledReadings {
  const { direct, directCounts, staged } = flush.plan;
  // Copied only where something is added.
  const isAll = staged.length === 0 && flush.late.length === 0;
  const frame: MutableFrame = {
    pointIds: isAll ? direct.pointIds : [...direct.pointIds],
    timesMs: direct.timesUs.map((us) => us / 1000),
    values: isAll ? direct.values : [...direct.values],
    qualities: isAll ? direct.qualities : [...direct.qualities],
  };
  const late = new LateArrivals(flush.todayUs);
  for (const [tally, committed] of directCounts) tally.valuesCommitted += committed;
  for (let row = 0; row < direct.timesUs.length; row++) {
    late.add(direct.pointIds[row] ?? 0, direct.timesUs[row] ?? 0);
  }
  const changes: store.Change[] = [];
  const corrections: store.Journalled[] = [];
  const revisions: (store.ReadingKey & { rev: number })[] = [];
  let existing = 0;
  for (const [ord, key] of staged.entries()) {
    const { pointId, timeUs } = key;
    const stands = answers.standing === null ? null : standingOf(key, answers.standing.get(ord));
    if (stands !== null) existing++;
    const folded = fold(stands, answers.superseded.get(ord) ?? [], key.samples);
    count(key, folded.outcomes);
    for (const correction of folded.corrections) corrections.push({ ...correction, pointId, timeUs });
    if (folded.stands.rev > (stands?.rev ?? 0)) revisions.push({ pointId, timeUs, rev: folded.stands.rev });
    // A new key is inserted with its first sample; what came after it in the same flush changes the row.
    const before = stands ?? key.samples[0] ?? folded.stands;
    if (folded.corrections.length > 0) changes.push({ pointId, timeUs, old: before, new: folded.stands });
    if (stands === null) late.add(pointId, timeUs);
    if (stands === null || folded.corrections.length > 0) {
      frame.pointIds.push(pointId);
      frame.timesMs.push(timeUs / 1000);
      frame.values.push(folded.stands.value);
      frame.qualities.push(folded.stands.quality);
    }
  }
  const missing = answers.standing === null ? 0 : staged.length - existing;
  return { frame, late, changes, corrections, revisions, existing, missing };
}

/** Late readings that are stored are readings like all others to whoever listens. */
function addStored({ frame, late: arrivals }: SettledReadings, late: SettledLate): void {
  for (const { pointId, timeUs } of late.stored) arrivals.add(pointId, timeUs);
  const changed = late.changes.map(({ new: stands, ...key }) => ({ ...key, ...stands }));
  for (const { pointId, timeUs, value, quality } of [...late.stored, ...changed]) {
    frame.pointIds.push(pointId);
    frame.timesMs.push(timeUs / 1000);
    frame.values.push(value);
    frame.qualities.push(quality);
  }
}

/** What the second bundle holds of late values. */
function sendLate(
  client: Client,
  late: SettledLate,
  { checks, statements }: { checks: Promise<void>[]; statements: Promise<unknown>[] },
): void {
  const { opened, stored, changes, corrections, revisions, registers, rejections, entries } = late;
  const stale = 'A late reading was stored meanwhile';
  if (opened.length > 0) statements.push(lateStore.openLateDays(client, opened));
  if (stored.length > 0) checks.push(expectRows(lateStore.insertLate(client, stored), stored.length, stale));
  if (registers.length > 0)
    checks.push(expectRows(lateStore.insertLateSamples(client, registers), registers.length, stale));
  if (changes.length > 0)
    checks.push(expectRows(lateStore.updateLate(client, changes), changes.length, stale));
  if (corrections.length > 0) statements.push(store.insertCorrections(client, corrections));
  if (revisions.length > 0) statements.push(store.upsertRevisions(client, revisions));
  if (rejections.length > 0) statements.push(books.insertRejections(client, rejections));
  if (entries.length > 0) statements.push(lateStore.insertLateEntries(client, entries));
}

/**
 * The second bundle. `checks` are statements whose answer may show that another process was quicker; they reject then.
 */
function sendRest(
  client: Client,
  flush: Flush,
  readings: SettledReadings,
): { checks: Promise<void>[]; statements: Promise<unknown>[] } {
  const { late, changes, corrections, revisions, missing } = readings;
  const checks: Promise<void>[] = [];
  const statements: Promise<unknown>[] = [];
  if (missing > 0)
    checks.push(expectRows(store.insertStaged(client), missing, 'A new key was stored meanwhile'));
  if (changes.length > 0) {
    const changed = store.updateReadings(client, changes);
    checks.push(expectRows(changed, changes.length, 'A reading was corrected meanwhile'));
    statements.push(store.insertCorrections(client, corrections));
  }
  if (revisions.length > 0) statements.push(store.upsertRevisions(client, revisions));
  if (late.byPoint.size > 0) statements.push(store.insertLateArrivals(client, late.byPoint.values()));
  const dirty = touchedBuckets(readings.frame, flush.runningFromMs);
  if (dirty.length > 0) statements.push(store.insertDirtyBuckets(client, dirty));
  for (const [source, heard] of flush.books.sequences) statements.push(hearSequences(client, source, heard));
  if (flush.statuses.length > 0) statements.push(books.upsertStatuses(client, flush.statuses));
  statements.push(store.addToLedger(client, flush.key.lane, flush.plan.book));
  return { checks, statements };
}

async function expectRows(affected: Promise<number>, rows: number, otherwise: string): Promise<void> {
  if ((await affected) !== rows) throw new FlushConflict(otherwise);
}

/** What the books' answers mean for the ledger. */
function enterBooks(flush: Flush, { events, evicted }: Answers): void {
  const { book } = flush.plan;
  for (const [source, ofSource] of Map.groupBy(flush.books.events, (event) => event.source)) {
    const committed = events.get(source) ?? 0;
    book.of(source).eventsCommitted += committed;
    book.of(source).eventsDuplicate += ofSource.length - committed;
  }
  enterEvicted(book, evicted);
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

/** Values that leave the discoveries unadopted are no longer undiscovered but rejected. */
export function enterEvicted(book: TallyBook, evicted: readonly books.Evicted[]): void {
  for (const { source, values } of evicted) {
    const tally = book.of(source);
    tally.valuesUndiscovered -= values;
    countRejected(tally, discoveryFullReason, values);
  }
}
