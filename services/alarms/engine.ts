import type { Bus } from '#infra/bus.ts';
import type { Clock } from '#infra/clock.ts';
import { LeaseLost } from '#infra/lease.ts';
import type { Log } from '#infra/log.ts';
import type { Database, Queryable } from '#infra/postgres.ts';
import { localCalendar } from '#schemas/local-time.ts';
import type { PointDirectory } from '#schemas/registry.ts';
import { Committer } from './commit.ts';
import { Inbox } from './inbox.ts';
import { trimNotRaised } from './not-raised-store.ts';
import { Reader } from './reader.ts';
import { WatchBook } from './watch-book.ts';

/** How often states that only went on in time are stored. */
const checkpointMs = 2_000;
/** Rules and every point are read once in so many checkpoints: what no frame told of counts all the same. */
const sweepCheckpoints = 15;
/** Pauses after a failure: first, and at most. */
const retryMs = 250;
const retryMostMs = 5_000;
/** After the store was away, gateways first deliver what they held; until then silence proves nothing. */
const graceMs = 10_000;
/** Between two checkpoints there is never more, unless this process stood still and heard nothing. */
const standstillMs = 10_000;
/** Our clock and one that nobody sets differ by more than this: somebody set it. */
const clockSetMs = 1_000;
/** Timers are armed no further ahead: longer ones overflow. */
const longestTimerMs = 3_600_000;

export interface AlarmEngineOptions {
  readonly db: Database;
  readonly bus: Bus;
  /** Says that devices or points changed, in whichever process. */
  readonly directory: Pick<PointDirectory, 'onChange'>;
  readonly clock: Clock;
  readonly log: Log;
  /** IANA zone of the park: schedules and planned work are told in its time. */
  readonly timeZone: string;
  /** Ends every transaction (DESIGN §2) and throws LeaseLost when another leads; absent where nobody else can. */
  readonly fence?: (client: Queryable) => Promise<void>;
}

export interface AlarmEngine extends AsyncDisposable {
  /** Resolves when everything that has arrived is judged and committed. */
  idle(): Promise<void>;
  figures(): { readonly watches: number; readonly judged: number; readonly transitions: number };
}

/** Starts judging: takes up the stored states, reads what was missed, then follows the bus. */
export async function startAlarmEngine(options: AlarmEngineOptions): Promise<AlarmEngine> {
  await using starting = new AsyncDisposableStack();
  const engine = starting.use(new Engine(options));
  await engine.begin();
  starting.move();
  return engine;
}

/** One loop works off what has arrived; nothing is judged while a commit is under way. */
class Engine implements AlarmEngine {
  readonly #o: AlarmEngineOptions;
  readonly #book = new WatchBook();
  readonly #inbox = new Inbox();
  readonly #reader: Reader;
  readonly #committer: Committer;
  readonly #stopping = new AbortController();
  readonly #subscriptions: (() => void)[] = [];
  #loop: Promise<void> | null = null;
  /** What arrives before waits: the stored states come first. */
  #hasBegun = false;
  readonly #due = new Set<'reload' | 'catch-up' | 'events' | 'checkpoint'>();
  #sweepSlice = 0;
  #timersFromMs = 0;
  /** When this process was last seen running: by our clock, and by one that nobody sets. */
  #awake: { readonly atMs: number; readonly monotonicMs: number };
  /** We were not listening: silence so far proves nothing. */
  #wasDeaf = false;
  #timer: Disposable | null = null;
  #judged = 0;
  #transitions = 0;

  constructor(options: AlarmEngineOptions) {
    this.#o = options;
    const { db, bus, clock, timeZone, fence } = options;
    const book = this.#book;
    const calendar = localCalendar(timeZone);
    this.#awake = { atMs: clock.nowMs(), monotonicMs: clock.monotonicMs() };
    this.#reader = new Reader({
      db,
      book,
      calendar,
      clock,
      onReading: (reading) => {
        this.#judged += book.sample(reading, clock.nowMs());
      },
      onAcknowledged: (acknowledgement) => this.#committer.acknowledged(acknowledgement),
      commit: () => this.#commit(false),
    });
    const onTransitions = (count: number) => {
      this.#transitions += count;
    };
    this.#committer = new Committer({ db, bus, clock, calendar, book, fence, onTransitions });
  }

  async begin(): Promise<void> {
    const { bus, clock, directory } = this.#o;
    this.#subscriptions.push(
      bus.subscribe('hole', () => this.#request('reload', 'catch-up', 'events')),
      bus.subscribe('events', () => this.#request('events')),
      bus.subscribe('registry', () => this.#request('reload')),
      directory.onChange(() => this.#request('reload')),
    );
    await this.#reader.restore();
    await this.#reader.reload();
    // Frames first, rows after: what is committed in between is seen twice, never not at all.
    this.#subscriptions.push(
      bus.subscribe('readings', (frame) => {
        if (!this.#inbox.put(frame)) this.#due.add('catch-up');
        this.#wake();
      }),
    );
    await this.#catchUp();
    await this.#reader.readEvents();
    this.#book.listen(clock.nowMs());
    await this.#commit(true);
    this.#arm();
    const checkpoints = clock.every(checkpointMs, () => {
      this.#noteAwake();
      this.#request('events', 'checkpoint');
    });
    this.#subscriptions.push(() => checkpoints[Symbol.dispose]());
    this.#hasBegun = true;
    this.#wake();
  }

  async idle(): Promise<void> {
    while (this.#loop !== null) await this.#loop;
  }

  figures(): { watches: number; judged: number; transitions: number } {
    return { watches: this.#book.size, judged: this.#judged, transitions: this.#transitions };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const unsubscribe of this.#subscriptions.splice(0)) unsubscribe();
    this.#timer?.[Symbol.dispose]();
    const wasFenced = this.#stopping.signal.aborted;
    this.#stopping.abort(new Error('alarm engine stopped'));
    await this.#loop;
    if (wasFenced) return;
    await this.#commit(true).catch((error: unknown) =>
      // Nothing is lost: the successor judges the same readings again.
      this.#o.log.warn({ err: error }, 'the last alarm checkpoint was not written'),
    );
  }

  #request(...what: ('reload' | 'catch-up' | 'events' | 'checkpoint')[]): void {
    for (const each of what) this.#due.add(each);
    this.#wake();
  }

  #wake(): void {
    if (!this.#hasBegun || this.#stopping.signal.aborted || this.#loop !== null) return;
    this.#loop = this.#run().finally(() => {
      this.#loop = null;
      if (this.#hasWork()) this.#wake();
    });
  }

  #hasWork(): boolean {
    const dueMs = this.#nextDueMs();
    const isTimerDue = dueMs !== null && dueMs <= this.#o.clock.nowMs();
    return this.#due.size > 0 || !this.#inbox.isEmpty || this.#book.pending.hasUncommitted() || isTimerDue;
  }

  #nextDueMs(): number | null {
    const dueMs = this.#book.nextDueMs();
    return dueMs === null ? null : Math.max(dueMs, this.#timersFromMs);
  }

  async #run(): Promise<void> {
    const { clock, log } = this.#o;
    // Not in the publisher's own turn: its acknowledgements wait for nobody who listens.
    await Promise.resolve();
    for (let failures = 0; this.#hasWork() && !this.#stopping.signal.aborted;) {
      try {
        await this.#work();
        failures = 0;
      } catch (error) {
        if (error instanceof LeaseLost) {
          log.warn('another process leads the alarms now; this one stops judging');
          this.#stopping.abort(error);
          return;
        }
        this.#timersFromMs = clock.nowMs() + graceMs;
        this.#wasDeaf = true;
        const pauseMs = Math.min(retryMs * 2 ** failures++, retryMostMs);
        log.warn({ err: error }, `alarms wait ${pauseMs} ms for the store`);
        await clock.sleep(pauseMs, this.#stopping.signal).catch(() => undefined);
      }
    }
    this.#arm();
  }

  async #work(): Promise<void> {
    this.#noteAwake();
    // First of all: what was judged goes before anything new is.
    if (this.#book.pending.hasUncommitted()) await this.#commit(false);
    await this.#doIfDue('reload', () => this.#reader.reload());
    // Until none is due: a frame that came after a hole must not be judged before the rows of that hole.
    while (this.#due.has('catch-up')) {
      await this.#doIfDue('catch-up', () => this.#catchUp());
    }
    this.#judgeFrames();
    await this.#doIfDue('events', () => this.#reader.readEvents());
    await this.#runTimers();
    const isCheckpoint = this.#due.has('checkpoint');
    await this.#commit(isCheckpoint);
    if (!isCheckpoint) return;
    this.#due.delete('checkpoint');
    await this.#sweep();
  }

  /** A flag is taken down before its work, so that it can be raised meanwhile, and up again when the work fails. */
  async #doIfDue(what: 'reload' | 'catch-up' | 'events', work: () => Promise<void>): Promise<void> {
    if (!this.#due.delete(what)) return;
    await work().catch((error: unknown) => {
      this.#due.add(what);
      throw error;
    });
  }

  /** What no frame told of is found all the same, a slice of the points at a time. */
  async #sweep(): Promise<void> {
    await this.#committer.review();
    const slice = this.#sweepSlice++ % sweepCheckpoints;
    if (slice === 0) {
      this.#book.prune(this.#o.clock.nowMs());
      await trimNotRaised(this.#o.db);
      await this.#reader.reload();
    }
    await this.#reader.catchUp((pointId) => pointId % sweepCheckpoints === slice);
  }

  /**
   * Reads the rows of all points. What is told meanwhile is judged between two steps, but for points whose rows are still
   * to be read: those rows hold it. So what waits does not grow with how long it takes: were it too much once more, all
   * rows would have to be read once more, and under a full load that never ends.
   */
  #catchUp(): Promise<void> {
    return this.#reader.catchUp(
      () => true,
      (unread) => {
        if (!this.#due.has('catch-up')) this.#judgeFrames(unread);
      },
    );
  }

  #judgeFrames(unread?: ReadonlySet<number>): void {
    const { clock } = this.#o;
    const nowMs = clock.nowMs();
    const book = this.#book;
    this.#inbox.take(
      (pointId) => book.isWatched(pointId) && unread?.has(pointId) !== true,
      (reading) => {
        this.#judged += book.sample(reading, nowMs);
      },
    );
  }

  /** A timer means that nothing newer came; the rows are asked first, a frame may have been lost. */
  async #runTimers(): Promise<void> {
    this.#listenAgain();
    const nowMs = this.#o.clock.nowMs();
    if (nowMs < this.#timersFromMs) return;
    const due = this.#book.duePoints(nowMs);
    if (due === null) return;
    await this.#reader.catchUp((pointId) => due.has(pointId));
    this.#listenAgain();
    this.#book.tick(nowMs);
  }

  #commit(checkpoint: boolean): Promise<void> {
    return this.#committer.commit(this.#reader.eventCursor, checkpoint);
  }

  #arm(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = null;
    const dueMs = this.#nextDueMs();
    if (dueMs === null || this.#stopping.signal.aborted) return;
    const delayMs = Math.min(Math.max(0, dueMs - this.#o.clock.nowMs()), longestTimerMs);
    this.#timer = this.#o.clock.after(delayMs, () => {
      this.#noteAwake();
      this.#wake();
      if (this.#loop === null) this.#arm();
    });
  }

  #listenAgain(): void {
    if (!this.#wasDeaf) return;
    this.#wasDeaf = false;
    this.#book.listen(Math.max(this.#o.clock.nowMs(), this.#timersFromMs));
  }

  /** Whether this process stood still, or the host's clock was set: delays go on with what they had left. */
  #noteAwake(): void {
    const { clock, log } = this.#o;
    const now = { atMs: clock.nowMs(), monotonicMs: clock.monotonicMs() };
    const passedMs = now.monotonicMs - this.#awake.monotonicMs;
    const setByMs = now.atMs - this.#awake.atMs - passedMs;
    this.#awake = now;
    if (passedMs > standstillMs) this.#wasDeaf = true;
    if (Math.abs(setByMs) < clockSetMs) return;
    log.warn(`the clock of this host was set by ${Math.round(setByMs / 1_000)} s; running delays go on`);
    this.#timersFromMs = this.#timersFromMs === 0 ? 0 : this.#timersFromMs + setByMs;
    this.#book.shift(setByMs);
  }
}
