import type { Bus, ReadingFrame } from '#infra/bus.ts';
import type { Clock } from '#infra/clock.ts';
import type { Log } from '#infra/log.ts';
import { localCalendar, type LocalCalendar } from '#schemas/local-time.ts';
import type { PointDirectory } from '#schemas/registry.ts';
import { LeaseLost } from '#infra/lease.ts';
import { transaction, type Database, type Queryable } from '#infra/postgres.ts';
import { readLatest } from '#services/history/store.ts';
import { dueReviews, followTransitions } from './aftermath.ts';
import { readMissed } from './reading-store.ts';
import {
  deleteStates,
  loadJudgedVersions,
  loadRules,
  loadStates,
  loadTargets,
  saveStates,
} from './state-store.ts';
import { writeChanges } from './transition-store.ts';
import {
  namedBy,
  planWatches,
  storedVersion,
  WatchBook,
  type CommittedReading,
  type Watch,
} from './watch-book.ts';

/** How often states that only went on in time are stored. */
const checkpointMs = 2_000;
/** Rules and every point are read once in so many checkpoints: what no frame told of counts all the same. */
const sweepCheckpoints = 15;
/** Frames that may wait; more, and the rows are read instead. */
const frameQueueLength = 1_000;
const frameQueueValues = 500_000;
/** Watches whose changes go into one transaction: short enough for a lease of seconds. */
const commitWatches = 200;
const checkpointWatches = 5_000;
/** Points asked for in one statement, and readings taken of each at a time. */
const catchUpPoints = 500;
const catchUpPerPoint = 500;
/** Pauses after a failure: first, and at most. */
const retryMs = 250;
const retryMostMs = 5_000;
/** After the store was away, gateways first deliver what they held; until then silence proves nothing. */
const graceMs = 10_000;
/** Between two checkpoints there is never more, unless this process stood still and heard nothing. */
const standstillMs = 10_000;

export interface AlarmEngineOptions {
  readonly db: Database;
  readonly bus: Bus;
  /** Says that devices or points changed, in whichever process. */
  readonly directory: Pick<PointDirectory, 'onChange'>;
  readonly clock: Clock;
  readonly log: Log;
  /** IANA zone of the park: planned work is told in its time. */
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
  readonly #calendar: LocalCalendar;
  readonly #book = new WatchBook();
  readonly #stopping = new AbortController();
  readonly #subscriptions: (() => void)[] = [];
  #frames: ReadingFrame[] = [];
  #frameValues = 0;
  #loop: Promise<void> | null = null;
  /** What arrives before waits: the stored states come first. */
  #hasBegun = false;
  #reloadDue = false;
  #catchUpDue = false;
  #checkpointDue = false;
  #sweepSlice = 0;
  #timersFromMs = 0;
  /** When this process was last seen running. */
  #awakeMs: number;
  /** We were not listening: silence so far proves nothing. */
  #wasDeaf = false;
  #timer: Disposable | null = null;
  #judged = 0;
  #transitions = 0;

  constructor(options: AlarmEngineOptions) {
    this.#o = options;
    this.#calendar = localCalendar(options.timeZone);
    this.#awakeMs = options.clock.nowMs();
  }

  async begin(): Promise<void> {
    const { bus, clock, db, directory } = this.#o;
    // Frames first, rows after: what is committed in between is seen twice, never not at all.
    this.#subscriptions.push(
      bus.subscribe('readings', (frame) => this.#enqueue(frame)),
      bus.subscribe('hole', () => {
        // What was lost may have told of changed rules, too.
        this.#request('reload');
        this.#request('catch-up');
      }),
      bus.subscribe('registry', () => this.#request('reload')),
      directory.onChange(() => this.#request('reload')),
    );
    const versions = new Map(
      (await loadJudgedVersions(db)).map((rule) => [`${rule.body.id} ${rule.version}`, rule]),
    );
    for (const stored of await loadStates(db)) {
      const rule = versions.get(`${stored.ruleId} ${stored.ruleVersion}`);
      if (rule !== undefined) this.#book.restore(stored, rule);
    }
    await this.#reload();
    await this.#catchUp(() => true);
    this.#book.listen(clock.nowMs());
    await this.#commit();
    this.#arm();
    const checkpoints = clock.every(checkpointMs, () => {
      this.#noteAwake();
      this.#request('checkpoint');
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
    await this.#commit().catch((error: unknown) =>
      // Nothing is lost: the successor judges the same readings again.
      this.#o.log.warn({ err: error }, 'the last alarm checkpoint was not written'),
    );
  }

  #enqueue(frame: ReadingFrame): void {
    this.#frameValues += frame.pointIds.length;
    this.#frames.push(frame);
    if (this.#frames.length > frameQueueLength || this.#frameValues > frameQueueValues) {
      this.#frames = [];
      this.#frameValues = 0;
      this.#catchUpDue = true;
    }
    this.#wake();
  }

  #request(what: 'reload' | 'catch-up' | 'checkpoint'): void {
    if (what === 'reload') this.#reloadDue = true;
    else if (what === 'catch-up') this.#catchUpDue = true;
    else this.#checkpointDue = true;
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
    const due = this.#reloadDue || this.#catchUpDue || this.#checkpointDue || this.#frames.length > 0;
    const dueMs = this.#nextDueMs();
    return due || this.#book.hasUncommitted() || (dueMs !== null && dueMs <= this.#o.clock.nowMs());
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

  /** A flag is taken down before its work, so that it can be raised meanwhile, and up again when the work fails. */
  async #work(): Promise<void> {
    // First of all: what was judged goes before anything new is.
    if (this.#book.hasUncommitted()) await this.#commit();
    if (this.#reloadDue) {
      this.#reloadDue = false;
      await this.#reload().catch((error: unknown) => {
        this.#reloadDue = true;
        throw error;
      });
    }
    // Until none is due: a frame that came after a hole must not be judged before the rows of that hole.
    while (this.#catchUpDue) {
      this.#catchUpDue = false;
      await this.#catchUp(() => true).catch((error: unknown) => {
        this.#catchUpDue = true;
        throw error;
      });
    }
    this.#judgeFrames();
    await this.#runTimers();
    const isCheckpoint = this.#checkpointDue;
    await this.#commit(isCheckpoint);
    if (!isCheckpoint) return;
    this.#checkpointDue = false;
    await this.#review();
    const slice = this.#sweepSlice++ % sweepCheckpoints;
    if (slice === 0) await this.#reload();
    await this.#catchUp((pointId) => pointId % sweepCheckpoints === slice);
  }

  /** A timer means that nothing newer came; the rows are asked first, a frame may have been lost. */
  async #runTimers(): Promise<void> {
    this.#listenAgain();
    const nowMs = this.#o.clock.nowMs();
    const due = this.#book.duePoints(nowMs);
    if (due.size === 0 || nowMs < this.#timersFromMs) return;
    await this.#catchUp((pointId) => due.has(pointId));
    this.#listenAgain();
    this.#book.tick(nowMs);
  }

  async #reload(): Promise<void> {
    const { db, clock } = this.#o;
    const rules = await loadRules(db);
    const targets = rules.filter((rule) => rule.body.enabled).map((rule) => rule.body.target);
    const points = await loadTargets(db, namedBy(targets));
    this.#book.replan(planWatches(rules, points), rules, clock.nowMs());
    await this.#prime(() => true);
  }

  /** A rule that has seen nothing yet begins with the newest reading: a value that is beyond already must be seen. */
  async #prime(wanted: (pointId: number) => boolean): Promise<void> {
    const unprimed = this.#book.unprimed().filter((watch) => wanted(watch.pointId));
    const byPoint = Map.groupBy(unprimed, (watch) => watch.pointId);
    for (const pointIds of chunks([...byPoint.keys()], catchUpPoints)) {
      for (const reading of await readLatest(this.#o.db, pointIds)) {
        for (const watch of byPoint.get(reading.pointId) ?? []) {
          this.#book.prime(watch, reading, this.#o.clock.nowMs());
        }
      }
    }
  }

  /** Reads the rows of points from where their judging stands, in order of time. */
  async #catchUp(wanted: (pointId: number) => boolean): Promise<void> {
    await this.#prime(wanted);
    const points = this.#book.handled().filter((row) => wanted(row.pointId));
    for (const chunk of chunks(points, catchUpPoints)) {
      let from = chunk;
      while (from.length > 0) {
        const readings = await readMissed(this.#o.db, { from, perPoint: catchUpPerPoint });
        for (const reading of readings) this.#sample(reading);
        await this.#commit();
        from = [...Map.groupBy(readings, (reading) => reading.pointId)]
          .filter(([, ofPoint]) => ofPoint.length >= catchUpPerPoint)
          .map(([pointId, ofPoint]) => ({ pointId, handledToMs: ofPoint.at(-1)?.timeMs ?? 0 }));
      }
    }
  }

  #judgeFrames(): void {
    const frames = this.#frames;
    this.#frames = [];
    this.#frameValues = 0;
    for (const { pointIds, timesMs, values, qualities } of frames) {
      // One flush holds the packets of a device in order of arrival; judging wants the order of the source.
      const order = [...pointIds.keys()].sort((a, b) => (timesMs[a] ?? 0) - (timesMs[b] ?? 0));
      for (const i of order) {
        this.#sample({
          pointId: pointIds[i] ?? 0,
          timeMs: timesMs[i] ?? 0,
          value: values[i] ?? 0,
          quality: qualities[i] ?? 2,
        });
      }
    }
  }

  #sample(reading: CommittedReading): void {
    this.#judged += this.#book.sample(reading, this.#o.clock.nowMs());
  }

  /** Results, states and journal rows in one transaction; published only once they stand. */
  async #commit(withCheckpoint = true): Promise<void> {
    for (;;) {
      const changed = this.#book.uncommitted(commitWatches);
      const watches = changed.map((entry) => entry.watch);
      const changes = changed.flatMap((entry) => entry.changes);
      const isLast = changed.length < commitWatches;
      if (isLast && withCheckpoint) watches.push(...this.#book.dirty(checkpointWatches));
      if (watches.length === 0) return;
      const transitions = await transaction(this.#o.db, async (client) => {
        const written = await writeChanges(client, changes);
        const followed = await followTransitions(client, written, {
          calendar: this.#calendar,
          nowMs: this.#o.clock.nowMs(),
        });
        await storeStates(client, watches);
        await this.#o.fence?.(client);
        return [...written, ...followed];
      });
      this.#book.committed(watches);
      this.#transitions += transitions.length;
      for (const transition of transitions) this.#o.bus.publish('alarm', transition);
      if (isLast) return;
    }
  }

  async #review(): Promise<void> {
    const { db, bus, clock } = this.#o;
    const nowMs = clock.nowMs();
    const reviews = await dueReviews(db, {
      calendar: this.#calendar,
      nowMs,
      hasSilent: this.#book.hasSilent(),
    });
    // Apart: each takes its rows in an order of its own.
    for (const review of reviews) {
      const transitions = await transaction(db, async (client) => {
        const written = await review(client);
        await this.#o.fence?.(client);
        return written;
      });
      for (const transition of transitions) bus.publish('alarm', transition);
    }
  }

  #arm(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = null;
    const dueMs = this.#nextDueMs();
    if (dueMs === null || this.#stopping.signal.aborted) return;
    this.#timer = this.#o.clock.after(Math.max(0, dueMs - this.#o.clock.nowMs()), () => {
      this.#noteAwake();
      this.#wake();
    });
  }

  #listenAgain(): void {
    if (!this.#wasDeaf) return;
    this.#wasDeaf = false;
    this.#book.listen(Math.max(this.#o.clock.nowMs(), this.#timersFromMs));
  }

  #noteAwake(): void {
    const nowMs = this.#o.clock.nowMs();
    if (nowMs - this.#awakeMs > standstillMs) this.#wasDeaf = true;
    this.#awakeMs = nowMs;
  }
}

async function storeStates(client: Queryable, watches: readonly Watch[]): Promise<void> {
  const states = [...new Set(watches)].map((watch) => ({
    ruleId: watch.rule.body.id,
    ruleVersion: storedVersion(watch),
    pointId: watch.pointId,
    state: watch.state,
    ended: watch.ended,
  }));
  await deleteStates(
    client,
    states.filter((row) => row.ended),
  );
  await saveStates(
    client,
    states.filter((row) => !row.ended),
  );
}

function* chunks<T>(items: readonly T[], size: number): Generator<T[]> {
  for (let from = 0; from < items.length; from += size) yield items.slice(from, from + size);
}
