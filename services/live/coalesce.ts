import type { ReadingsFrame } from '#schemas/api/live.ts';

/** The shortest time between two frames to one client: ten a second (DESIGN §4). */
export const frameIntervalMs = 100;

interface Slot {
  readonly key: string;
  timeMs: number;
  value: number;
  quality: number;
}

export interface CoalescedValue {
  readonly pointId: number;
  readonly timeMs: number;
  readonly value: number;
  /** 0 good, 1 uncertain, 2 bad. */
  readonly quality: number;
}

/**
 * What one client watches and has not been told yet; pure, time is a parameter. A point holds one value, the newest
 * of the source, so what waits never grows beyond the points watched, however slow the client is. While held (a
 * snapshot is being read) nothing leaves, and nothing is lost.
 */
export class Coalescer {
  #slots = new Map<number, Slot>();
  readonly #waiting = new Set<Slot>();
  #lastFrameMs = -Infinity;
  #isHeld = false;

  get size(): number {
    return this.#slots.size;
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  pointIds(): IterableIterator<number> {
    return this.#slots.keys();
  }

  /**
   * Watches exactly these points (id to key); what is known of one that stays is kept.
   * @returns the ids that are new
   */
  watch(points: ReadonlyMap<number, string>): number[] {
    const before = this.#slots;
    const fresh: number[] = [];
    this.#slots = new Map();
    for (const [pointId, key] of points) {
      const known = before.get(pointId);
      if (known === undefined) fresh.push(pointId);
      this.#slots.set(pointId, known ?? { key, timeMs: -Infinity, value: 0, quality: 0 });
    }
    const kept = new Set(this.#slots.values());
    for (const slot of this.#waiting) if (!kept.has(slot)) this.#waiting.delete(slot);
    return fresh;
  }

  /** From here on values are kept back; a snapshot that is read now misses nothing. */
  hold(): void {
    this.#isHeld = true;
  }

  release(): void {
    this.#isHeld = false;
  }

  /** The client gets this value by a snapshot: only what is newer will follow in a frame. */
  seed(value: CoalescedValue): void {
    const slot = this.#slots.get(value.pointId);
    if (slot === undefined || value.timeMs < slot.timeMs) return;
    set(slot, value);
    this.#waiting.delete(slot);
  }

  /** A value has been committed. Older than the newest known, or the same again, it is no news. */
  offer(value: CoalescedValue): void {
    const slot = this.#slots.get(value.pointId);
    if (slot === undefined || value.timeMs < slot.timeMs) return;
    if (value.timeMs === slot.timeMs && value.value === slot.value && value.quality === slot.quality) return;
    set(slot, value);
    this.#waiting.add(slot);
  }

  /** When the next frame may leave; null while there is nothing to send, or it is held. */
  dueMs(): number | null {
    return this.#isHeld || this.#waiting.size === 0 ? null : this.#lastFrameMs + frameIntervalMs;
  }

  /** The frame that is due; null when none is. */
  take(nowMs: number): ReadingsFrame | null {
    const dueMs = this.dueMs();
    if (dueMs === null || nowMs < dueMs) return null;
    const slots = [...this.#waiting];
    this.#waiting.clear();
    this.#lastFrameMs = nowMs;
    return {
      p: slots.map((slot) => slot.key),
      t: slots.map((slot) => slot.timeMs),
      v: slots.map((slot) => slot.value),
      q: slots.map((slot) => slot.quality),
    };
  }
}

function set(slot: Slot, { timeMs, value, quality }: CoalescedValue): void {
  slot.timeMs = timeMs;
  slot.value = value;
  slot.quality = quality;
}
