import type { Log } from '#infra/log.ts';
import { StoreUnavailable } from '#schemas/reading.ts';
import type { SpoolFile, SpoolFiles } from './files.ts';
import { scanRecords } from './record.ts';

/** A file of the spool. Only the newest one grows; the oldest one goes once the broker has all of it. */
export interface Segment {
  readonly number: number;
  readonly file: SpoolFile;
  /** What is durable; anything behind it was never answered for. */
  durableBytes: number;
  /** Up to where the broker has acknowledged everything. */
  shippedBytes: number;
  /** Grows no more. */
  isSealed: boolean;
}

export interface SegmentLogOptions {
  readonly files: SpoolFiles;
  readonly log: Log;
  /** What all segments together may hold. */
  readonly limitBytes: number;
  /** Told whenever more has become durable. */
  readonly onDurable: () => void;
}

/** What is written and synced at once. */
const groupBytes = 1024 * 1024;
/** What may wait in memory for its turn at the disk. */
const waitingMostBytes = 8 * 1024 * 1024;
/** A segment goes as a whole: a small one gives its room back early and repeats little after a crash. */
const segmentMostBytes = 8 * 1024 * 1024;
const segmentsAtLeast = 16;
const namePattern = /^(\d{12})\.v1\.spool$/;

interface Waiting {
  readonly bytes: Buffer;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * The segments on disk: appended in groups, each synced before its writes are answered, removed oldest first. After a
 * failure of the disk the segment in use is left as it was when last synced, and a new one is begun: what a failed
 * sync has kept is anybody's guess.
 */
export class SegmentLog {
  readonly #o: SegmentLogOptions;
  readonly #segmentBytes: number;
  /** Oldest first; the last one is in use unless sealed. */
  readonly segments: Segment[] = [];
  #nextNumber = 1;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #flushing: Promise<void> | null = null;
  #trouble: string | null = null;

  private constructor(options: SegmentLogOptions) {
    this.#o = options;
    this.#segmentBytes = Math.min(segmentMostBytes, Math.ceil(options.limitBytes / segmentsAtLeast));
  }

  /** Takes up what is on disk; a record that the last crash cut short is cut off. */
  static async open(options: SegmentLogOptions): Promise<SegmentLog> {
    const log = new SegmentLog(options);
    const { files } = options;
    const found = (await files.list())
      .flatMap(({ name, bytes }) => {
        const number = namePattern.exec(name)?.[1];
        return number === undefined ? [] : [{ name, bytes, number: Number(number) }];
      })
      .toSorted((a, b) => a.number - b.number);
    for (const { name, bytes, number } of found) {
      const file = await files.open(name);
      log.segments.push({ number, file, durableBytes: bytes, shippedBytes: 0, isSealed: true });
      log.#nextNumber = number + 1;
    }
    const last = log.segments.at(-1);
    if (last !== undefined) await log.#cutTornTail(last);
    return log;
  }

  get usedBytes(): number {
    return this.segments.reduce((sum, segment) => sum + segment.durableBytes, this.#waitingBytes);
  }

  /** Why the disk took nothing last time; null while it does. */
  get trouble(): string | null {
    return this.#trouble;
  }

  /** Resolves when the bytes are durable; rejects with StoreUnavailable when they are not, and keeps nothing of them. */
  append(bytes: Buffer): Promise<void> {
    if (this.usedBytes + bytes.length > this.#o.limitBytes) {
      return Promise.reject(new StoreUnavailable(`The spool is full: ${this.#o.limitBytes} bytes`));
    }
    if (this.#waitingBytes + bytes.length > waitingMostBytes) {
      return Promise.reject(new StoreUnavailable('The disk of the spool is behind'));
    }
    this.#waitingBytes += bytes.length;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ bytes, resolve, reject });
      this.#flushing ??= this.#flush().finally(() => (this.#flushing = null));
    });
  }

  /** Seals the segment in use when all of it is shipped, so that a spool at rest is empty. */
  sealShipped(): void {
    const active = this.#active();
    if (active === undefined || this.#flushing !== null) return;
    if (active.shippedBytes === active.durableBytes) active.isSealed = true;
  }

  /** Removes what is shipped, oldest first and each made sure of: no crash brings back one that is older than another. */
  async removeShipped(): Promise<void> {
    for (;;) {
      const [oldest] = this.segments;
      if (oldest === undefined || !oldest.isSealed || oldest.shippedBytes < oldest.durableBytes) return;
      await this.#o.files.remove(nameOf(oldest.number));
      this.segments.shift();
      await oldest.file.close().catch(() => undefined);
      await this.#o.files.syncFolder();
    }
  }

  async close(): Promise<void> {
    await this.#flushing;
    for (const { file } of this.segments) await file.close().catch(() => undefined);
  }

  #active(): Segment | undefined {
    const last = this.segments.at(-1);
    return last?.isSealed === false ? last : undefined;
  }

  async #flush(): Promise<void> {
    // Whatever else arrives in this turn goes with it.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const group = this.#takeGroup();
      const bytes = Buffer.concat(group.map((one) => one.bytes));
      try {
        await this.#write(bytes);
      } catch (error) {
        this.#leaveActive();
        this.#complain(error);
        const reason = new StoreUnavailable(`The spool cannot write: ${this.#trouble}`);
        this.#waitingBytes -= bytes.length;
        for (const { reject } of group) reject(reason);
        continue;
      }
      this.#waitingBytes -= bytes.length;
      if (this.#trouble !== null) this.#o.log.info('spool: the disk takes records again');
      this.#trouble = null;
      for (const { resolve } of group) resolve();
      this.#o.onDurable();
    }
  }

  #takeGroup(): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const one of this.#waiting) {
      if (count > 0 && bytes + one.bytes.length > groupBytes) break;
      bytes += one.bytes.length;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  async #write(bytes: Buffer): Promise<void> {
    const segment = this.#active() ?? (await this.#begin());
    await segment.file.write(bytes, segment.durableBytes);
    await segment.file.sync();
    segment.durableBytes += bytes.length;
    if (segment.durableBytes >= this.#segmentBytes) segment.isSealed = true;
  }

  async #begin(): Promise<Segment> {
    const number = this.#nextNumber++;
    const file = await this.#o.files.create(nameOf(number));
    const segment = { number, file, durableBytes: 0, shippedBytes: 0, isSealed: false };
    this.segments.push(segment);
    await this.#o.files.syncFolder();
    return segment;
  }

  #leaveActive(): void {
    const active = this.#active();
    if (active === undefined) return;
    active.isSealed = true;
    // Only to have less to step over; what stays behind it was not answered for.
    void active.file.truncate(active.durableBytes).catch(() => undefined);
  }

  #complain(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    if (this.#trouble === null) {
      this.#o.log.error({ err: error }, 'spool: the disk does not take records; gateways hold back');
    }
    this.#trouble = message;
  }

  /** Only the last segment can have been cut short: every other one was whole before the next was begun. */
  async #cutTornTail(segment: Segment): Promise<void> {
    const whole = await lastWholeByte(segment);
    if (whole === segment.durableBytes) return;
    this.#o.log.info(
      { segment: segment.number, bytes: segment.durableBytes - whole },
      'spool: a record that was never finished is cut off',
    );
    await segment.file.truncate(whole);
    await segment.file.sync();
    segment.durableBytes = whole;
  }
}

/** What is read of a segment at once; more than the largest record. */
export const chunkBytes = 1024 * 1024;

/** The end of the last whole record. */
async function lastWholeByte(segment: Segment): Promise<number> {
  let whole = 0;
  for (let at = 0; at < segment.durableBytes;) {
    const chunk = await segment.file.read(at, chunkBytes);
    const { found, next } = scanRecords(chunk, at + chunk.length >= segment.durableBytes);
    const last = found.findLast(({ kind }) => kind === 'record');
    if (last !== undefined) whole = at + last.to;
    if (next === 0) break;
    at += next;
  }
  return whole;
}

function nameOf(number: number): string {
  return `${String(number).padStart(12, '0')}.v1.spool`;
}
