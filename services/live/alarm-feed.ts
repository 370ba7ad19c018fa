import type { AlarmTransition } from '#schemas/alarm.ts';
import type { Clock } from '#infra/clock.ts';
import type { Log } from '#infra/log.ts';
import type { Queryable } from '#infra/postgres.ts';
import { currentCursor, transitionsSince } from '#services/alarms/transition-store.ts';

/** How often the journal is read though no frame told of anything: the bus is a hint. */
const pollMs = 2_000;
/** Transitions replayed to one client; who missed more re-reads the list. */
const replayLength = 1_000;
/** Transitions remembered as told while an old transaction keeps the cursor back; then they are told once more. */
const toldLength = 10_000;

export interface AlarmFrame {
  readonly cursor: string;
  readonly transition: AlarmTransition;
}

/** One client of the feed. */
export interface AlarmListener {
  /** False when the client does not keep up: it is left out, and replayed to when it asks with {@link AlarmFeed.follow}. */
  canTake(): boolean;
  send(frame: AlarmFrame): void;
  /** The client missed more than is replayed. */
  tooOld(): void;
}

/**
 * Tells every listener of every transition, read from the journal's table. Frames of the bus only say when to look.
 * All reading is done one after the other, so that between a listener's replay and its first frame nothing is lost.
 */
export interface AlarmFeed extends AsyncDisposable {
  /** Replays from the cursor, then goes on with what comes. */
  follow(listener: AlarmListener, cursor: string): Promise<void>;
  leave(listener: AlarmListener): void;
  /** Looks now. */
  wake(): void;
}

export function startAlarmFeed(deps: {
  readonly db: Queryable;
  readonly clock: Clock;
  readonly log: Log;
}): AlarmFeed {
  return new Feed(deps.db, deps.clock, deps.log);
}

class Feed implements AlarmFeed {
  readonly #db: Queryable;
  readonly #log: Log;
  /** Where each listener stands: everything below its cursor it has been told. */
  readonly #cursors = new Map<AlarmListener, string>();
  readonly #poll: Disposable;
  #told = new Map<string, bigint>();
  #cursor: string | null = null;
  #turn: Promise<void> = Promise.resolve();
  #isLookDue = false;

  constructor(db: Queryable, clock: Clock, log: Log) {
    this.#db = db;
    this.#log = log;
    this.#poll = clock.every(pollMs, () => this.wake());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#poll[Symbol.dispose]();
    this.#cursors.clear();
    await this.#turn;
  }

  wake(): void {
    if (this.#cursors.size === 0 || this.#isLookDue) return;
    this.#isLookDue = true;
    void this.#inTurn(async () => {
      this.#isLookDue = false;
      await this.#look();
    }).catch((error: unknown) => this.#log.warn({ err: error }, 'the alarm journal could not be read'));
  }

  leave(listener: AlarmListener): void {
    this.#cursors.delete(listener);
  }

  follow(listener: AlarmListener, cursor: string): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#cursor === null) this.#cursor = await currentCursor(this.#db);
      const page = await transitionsSince(this.#db, { cursor, limit: replayLength + 1, except: [] });
      if (page === undefined || page.entries.length > replayLength) {
        listener.tooOld();
        this.#cursors.set(listener, page?.cursor ?? (await currentCursor(this.#db)));
        return;
      }
      const transitions = page.entries.map((entry) => entry.transition);
      this.#cursors.set(listener, sendPage(listener, { from: cursor, to: page.cursor, transitions }));
    });
  }

  async #look(): Promise<void> {
    this.#cursor ??= await currentCursor(this.#db);
    const from = this.#cursor;
    const page = await transitionsSince(this.#db, {
      cursor: from,
      limit: replayLength + 1,
      except: [...this.#told.keys()],
    });
    // Undefined: another database behind the same address; everybody reads the list again.
    const isTooMuch = page === undefined || page.entries.length > replayLength;
    const to = page?.cursor ?? (await currentCursor(this.#db));
    const transitions = page?.entries.map((entry) => entry.transition) ?? [];
    for (const listener of this.#cursors.keys()) {
      if (isTooMuch) listener.tooOld();
      else if (transitions.length === 0) continue;
      else if (!listener.canTake()) {
        this.#cursors.delete(listener);
        continue;
      } else sendPage(listener, { from, to, transitions });
      this.#cursors.set(listener, to);
    }
    this.#cursor = to;
    this.#remember(isTooMuch ? [] : page.entries, to);
  }

  /** What is at or after the cursor will be read again, and need not be told again. */
  #remember(entries: readonly { transition: AlarmTransition; xid: string }[], cursor: string): void {
    for (const { transition, xid } of entries) this.#told.set(transition.id, BigInt(xid));
    const oldest = BigInt(cursor);
    for (const [id, xid] of this.#told) if (xid < oldest) this.#told.delete(id);
    if (this.#told.size > toldLength) this.#told.clear();
  }

  #inTurn(task: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(task);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}

/**
 * Only the last frame of a page carries the page's cursor: a client that breaks off in its middle must come back for
 * the rest.
 */
function sendPage(
  listener: AlarmListener,
  page: { readonly from: string; readonly to: string; readonly transitions: readonly AlarmTransition[] },
): string {
  page.transitions.forEach((transition, i) => {
    const isLast = i === page.transitions.length - 1;
    listener.send({ cursor: isLast ? page.to : page.from, transition });
  });
  return page.to;
}
