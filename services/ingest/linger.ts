/** How long the first packet of a flush waits for company, at least. */
const shortMs = 3;
/** How far apart flushes begin, at most. */
const longMs = 50;
/** So much farther apart, ms, for each value that comes in a millisecond. */
const msPerPace = 1;
/** A pace is that of so long, so that a burst does not count as one. */
const paceMs = 100;
/** Who has sent nothing for so long may be waiting for us. */
const silenceMs = 5;

/**
 * Says how long a lane waits for more before it flushes. Every flush has a fixed price, about that of two hundred
 * values and most of it PostgreSQL's, so under a steady load many small ones cost several times as much a value as few
 * large ones. While little comes, or nothing any more, waiting brings latency only.
 *
 * All times are monotonic milliseconds.
 */
export class Linger {
  #begunMs = -Infinity;
  #sinceMs = -Infinity;
  #values = 0;
  /** Values a millisecond. */
  #pace = 0;

  /** A flush of so many values begins. */
  begin(nowMs: number, values: number): void {
    this.#begunMs = nowMs;
    this.#values += values;
    if (nowMs - this.#sinceMs < paceMs) return;
    this.#pace = this.#values / (nowMs - this.#sinceMs);
    this.#sinceMs = nowMs;
    this.#values = 0;
  }

  /** Until when a flush waits whose first packet came at `nowMs`. */
  untilOfFirst(nowMs: number): number {
    return Math.max(nowMs + shortMs, this.untilOfNext(nowMs));
  }

  /** Until when a flush waits whose packets came while the one before was on its way; `nowMs` for not at all. */
  untilOfNext(nowMs: number): number {
    return Math.max(nowMs, this.#begunMs + Math.min(longMs, this.#pace * msPerPace));
  }

  /** When to look whether still somebody comes. */
  lookAt(nowMs: number, untilMs: number): number {
    // The end may have come since it was last looked at.
    return Math.max(nowMs, Math.min(untilMs, nowMs + silenceMs));
  }
}
