import type { ReadingFrame } from '#infra/bus.ts';
import type { CommittedReading } from './watch-book.ts';

/** Frames that may wait; more, and the rows are read instead. */
const mostFrames = 1_000;
const mostValues = 500_000;

/** What the bus told and nobody has judged yet; bounded. */
export class Inbox {
  #frames: ReadingFrame[] = [];
  #values = 0;

  get isEmpty(): boolean {
    return this.#frames.length === 0;
  }

  /** @returns false when it was too much: everything that waited is forgotten and must be read from the rows */
  put(frame: ReadingFrame): boolean {
    this.#values += frame.pointIds.length;
    this.#frames.push(frame);
    if (this.#frames.length <= mostFrames && this.#values <= mostValues) return true;
    this.clear();
    return false;
  }

  clear(): void {
    this.#frames = [];
    this.#values = 0;
  }

  /** Takes everything out, each frame in the order of the source: one flush holds packets in order of arrival. */
  *take(): Generator<CommittedReading> {
    const frames = this.#frames;
    this.clear();
    for (const frame of frames) {
      const { pointIds, timesMs, values, qualities } = frame;
      for (const i of orderOf(timesMs)) {
        yield {
          pointId: pointIds[i] ?? 0,
          timeMs: timesMs[i] ?? 0,
          value: values[i] ?? 0,
          quality: qualities[i] ?? 2,
        };
      }
    }
  }
}

/** Places in order of time; sorted only when they are not. */
function orderOf(timesMs: readonly number[]): Iterable<number> {
  const isOrdered = timesMs.every((timeMs, i) => i === 0 || timeMs >= (timesMs[i - 1] ?? 0));
  if (isOrdered) return timesMs.keys();
  return [...timesMs.keys()].sort((a, b) => (timesMs[a] ?? 0) - (timesMs[b] ?? 0));
}
