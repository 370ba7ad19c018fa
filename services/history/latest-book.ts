import type { ReadingFrame } from '#infra/bus.ts';
import type { LatestRow } from './store.ts';

/** Of a point that has no reading. */
const none = -Infinity;
const firstSlots = 1_024;
const noSlot = -1;

/**
 * The newest reading of every point, in columns: 21 bytes a point. Pure but for what it remembers.
 *
 * Frames of committed readings move it on; they are a hint (DESIGN §2), so rows decide wherever a frame cannot: a point that was
 * never read, and one of whose newest time two values were told, are `doubtful` until they are read. Which frame came last says
 * nothing of which value stands: two processes may have sent them.
 */
export class LatestBook {
  /** Place of each point by its number, which the database counts up; a map would cost more than all the rest. */
  #slots = new Int32Array(firstSlots).fill(noSlot);
  readonly #points: number[] = [];
  readonly #doubtful = new Set<number>();
  /** Points being read, and whether a frame told of them meanwhile: then the rows may be the older ones. */
  readonly #reading = new Map<number, boolean>();
  #times = new Float64Array(firstSlots);
  #values = new Float64Array(firstSlots);
  #qualities = new Uint8Array(firstSlots);

  /** Points that have a place. */
  get size(): number {
    return this.#points.length;
  }

  /** Points to be read. */
  get waiting(): number {
    return this.#doubtful.size;
  }

  /** The newest reading of a point; null when it has none, undefined when that is not known yet. */
  of(pointId: number): LatestRow | null | undefined {
    const slot = this.#known(pointId);
    if (slot === noSlot) return undefined;
    const timeMs = this.#times[slot] ?? NaN;
    if (Number.isNaN(timeMs)) return undefined;
    if (timeMs === none) return null;
    return { pointId, timeMs, value: this.#values[slot] ?? 0, quality: this.#qualities[slot] ?? 0 };
  }

  /** Points that are to be read, because they never were or because something about them was missed. */
  doubt(pointIds: Iterable<number>): void {
    for (const pointId of pointIds) {
      this.#slotOf(pointId);
      this.#doubtful.add(pointId);
    }
  }

  /** Every point that has a place. */
  doubtAll(): void {
    this.doubt(this.#points);
  }

  /** Points that the book has no place for yet. */
  unknown(pointIds: Iterable<number>): number[] {
    return [...pointIds].filter((pointId) => this.#known(pointId) === noSlot);
  }

  /** What was just committed; late readings change nothing. */
  offer({ pointIds, timesMs, values, qualities }: ReadingFrame): void {
    for (let place = 0; place < pointIds.length; place++) {
      const pointId = pointIds[place] ?? 0;
      const slot = this.#slotOf(pointId);
      const timeMs = timesMs[place] ?? NaN;
      const value = values[place] ?? 0;
      const quality = qualities[place] ?? 0;
      const knownMs = this.#times[slot] ?? NaN;
      if (timeMs < knownMs) continue;
      if (this.#reading.size > 0 && this.#reading.has(pointId)) this.#reading.set(pointId, true);
      // Where nothing was known a newer row may stand.
      else if (Number.isNaN(knownMs)) this.#doubtful.add(pointId);
      const differs = this.#values[slot] !== value || this.#qualities[slot] !== quality;
      if (timeMs === knownMs && differs) this.#doubtful.add(pointId);
      this.#times[slot] = timeMs;
      this.#values[slot] = value;
      this.#qualities[slot] = quality;
    }
  }

  /** Takes points to read out of those that are doubtful. */
  takeDoubtful(most: number): number[] {
    const taken: number[] = [];
    for (const pointId of this.#doubtful) {
      if (taken.length === most) break;
      taken.push(pointId);
    }
    for (const pointId of taken) {
      this.#doubtful.delete(pointId);
      this.#reading.set(pointId, false);
    }
    return taken;
  }

  /**
   * What the rows said of points that were taken. Newer than what is known, or as new and nothing was told meanwhile: they stand.
   * As new and different from what was told meanwhile: they are read again.
   */
  settle(pointIds: readonly number[], rows: readonly LatestRow[]): void {
    const byPoint = new Map(rows.map((row) => [row.pointId, row]));
    for (const pointId of pointIds) {
      const told = this.#reading.get(pointId) ?? false;
      this.#reading.delete(pointId);
      const slot = this.#slotOf(pointId);
      const knownMs = this.#times[slot] ?? NaN;
      const row = byPoint.get(pointId);
      if (row === undefined) {
        if (Number.isNaN(knownMs)) this.#times[slot] = none;
        continue;
      }
      if (knownMs > row.timeMs) continue;
      const differs = this.#values[slot] !== row.value || this.#qualities[slot] !== row.quality;
      if (told && knownMs === row.timeMs && differs) this.#doubtful.add(pointId);
      else this.#set(slot, row);
    }
  }

  /** Points that were taken and could not be read. */
  giveBack(pointIds: readonly number[]): void {
    for (const pointId of pointIds) {
      this.#reading.delete(pointId);
      this.#doubtful.add(pointId);
    }
  }

  #set(slot: number, { timeMs, value, quality }: Omit<LatestRow, 'pointId'>): void {
    this.#times[slot] = timeMs;
    this.#values[slot] = value;
    this.#qualities[slot] = quality;
  }

  #slotOf(pointId: number): number {
    const known = this.#known(pointId);
    if (known !== noSlot) return known;
    const slot = this.#points.push(pointId) - 1;
    if (slot === this.#times.length) this.#grow();
    if (pointId >= this.#slots.length) {
      const slots = this.#slots;
      this.#slots = new Int32Array(2 ** Math.ceil(Math.log2(pointId + 1))).fill(noSlot);
      this.#slots.set(slots);
    }
    this.#slots[pointId] = slot;
    this.#times[slot] = NaN;
    return slot;
  }

  #known(pointId: number): number {
    return this.#slots[pointId] ?? noSlot;
  }

  #grow(): void {
    const [times, values, qualities] = [this.#times, this.#values, this.#qualities];
    this.#times = new Float64Array(2 * times.length);
    this.#values = new Float64Array(2 * times.length);
    this.#qualities = new Uint8Array(2 * times.length);
    this.#times.set(times);
    this.#values.set(values);
    this.#qualities.set(qualities);
  }
}
