import type { Clock } from '#infra/clock.ts';
import type { Database } from '#infra/postgres.ts';
import { reportedTypes } from '#schemas/alarm-reported.ts';
import type { LocalCalendar } from '#schemas/local-time.ts';
import { readLatest } from '#services/history/store.ts';
import { acknowledgementOf, meaningOf, type DeviceAcknowledgement } from './event-meaning.ts';
import { currentEventCursor, loadEventCursor, readEvents, type HappenedEvent } from './event-store.ts';
import { digestOf, endFacts, namedBy, planWatches, watchKey, type PlannedWatch } from './plan.ts';
import { readMissed } from './reading-store.ts';
import { loadJudgedVersions, loadOnsets, loadRules, loadStates } from './state-store.ts';
import { loadHolidays, loadOverrides, loadTargets } from './target-store.ts';
import type { CommittedReading, WatchBook } from './watch-book.ts';

/** Points asked for in one statement, and readings taken of each at a time. */
const catchUpPoints = 500;
const catchUpPerPoint = 500;
/** Events read at a time. */
const eventPage = 1_000;

export interface ReaderOptions {
  readonly db: Database;
  readonly book: WatchBook;
  readonly calendar: LocalCalendar;
  readonly clock: Clock;
  /** Told of every reading, in order. */
  readonly onReading: (reading: CommittedReading) => void;
  /** Told of what devices acknowledge. */
  readonly onAcknowledged: (acknowledgement: DeviceAcknowledgement) => void;
  /** Commits what was judged so far, so that it does not grow with what is read. */
  readonly commit: () => Promise<void>;
}

/** Brings into the book what stands in the store: rules, stored states, readings that no frame told of, events. */
export class Reader {
  readonly #o: ReaderOptions;
  #cursor = '0';

  constructor(options: ReaderOptions) {
    this.#o = options;
  }

  /** Where judging events stands; to be stored with what was judged. */
  get eventCursor(): string {
    return this.#cursor;
  }

  /** Takes up where the last judge stopped. */
  async restore(): Promise<void> {
    const { db, book } = this.#o;
    const versions = new Map(
      (await loadJudgedVersions(db)).map((rule) => [`${rule.body.id} ${rule.version}`, rule]),
    );
    for (const stored of await loadStates(db)) {
      const body = versions.get(`${stored.ruleId} ${stored.ruleVersion}`)?.body;
      const judged = stored.judged ?? (body === undefined ? null : digestOf(body));
      book.restore({ ...stored, judged });
    }
    this.#cursor = (await loadEventCursor(db)) ?? (await currentEventCursor(db));
  }

  /** Goes over to the rules in force. */
  async reload(): Promise<void> {
    const { db, book, calendar, clock } = this.#o;
    const rules = await loadRules(db);
    const overrides = await loadOverrides(db);
    const holidays = await loadHolidays(db);
    const watching = rules.flatMap(({ body }) => (body.enabled ? [body] : []));
    // What a device overrides may name points of its own.
    const { points, devices } = await loadTargets(db, namedBy(watching));
    const planned = planWatches(rules, { points, devices, overrides, calendar, holidays });
    const byId = new Map(rules.map((rule) => [rule.body.id, rule]));
    const onsets = await this.#onsetsOf(book.unknown(planned));
    const why = (ended: { ruleId: string; deviceId: string }, plan: PlannedWatch | undefined) =>
      endFacts(ended, { rules: byId, overrides, planned: plan });
    book.replan(planned, { why, onsets, nowMs: clock.nowMs() });
    await this.#prime(() => true);
  }

  async #onsetsOf(plans: readonly PlannedWatch[]): Promise<Map<string, number>> {
    const found = new Map<string, number>();
    for (const chunk of chunks(plans, catchUpPoints * 10)) {
      const rows = await loadOnsets(
        this.#o.db,
        chunk.map((plan) => ({ ruleId: plan.rule.body.id, object: plan.object })),
      );
      for (const row of rows) found.set(watchKey(row.ruleId, row.object), row.onsetMs);
    }
    return found;
  }

  /** A rule that has seen nothing yet begins with the newest reading: a value that is beyond already must be seen. */
  async #prime(wanted: (pointId: number) => boolean): Promise<void> {
    const { db, book, clock } = this.#o;
    const unprimed = book.unprimed(wanted);
    for (const pointIds of chunks([...unprimed.keys()], catchUpPoints)) {
      for (const reading of await readLatest(db, pointIds)) {
        for (const seat of unprimed.get(reading.pointId) ?? []) book.prime(seat, reading, clock.nowMs());
      }
    }
  }

  /**
   * Reads the rows of points from where their judging stands, in order of time.
   * @param onStep told after some of the points which ones are still to be read
   */
  async catchUp(
    wanted: (pointId: number) => boolean,
    onStep: (unread: ReadonlySet<number>) => void = () => undefined,
  ): Promise<void> {
    await this.#prime(wanted);
    const behind = this.#o.book.handled(wanted);
    const unread = new Set(behind.map(({ pointId }) => pointId));
    for (const step of chunks(behind, catchUpPoints)) {
      await this.#readFrom(step);
      for (const { pointId } of step) unread.delete(pointId);
      onStep(unread);
    }
  }

  async #readFrom(points: ReturnType<WatchBook['handled']>): Promise<void> {
    const { db, onReading, commit } = this.#o;
    let from = points;
    while (from.length > 0) {
      const readings = await readMissed(db, { from, perPoint: catchUpPerPoint });
      for (const reading of readings) onReading(reading);
      await commit();
      from = [...Map.groupBy(readings, (reading) => reading.pointId)]
        .filter(([, ofPoint]) => ofPoint.length >= catchUpPerPoint)
        .map(([pointId, ofPoint]) => ({ pointId, handledToMs: ofPoint.at(-1)?.timeMs ?? 0 }));
    }
  }

  /** Judges the events that have come since, and commits them with the cursor. */
  async readEvents(): Promise<void> {
    const { db, book, commit } = this.#o;
    const { events: types, reported } = book.awaited();
    const asked = [...types, ...(reported ? Object.values(reportedTypes) : [])];
    // What commits while pages are read is behind the first of them.
    let next: string | null = null;
    for (let after = 0, hasMore = true; hasMore;) {
      const page = await readEvents(db, { cursor: this.#cursor, after, types: asked, limit: eventPage });
      for (const event of page.events) this.#judgeEvent(event);
      next ??= page.cursor;
      after = page.events.at(-1)?.id ?? after;
      hasMore = page.hasMore;
      if (!hasMore) this.#cursor = next;
      await commit();
    }
  }

  #judgeEvent(event: HappenedEvent): void {
    const { book, clock, onAcknowledged } = this.#o;
    const nowMs = clock.nowMs();
    for (const plan of book.waiting(event.deviceId)) {
      const acknowledged = acknowledgementOf(plan, event);
      if (acknowledged !== undefined) onAcknowledged(acknowledged);
      const meant = meaningOf(plan, event);
      if (meant !== undefined) book.happened(plan, meant, nowMs);
    }
  }
}

function* chunks<T>(items: readonly T[], size: number): Generator<T[]> {
  for (let from = 0; from < items.length; from += size) yield items.slice(from, from + size);
}
