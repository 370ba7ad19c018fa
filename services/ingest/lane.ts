import type { Bus } from '#infra/bus.ts';
import type { Clock } from '#infra/clock.ts';
import type { Log } from '#infra/log.ts';
import { StoreUnavailable, type Packet } from '#schemas/reading.ts';
import type { LocalCalendar } from '#schemas/local-time.ts';
import { say } from '#schemas/phrases.ts';
import { runningFrom } from '#services/rollup/buckets.ts';
import { nothing, type Judged } from './accept.ts';
import { gatherBooks, type StatusEntry } from './books.ts';
import { remedyFor } from './failure.ts';
import { runFlush, type Flush, type FlushOutcome } from './flush.ts';
import { planLate } from './late.ts';
import { Linger } from './linger.ts';
import type { NewestTimes } from './newest-times.ts';
import { planReadings, type Pending } from './plan.ts';
import { connectSession, type Session, type SessionOptions } from './session.ts';

/** A packet on its way, with who waits for it. */
export interface Entry extends Pending {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export interface LaneDeps {
  readonly url: string;
  /** How a lane reaches the store; {@link connectSession} unless given. */
  readonly connect?: ((options: SessionOptions) => Promise<Session>) | undefined;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  /** Unique to this start of the writer. */
  readonly writer: string;
  readonly lane: number;
  /** Shared by the lanes, each keeping its own points. */
  readonly newest: NewestTimes;
  /** The park's. */
  readonly calendar: LocalCalendar;
  /** Start of the current local day, epoch µs. */
  readonly todayUs: () => number;
  /** For the days of these instants, epoch ms. */
  readonly makePartitions: (timesMs: readonly number[]) => Promise<unknown>;
  /** Told of entries that are done, one way or the other. */
  readonly onDone: (entries: readonly Entry[]) => void;
}

export interface LaneStatus {
  readonly connected: boolean;
  readonly waitingPackets: number;
  readonly flushes: number;
  readonly directReadings: number;
  readonly stagedReadings: number;
  /** Attempts that had to be done again. */
  readonly retries: number;
  /** The sentence of the last failure; null while all is well. */
  readonly failure: string | null;
}

/** A flush is closed by the first of these it reaches. */
const flushValues = 10_000;
const flushPackets = 4_000;
const flushBytes = 8 * 1024 * 1024;
/** A flush that takes longer than this has lost its server; the connection is cut and the flush repeated. */
const flushTimeoutMs = 60_000;
const firstBackoffMs = 50;
const longestBackoffMs = 5_000;
/** How old `device_status.last_seen` may be. */
const lastSeenEveryMs = 10_000;
/** Rows and bytes after which a lane makes room in the books. */
const tidyRejections = 1_000;
const tidyDiscoveryBytes = 1024 * 1024;

/** An object of its own: what the store refused twice is told from what was refused when it was judged. */
const refusedByStore: Judged = { ...nothing };

/** One connection of the writer and the packets of its devices, flushed one transaction after another. */
export class Lane {
  readonly #deps: LaneDeps;
  readonly #stop = new AbortController();
  readonly #seenMs = new Map<string, number>();
  #queue: Entry[] = [];
  #session: Session | null = null;
  readonly #linger = new Linger();
  /** Runs out when the next flush begins. */
  #wait: Disposable | null = null;
  #running: Promise<void> | null = null;
  #flush = 0;
  #waiting = 0;
  #queuedValues = 0;
  #direct = 0;
  #staged = 0;
  #retries = 0;
  #failure: string | null = null;
  /** Whether the staged keys of the last flush that had any were all new. */
  #expectNew = false;
  #untidyRejections = 0;
  #untidyBytes = 0;

  constructor(deps: LaneDeps) {
    this.#deps = deps;
  }

  /** Connects for the first time. */
  async open(): Promise<void> {
    await this.#connected();
  }

  add(entry: Entry): void {
    this.#queue.push(entry);
    this.#waiting++;
    this.#queuedValues += storedValues(entry);
    if (this.#running !== null) return;
    if (this.#isFull()) this.#start();
    else if (this.#wait === null) this.#waitUntil(this.#linger.untilOfFirst(this.#deps.clock.monotonicMs()));
  }

  status(): LaneStatus {
    return {
      connected: this.#session?.alive ?? false,
      waitingPackets: this.#waiting,
      flushes: this.#flush,
      directReadings: this.#direct,
      stagedReadings: this.#staged,
      retries: this.#retries,
      failure: this.#failure,
    };
  }

  /** Commits what waits; what is not committed after `drainMs` is given back to its gateway. */
  async close(drainMs: number): Promise<void> {
    using _deadline = this.#deps.clock.after(drainMs, () => {
      this.#stop.abort(new StoreUnavailable('The writer was stopped before the store came back'));
      this.#session?.destroy();
    });
    while (this.#queue.length > 0 || this.#running !== null) {
      this.#start();
      await this.#running;
    }
    await this.#session?.close().catch(() => undefined);
  }

  #isFull(): boolean {
    return this.#queuedValues >= flushValues || this.#queue.length >= flushPackets;
  }

  /** Flushes then, or as soon as nothing has come for a moment; a lane that is full is started by whom it became full by. */
  #waitUntil(untilMs: number): void {
    const { clock } = this.#deps;
    const nowMs = clock.monotonicMs();
    const before = this.#queue.length;
    this.#wait = clock.after(this.#linger.lookAt(nowMs, untilMs) - nowMs, () => {
      const ends = clock.monotonicMs() >= untilMs || this.#queue.length === before;
      if (ends) this.#start();
      else this.#waitUntil(untilMs);
    });
  }

  #start(): void {
    this.#wait?.[Symbol.dispose]();
    this.#wait = null;
    this.#running ??= this.#flushQueue().finally(() => {
      this.#running = null;
      if (this.#queue.length === 0) return;
      const nowMs = this.#deps.clock.monotonicMs();
      const untilMs = this.#linger.untilOfNext(nowMs);
      if (this.#isFull() || untilMs <= nowMs) this.#start();
      else this.#waitUntil(untilMs);
    });
  }

  /** One flush of what has waited longest. */
  async #flushQueue(): Promise<void> {
    const entries = this.#take();
    try {
      await this.#commit(entries);
      this.#done(entries, (entry) => entry.resolve());
    } catch (error) {
      const reason = error instanceof Error ? error : new Error(String(error));
      this.#done(entries, (entry) => entry.reject(reason));
    }
  }

  #take(): Entry[] {
    let values = 0;
    let bytes = 0;
    let packets = 0;
    for (const { packet, judged } of this.#queue) {
      if (packets === flushPackets || values >= flushValues || bytes >= flushBytes) break;
      packets++;
      values += storedValues({ judged });
      bytes += sizeOf(packet);
    }
    const taken = packets === this.#queue.length ? this.#queue : this.#queue.slice(0, packets);
    this.#queue = packets === this.#queue.length ? [] : this.#queue.slice(packets);
    this.#queuedValues -= values;
    this.#linger.begin(this.#deps.clock.monotonicMs(), values);
    return taken;
  }

  #done(entries: readonly Entry[], settle: (entry: Entry) => void): void {
    this.#waiting -= entries.length;
    this.#deps.onDone(entries);
    for (const entry of entries) settle(entry);
  }

  /** Commits the packets, whatever it takes; rejects only when the lane is being stopped. */
  async #commit(packets: readonly Pending[]): Promise<void> {
    const key = { writer: this.#deps.writer, lane: this.#deps.lane, flush: ++this.#flush };
    let staged = false;
    let triedPartitions = false;
    let outcome: FlushOutcome | null = null;
    for (let failures = 0; ; failures++) {
      try {
        const session = await this.#connected();
        const flush = this.#prepare(packets, { key, staged });
        await this.#attempt(session, flush, (ready) => (outcome = ready));
        this.#failure = null;
        if (outcome !== null) this.#committed(flush, outcome);
        return;
      } catch (error) {
        this.#retries++;
        this.#stop.signal.throwIfAborted();
        const remedy = remedyFor(error);
        this.#failure = error instanceof Error ? error.message : String(error);
        const again =
          remedy === 'again' ||
          (remedy === 'stage' && !staged) ||
          (remedy === 'partition' && !triedPartitions);
        if (remedy === 'split' || (!again && remedy !== 'wait')) return this.#split(packets, error);
        this.#deps.log.warn({ err: error, remedy }, 'a flush failed and is done again');
        if (remedy === 'stage') staged = true;
        if (remedy === 'partition') triedPartitions = await this.#addPartitions(packets);
        if (remedy === 'wait') this.#session?.destroy();
        if (remedy !== 'stage') await this.#backOff(failures);
      }
    }
  }

  #prepare(packets: readonly Pending[], options: { key: Flush['key']; staged: boolean }): Flush {
    const books = gatherBooks(packets);
    const nowMs = this.#deps.clock.nowMs();
    const isDue = (entry: StatusEntry) =>
      entry.status !== null || nowMs - (this.#seenMs.get(entry.deviceId) ?? -Infinity) >= lastSeenEveryMs;
    this.#untidyRejections += books.rejections.length;
    this.#untidyBytes += books.discoveries.reduce((sum, entry) => sum + entry.sizeBytes, 0);
    const plan = planReadings(packets, this.#deps.newest, options);
    return {
      key: options.key,
      plan,
      late: planLate(packets, plan.book, this.#deps.calendar),
      books,
      statuses: books.statuses.values().filter(isDue).toArray(),
      expectNew: this.#expectNew,
      todayUs: this.#deps.todayUs(),
      runningFromMs: runningFrom(nowMs),
      tidy: {
        rejections: this.#untidyRejections >= tidyRejections,
        discoveries: this.#untidyBytes >= tidyDiscoveryBytes,
      },
    };
  }

  async #attempt(session: Session, flush: Flush, onReady: (outcome: FlushOutcome) => void): Promise<void> {
    using _deadline = this.#deps.clock.after(flushTimeoutMs, () => session.destroy());
    try {
      await runFlush(session.client, flush, onReady);
    } catch (error) {
      await session.client.query('rollback').catch(() => session.destroy());
      throw error;
    }
  }

  #committed(flush: Flush, { frame, stagedReadings, existing }: FlushOutcome): void {
    const { newest, bus, clock } = this.#deps;
    const { direct } = flush.plan;
    for (let row = 0; row < direct.pointIds.length; row++) {
      newest.commit(direct.pointIds[row] ?? 0, direct.timesUs[row] ?? 0);
    }
    for (const { pointId, timeUs } of flush.plan.staged) newest.commit(pointId, timeUs);
    this.#direct += direct.pointIds.length;
    this.#staged += stagedReadings;
    if (stagedReadings > 0) this.#expectNew = existing === 0;
    if (flush.tidy.rejections) this.#untidyRejections = 0;
    if (flush.tidy.discoveries) this.#untidyBytes = 0;
    for (const { deviceId, lastSeenMs } of flush.statuses) {
      if (lastSeenMs !== null) this.#seenMs.set(deviceId, clock.nowMs());
    }
    if (frame.pointIds.length > 0) bus.publish('readings', frame);
    const { events } = flush.books;
    if (events.length > 0) {
      bus.publish('events', { deviceIds: [...new Set(events.map((event) => event.deviceId))] });
    }
    for (const { deviceId, status, statusAtMs } of flush.statuses) {
      if (status !== null) bus.publish('device', { deviceId, status, timeMs: statusAtMs });
    }
  }

  /** Commits packet by packet; the one that the store refuses is booked as refused, so that it blocks nobody. */
  async #split(packets: readonly Pending[], error: unknown): Promise<void> {
    const [only, second] = packets;
    if (only === undefined) return;
    if (second !== undefined) {
      for (const packet of packets) await this.#commit([packet]);
      return;
    }
    const message = error instanceof Error ? error.message : String(error);
    this.#deps.log.error({ err: error, address: only.packet.address }, 'the store refused a packet');
    if (only.judged === refusedByStore)
      throw new Error('A refused packet could not be booked', { cause: error });
    const content = {
      kind: 'refused',
      reason: 'wrong-shape',
      detail: say('store-refused', { text: message }),
    } as const;
    // The bytes are named: a copy of a packet that writes them when asked would have none.
    const packet: Packet = { ...only.packet, bytes: only.packet.bytes, content };
    await this.#commit([{ packet, judged: refusedByStore }]);
  }

  async #connected(): Promise<Session> {
    this.#stop.signal.throwIfAborted();
    if (this.#session?.alive === true) return this.#session;
    const { url, log, writer, lane, connect = connectSession } = this.#deps;
    this.#session = await connect({
      url,
      log,
      name: `parkwatch-writer-${writer.slice(0, 8)}-${lane}`,
    });
    return this.#session;
  }

  /** False when they could not be made: then the store is at fault, not the packets. */
  async #addPartitions(packets: readonly Pending[]): Promise<boolean> {
    const times = packets.flatMap(({ judged }) => judged.accepted.timesUs.map((timeUs) => timeUs / 1_000));
    try {
      await this.#deps.makePartitions(times);
      return true;
    } catch (error) {
      this.#deps.log.error({ err: error }, 'a partition could not be made');
      return false;
    }
  }

  #backOff(failures: number): Promise<void> {
    const delayMs = Math.min(firstBackoffMs * 2 ** Math.min(failures, 10), longestBackoffMs);
    return this.#deps.clock.sleep(delayMs, this.#stop.signal);
  }
}

/** What a packet takes in memory beside its values. */
export function sizeOf(packet: Packet): number {
  return packet.accountBytes ?? packet.bytes.length;
}

/** What of a packet a flush writes as readings. */
function storedValues({ judged }: Pick<Pending, 'judged'>): number {
  return judged.accepted.pointIds.length + judged.late.length;
}
