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

  /**
   * Takes everything out, each frame in the order of the source: one flush holds packets in order of arrival. Most
   * readings are of points that no rule watches, so those cost no more than the question. `judge` is given the same
   * object each time, filled anew.
   */
  take(isWatched: (pointId: number) => boolean, judge: (reading: CommittedReading) => void): void {
    const frames = this.#frames;
    this.clear();
    const reading = { pointId: 0, timeMs: NaN, value: NaN, quality: 0 };
    for (const frame of frames) {
      const { pointIds, timesMs, values, qualities } = frame;
      for (const i of watchedOf(frame, isWatched)) {
        reading.pointId = pointIds[i] ?? 0;
        reading.timeMs = timesMs[i] ?? 0;
        reading.value = values[i] ?? 0;
        reading.quality = qualities[i] ?? 2;
        judge(reading);
      }
    }
  }
}

/** Places of watched points in order of time; sorted only when they are not. */
function watchedOf({ pointIds, timesMs }: ReadingFrame, isWatched: (pointId: number) => boolean): number[] {
  const places: number[] = [];
  let isOrdered = true;
  let lastMs = -Infinity;
  for (let i = 0; i < pointIds.length; i++) {
    if (!isWatched(pointIds[i] ?? 0)) continue;
    const timeMs = timesMs[i] ?? 0;
    if (timeMs < lastMs) isOrdered = false;
    lastMs = timeMs;
    places.push(i);
  }
  return isOrdered ? places : places.sort((a, b) => (timesMs[a] ?? 0) - (timesMs[b] ?? 0));
}
