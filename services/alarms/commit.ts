import type { Bus } from '#infra/bus.ts';
import type { Clock } from '#infra/clock.ts';
import { transaction, type Database, type Queryable } from '#infra/postgres.ts';
import type { LocalCalendar } from '#schemas/local-time.ts';
import type { AlarmTransition } from '#schemas/alarm.ts';
import { dueReviews, followTransitions } from './aftermath.ts';
import { acknowledgeReported } from './acknowledgement-store.ts';
import type { DeviceAcknowledgement } from './event-meaning.ts';
import { saveEventCursor } from './event-store.ts';
import { noteNotRaised } from './not-raised-store.ts';
import { deleteStates, saveStates } from './state-store.ts';
import { writeChanges } from './transition-store.ts';
import type { StateRow } from './watch.ts';
import type { Uncommitted } from './commit-book.ts';
import type { WatchBook } from './watch-book.ts';

/** Objects whose changes go into one transaction: short enough for a lease of seconds. */
const commitObjects = 200;
/** States stored at a checkpoint. */
const checkpointStates = 5_000;

export interface CommitterOptions {
  readonly db: Database;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly calendar: LocalCalendar;
  readonly book: WatchBook;
  /** Ends every transaction. */
  readonly fence?: ((client: Queryable) => Promise<void>) | undefined;
  readonly onTransitions: (count: number) => void;
}

/** What is written besides changes. */
interface Besides {
  readonly dirty: readonly StateRow[];
  readonly acknowledged: readonly DeviceAcknowledgement[];
  readonly cursor: string | null;
}

/** Writes what was judged: results, states and journal rows in one transaction; published only once they stand. */
export class Committer {
  readonly #o: CommitterOptions;
  #storedCursor: string | null = null;
  #acknowledged: DeviceAcknowledgement[] = [];

  constructor(options: CommitterOptions) {
    this.#o = options;
  }

  /** To be written with the next commit; asked for again when that fails, since the cursor stays. */
  acknowledged(acknowledgement: DeviceAcknowledgement): void {
    this.#acknowledged.push(acknowledgement);
  }

  /** @param checkpoint also states that only went on in time, and the cursor of events that raised nothing */
  async commit(cursor: string, checkpoint: boolean): Promise<void> {
    const { book } = this.#o;
    for (;;) {
      const changed = book.pending.uncommitted(commitObjects);
      const isLast = changed.length < commitObjects;
      const dirty = isLast && checkpoint ? book.pending.dirty(checkpointStates) : [];
      // What devices acknowledge was raised before: it comes with the last of what was judged.
      const acknowledged = isLast ? this.#acknowledged : [];
      const isCursorDue = isLast && cursor !== this.#storedCursor && (checkpoint || changed.length > 0);
      if (changed.length + dirty.length + acknowledged.length === 0 && !isCursorDue) return;
      await this.#write(changed, { dirty, acknowledged, cursor: isCursorDue ? cursor : null });
      if (isLast) return;
    }
  }

  async #write(changed: readonly Uncommitted[], { dirty, acknowledged, cursor }: Besides): Promise<void> {
    const { db, book, calendar, clock, fence, onTransitions } = this.#o;
    const rows = [...changed.map((each) => each.row), ...dirty];
    const transitions = await transaction(db, async (client) => {
      const written = await writeChanges(
        client,
        changed.flatMap((each) => each.changes),
      );
      const nowMs = clock.nowMs();
      const taken = await acknowledgeReported(client, acknowledged, nowMs);
      const followed = await followTransitions(client, written, { calendar, nowMs });
      await noteNotRaised(
        client,
        changed.flatMap((each) => each.notRaised),
      );
      await storeStates(client, rows);
      if (cursor !== null) await saveEventCursor(client, cursor);
      await fence?.(client);
      return [...written, ...taken, ...followed];
    });
    if (cursor !== null) this.#storedCursor = cursor;
    this.#acknowledged = this.#acknowledged.slice(acknowledged.length);
    book.pending.committed(rows);
    onTransitions(transitions.length);
    this.#publish(transitions);
  }

  /** What time brings about: shelving that is over, planned work, causes that came or went. */
  async review(): Promise<void> {
    const { db, clock, calendar, book, fence } = this.#o;
    const moment = { calendar, nowMs: clock.nowMs(), hasSilent: book.hasSilent() };
    const reviews = await dueReviews(db, moment);
    // Apart: each takes its rows in an order of its own.
    for (const review of reviews) {
      const transitions = await transaction(db, async (client) => {
        const written = await review(client);
        await fence?.(client);
        return written;
      });
      this.#publish(transitions);
    }
  }

  #publish(transitions: readonly AlarmTransition[]): void {
    for (const transition of transitions) this.#o.bus.publish('alarm', transition);
  }
}

async function storeStates(client: Queryable, rows: readonly StateRow[]): Promise<void> {
  const byKey = new Map(rows.map((row) => [`${row.object} ${row.ruleId}`, row]));
  const states = [...byKey.values()];
  await deleteStates(
    client,
    states.filter((row) => row.ended),
  );
  await saveStates(
    client,
    states.filter((row) => !row.ended),
  );
}
