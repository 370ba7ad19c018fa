import type { Clock } from '#infra/clock.ts';
import type { Log } from '#infra/log.ts';
import { scanRecords, type Found, type NativeMessage, type Scanned } from './record.ts';
import { chunkBytes, type Segment, type SegmentLog } from './segment-log.ts';

/** The way to the broker. */
export interface SpoolPublisher {
  /** How many messages may be under way at once. */
  readonly window: number;
  /**
   * Publishes at QoS 1, in the order of the calls. Resolves when the broker has acknowledged; rejects when it refused,
   * or when nobody can tell: the message is then published again.
   */
  publish(message: NativeMessage): Promise<void>;
}

const inFlightMostBytes = 4 * 1024 * 1024;
const retryLimits = { firstMs: 250, longestMs: 30_000 } as const;
/** How long a stop waits for acknowledgements that are under way; what has none by then is published again. */
const drainMs = 2_000;
/** A place that cannot be read so many times is given up, a block at a time. */
const readAttempts = 3;
const blockBytes = 4_096;

interface InFlight {
  readonly segment: Segment;
  readonly to: number;
  readonly bytes: number;
  settled: boolean;
}

/** Everything that is under way belongs to a term; a failure ends it, and the next begins at the oldest not acknowledged. */
interface Term {
  failure: Error | null;
}

/** Publishes the durable records in order, and lets go of segments that the broker has. */
export class Shipper {
  readonly #segments: SegmentLog;
  readonly #publisher: SpoolPublisher;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #stop = new AbortController();
  #changed = Promise.withResolvers<void>();
  #inFlight: InFlight[] = [];
  #inFlightBytes = 0;
  /** Where reading goes on. */
  #cursor = { number: 0, at: 0 };
  /** Up to where damage was told of, so that a repetition does not tell again. */
  #told = { number: 0, at: 0 };
  #unread = { number: 0, at: 0, failures: 0 };
  #isDraining = false;
  readonly #drained = Promise.withResolvers<void>();
  #running: Promise<void> = Promise.resolve();
  corrupt = 0;
  trouble: string | null = null;

  constructor(parts: { segments: SegmentLog; publisher: SpoolPublisher; clock: Clock; log: Log }) {
    this.#segments = parts.segments;
    this.#publisher = parts.publisher;
    this.#clock = parts.clock;
    this.#log = parts.log;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** There is more to ship, or room to be given back. */
  wake(): void {
    this.#changed.resolve();
  }

  async stop(): Promise<void> {
    this.#isDraining = true;
    if (this.#inFlight.length > 0 && this.trouble === null) {
      const enough = new AbortController();
      const late = this.#clock.sleep(drainMs, enough.signal).catch(() => undefined);
      await Promise.race([this.#drained.promise, late]);
      enough.abort();
    }
    this.#stop.abort(new Error('the spool is stopping'));
    this.wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    let pauseMs: number = retryLimits.firstMs;
    while (!this.#stop.signal.aborted) {
      try {
        await this.#ship(() => (pauseMs = retryLimits.firstMs));
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        if (this.trouble === null) this.#log.warn({ err: error }, 'spool: shipping stopped; trying again');
        this.trouble = message;
        await this.#clock.sleep(pauseMs, this.#stop.signal).catch(() => undefined);
        pauseMs = Math.min(pauseMs * 2, retryLimits.longestMs);
      }
    }
  }

  /** Ships until something fails, which it throws, or until we stop. */
  async #ship(onProgress: () => void): Promise<void> {
    const term: Term = { failure: null };
    this.#inFlight = [];
    this.#inFlightBytes = 0;
    const [oldest] = this.#segments.segments;
    this.#cursor = { number: oldest?.number ?? 0, at: oldest?.shippedBytes ?? 0 };
    while (!this.#stop.signal.aborted) {
      this.#changed = Promise.withResolvers();
      const changed = this.#changed.promise;
      if (term.failure !== null) throw term.failure;
      await this.#removeShipped();
      const sent = !this.#isDraining && (await this.#sendSome(term, onProgress));
      if (!sent) await changed;
    }
    // What comes back now belongs to nobody.
    term.failure = new Error('stopped');
  }

  /** What cannot be removed now takes room and is tried again later; it is no reason to ship nothing. */
  async #removeShipped(): Promise<void> {
    try {
      await this.#segments.removeShipped();
    } catch (error) {
      this.#log.error({ err: error }, 'spool: what is shipped cannot be removed');
    }
  }

  /** False when there is nothing to send, or no room for it under way. */
  async #sendSome(term: Term, onProgress: () => void): Promise<boolean> {
    if (this.#inFlight.length >= this.#publisher.window || this.#inFlightBytes >= inFlightMostBytes)
      return false;
    const segment = this.#segments.segments.find(({ number }) => number >= this.#cursor.number);
    if (segment === undefined) return false;
    const at = segment.number === this.#cursor.number ? this.#cursor.at : 0;
    if (at >= segment.durableBytes) {
      if (!segment.isSealed || segment === this.#segments.segments.at(-1)) return false;
      this.#cursor = { number: segment.number + 1, at: 0 };
      return true;
    }
    const { found, next } = await this.#read(segment, at);
    for (const one of found) {
      if (this.#inFlight.length >= this.#publisher.window) {
        this.#cursor = { number: segment.number, at: at + one.from };
        return true;
      }
      this.#send({ segment, at, found: one }, term, onProgress);
    }
    this.#cursor = { number: segment.number, at: at + next };
    return true;
  }

  #send(
    { segment, at, found }: { segment: Segment; at: number; found: Found },
    term: Term,
    onProgress: () => void,
  ): void {
    const entry: InFlight = { segment, to: at + found.to, bytes: found.to - found.from, settled: false };
    this.#inFlight.push(entry);
    this.#inFlightBytes += entry.bytes;
    const settle = () => {
      if (term.failure !== null) return;
      entry.settled = true;
      this.#advance();
    };
    if (found.kind === 'corrupt') {
      this.#tell(segment, at + found.from, at + found.to);
      return settle();
    }
    const acknowledged = () => {
      if (this.trouble !== null) this.#log.info('spool: shipping again');
      this.trouble = null;
      onProgress();
      settle();
    };
    const failed = (error: unknown) => {
      term.failure ??= error instanceof Error ? error : new Error(String(error));
      this.wake();
    };
    void publishThen(this.#publisher.publish(found.message), acknowledged, failed);
  }

  /** Everything up to the oldest that is under way is shipped. */
  #advance(): void {
    let done = 0;
    for (const entry of this.#inFlight) {
      if (!entry.settled) break;
      entry.segment.shippedBytes = entry.to;
      this.#inFlightBytes -= entry.bytes;
      done++;
    }
    if (done === 0) return;
    this.#inFlight.splice(0, done);
    if (this.#inFlight.length === 0 && this.#isDraining) this.#drained.resolve();
    this.wake();
  }

  /** The next records of a segment; what cannot be read, or is not there any more, counts as damaged. */
  async #read(segment: Segment, at: number): Promise<Scanned> {
    const length = Math.min(chunkBytes, segment.durableBytes - at);
    let chunk: Buffer;
    try {
      chunk = await segment.file.read(at, length);
    } catch (error) {
      const again = this.#unread.number === segment.number && this.#unread.at === at;
      this.#unread = { number: segment.number, at, failures: again ? this.#unread.failures + 1 : 1 };
      if (this.#unread.failures < readAttempts) throw error;
      const to = Math.min(blockBytes, length);
      return { found: [{ kind: 'corrupt', from: 0, to }], next: to };
    }
    if (chunk.length === length) return scanRecords(chunk, at + length === segment.durableBytes);
    const { found } = scanRecords(chunk, true);
    return { found: [...found, { kind: 'corrupt', from: chunk.length, to: length }], next: length };
  }

  #tell(segment: Segment, from: number, to: number): void {
    const isKnown =
      segment.number < this.#told.number || (segment.number === this.#told.number && to <= this.#told.at);
    if (isKnown) return;
    this.#told = { number: segment.number, at: to };
    this.corrupt++;
    this.#log.error(
      { segment: segment.number, from, bytes: to - from },
      'spool: damaged bytes are skipped; what they held is lost',
    );
  }
}

async function publishThen(
  published: Promise<void>,
  acknowledged: () => void,
  failed: (error: unknown) => void,
): Promise<void> {
  try {
    await published;
  } catch (error) {
    failed(error);
    return;
  }
  acknowledged();
}
