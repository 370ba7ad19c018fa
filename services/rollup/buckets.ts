/** Length of the finest bucket that is kept, ms. Zones of a park are whole quarter hours, so local days are whole too. */
export const quarterMs = 15 * 60_000;
/** A bucket counts as running until this long after its end: its last readings are still on their way. */
export const runningGraceMs = 15_000;

/** Start of the bucket that holds an instant, epoch ms. */
export function quarterOf(timeMs: number): number {
  return Math.floor(timeMs / quarterMs) * quarterMs;
}

/** Start of the earliest bucket that counts as running. */
export function runningFrom(nowMs: number): number {
  return quarterOf(nowMs - runningGraceMs);
}

/** A bucket whose derived rows are behind. */
export interface DirtyBucket {
  readonly bucketMs: number;
  /** The points whose readings changed; null is all. */
  readonly pointIds: readonly number[] | null;
}

/**
 * The buckets that a flush touches: a closed one with its set of points, a running one bare, since sooner or later every
 * point reports into it. Pure.
 */
export function touchedBuckets(
  readings: { readonly pointIds: readonly number[]; readonly timesMs: readonly number[] },
  runningFromMs: number,
): DirtyBucket[] {
  const touched = new Map<number, Set<number> | null>();
  let bucketMs = Number.NaN;
  let points: Set<number> | null = null;
  for (let row = 0; row < readings.timesMs.length; row++) {
    const timeMs = readings.timesMs[row] ?? NaN;
    if (!(timeMs >= bucketMs && timeMs < bucketMs + quarterMs)) {
      bucketMs = quarterOf(timeMs);
      const known = touched.get(bucketMs);
      points = known === undefined ? (bucketMs >= runningFromMs ? null : new Set()) : known;
      if (known === undefined) touched.set(bucketMs, points);
    }
    points?.add(readings.pointIds[row] ?? 0);
  }
  return [...touched].map(([start, ids]) => ({ bucketMs: start, pointIds: ids === null ? null : [...ids] }));
}
