import type { Bus } from '#infra/bus.ts';
import type { Clock } from '#infra/clock.ts';
import { LeaseLost } from '#infra/lease.ts';
import type { Log } from '#infra/log.ts';
import { transaction, type Database, type Queryable } from '#infra/postgres.ts';
import type { SecretBox } from '#infra/secret-box.ts';
import type { WallClock } from '#schemas/wall-clock.ts';
import type { AddressGuard } from './address-guard.ts';
import type { Book } from './book.ts';
import type { Senders } from './channels/channel.ts';
import { senders } from './channels/senders.ts';
import { loadHealth } from './circuit-store.ts';
import { pruneDeliveries, releaseSending } from './delivery-store.ts';
import { nextNoticeMs } from './notice-store.ts';
import { planTransitions, runTurns, type Planning } from './planner.ts';
import { planReports } from './report-plan.ts';
import { Sender } from './sender.ts';
import { loadBook } from './setting-store.ts';
import { keepStandingAlarms, loadRuleTeams } from './standing-alarm-store.ts';
import { findTroubles } from './trouble.ts';
import type { Letterhead } from './words.ts';

/** The bus only hints: the tables are asked so often whether there is something to do. */
const pollMs = 2_000;
/** How often holes are looked for. */
const reviewMs = 60_000;
/** The log of messages is kept for so long. */
const keptMs = 400 * 86_400_000;
const pruneAtOnce = 1_000;
/** Pauses after a failure: first, and at most. */
const retryMs = 250;
const retryMostMs = 5_000;

export interface NotifierOptions {
  readonly db: Database;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  readonly wallClock: WallClock;
  readonly box: SecretBox;
  readonly guard: AddressGuard;
  readonly letterhead: Letterhead;
  /** Ends every transaction (DESIGN §2) and throws LeaseLost when another leads; absent where nobody else can. */
  readonly fence?: (client: Queryable) => Promise<void>;
  /** In [0, 1); Math.random unless given. */
  readonly random?: () => number;
  /** How each kind of channel sends; replaced only by tests that inject faults. */
  readonly senders?: Senders;
}

export interface NotifierFigures {
  readonly delivered: number;
  readonly failed: number;
  readonly underWay: number;
}

export interface Notifier extends AsyncDisposable {
  /** Resolves when everything that is due is planned and sent. */
  idle(): Promise<void>;
  /** Resolves when everything that is due is planned, and sending has begun. */
  planned(): Promise<void>;
  figures(): NotifierFigures;
}

/** Takes up what a process before us left, then follows the alarm transitions. */
export async function startNotifier(options: NotifierOptions): Promise<Notifier> {
  await using starting = new AsyncDisposableStack();
  const notifier = starting.use(new Running(options));
  await notifier.begin();
  starting.move();
  return notifier;
}

class Running implements Notifier {
  readonly #o: NotifierOptions;
  readonly #sender: Sender;
  readonly #stopping = new AbortController();
  readonly #subscriptions: (() => void)[] = [];
  #loop: Promise<void> | null = null;
  #isAsked = false;
  #reviewDueMs = 0;
  #timer: Disposable | null = null;

  constructor(options: NotifierOptions) {
    this.#o = options;
    this.#sender = new Sender({
      ...options,
      fence: (client) => this.#fence(client),
      senders: options.senders ?? senders,
      random: options.random ?? Math.random,
      onSettled: () => this.#wake(),
    });
  }

  async begin(): Promise<void> {
    const { bus, clock, db, log } = this.#o;
    const released = await transaction(db, async (client) => {
      const count = await releaseSending(client);
      await this.#fence(client);
      return count;
    });
    if (released > 0)
      log.warn(`${released} messages were under way when the process before ended; they are sent again`);
    await this.#sender.begin();
    this.#subscriptions.push(bus.subscribe('alarm', () => this.#wake()));
    const poll = clock.every(pollMs, () => this.#wake());
    this.#subscriptions.push(() => poll[Symbol.dispose]());
    this.#wake();
  }

  async planned(): Promise<void> {
    while (this.#loop !== null) await this.#loop;
  }

  async idle(): Promise<void> {
    do {
      await this.planned();
      await this.#sender.idle();
    } while (this.#loop !== null || this.#sender.figures().underWay > 0);
  }

  figures(): NotifierFigures {
    return this.#sender.figures();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const unsubscribe of this.#subscriptions.splice(0)) unsubscribe();
    this.#timer?.[Symbol.dispose]();
    this.#stopping.abort(new Error('notifier stopped'));
    await this.#loop;
    await this.#sender[Symbol.asyncDispose]();
  }

  async #fence(client: Queryable): Promise<void> {
    await this.#o.fence?.(client);
  }

  #wake(): void {
    this.#isAsked = true;
    if (this.#stopping.signal.aborted || this.#loop !== null) return;
    this.#loop = this.#run().finally(() => {
      this.#loop = null;
      if (this.#isAsked) this.#wake();
    });
  }

  async #run(): Promise<void> {
    const { clock, log } = this.#o;
    // Not in the publisher's own turn.
    await Promise.resolve();
    for (let failures = 0; this.#isAsked && !this.#stopping.signal.aborted;) {
      this.#isAsked = false;
      try {
        await this.#work();
        failures = 0;
      } catch (error) {
        if (error instanceof LeaseLost) {
          log.warn('another process leads the notification now; this one stops');
          this.#stopping.abort(error);
          return;
        }
        this.#isAsked = true;
        const pauseMs = Math.min(retryMs * 2 ** failures++, retryMostMs);
        log.warn({ err: error }, `notification waits ${pauseMs} ms for the store`);
        await clock.sleep(pauseMs, this.#stopping.signal).catch(() => undefined);
      }
    }
  }

  async #work(): Promise<void> {
    const { db, clock, wallClock } = this.#o;
    const book = await loadBook(db, wallClock, clock.nowMs());
    if (clock.nowMs() >= this.#reviewDueMs) {
      await this.#review(book);
      this.#reviewDueMs = clock.nowMs() + reviewMs;
    }
    while (await this.#plan(planTransitions, book));
    while (await this.#plan(runTurns, book));
    const sendMs = await this.#sender.pump(book);
    const turnMs = await nextNoticeMs(db);
    this.#arm(Math.min(sendMs ?? Infinity, turnMs ?? Infinity));
  }

  #plan(step: (client: Queryable, planning: Planning) => Promise<boolean>, book: Book): Promise<boolean> {
    const { db, clock } = this.#o;
    return transaction(db, async (client) => {
      const hasMore = await step(client, { book, nowMs: clock.nowMs() });
      await this.#fence(client);
      return hasMore;
    });
  }

  /** Holes become standing alarms before an alarm falls into one. */
  async #review(book: Book): Promise<void> {
    const { db, bus, clock } = this.#o;
    const nowMs = clock.nowMs();
    const transitions = await transaction(db, async (client) => {
      const [teams, health] = [await loadRuleTeams(client), await loadHealth(client)];
      const written = await keepStandingAlarms(client, findTroubles(book, { teams, health, nowMs }), nowMs);
      await planReports(client, { book, nowMs });
      await pruneDeliveries(client, nowMs - keptMs, pruneAtOnce);
      await this.#fence(client);
      return written;
    });
    for (const transition of transitions) bus.publish('alarm', transition);
  }

  #arm(atMs: number): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = null;
    if (atMs === Infinity || this.#stopping.signal.aborted) return;
    this.#timer = this.#o.clock.after(Math.max(0, atMs - this.#o.clock.nowMs()), () => this.#wake());
  }
}
