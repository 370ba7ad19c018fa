/** Readings of one point in order of time, as columns. */
export interface Columns {
  /** Epoch ms, ascending. */
  readonly t: ArrayLike<number>;
  readonly v: ArrayLike<number>;
  /** 0 good, 1 uncertain, 2 bad. */
  readonly q: ArrayLike<number>;
}

const bad = 2;

/**
 * Which readings to draw so that the line keeps its shape: Largest Triangle Three Buckets (S. Steinarsson,
 * "Downsampling Time Series for Visual Representation", 2013). Pure.
 *
 * The answer is a subset in order, with the first and the last reading, of at most `most` (>= 3) readings. On both sides of a
 * gap the reading next to it is kept, so that a gap stays a gap; where there are more gaps than `most` has room for, the longest
 * are. A bad reading is taken only where its bucket holds nothing better, so that a spike nobody trusts hides no real peak.
 * @param gapMs neighbours further apart are on two sides of a gap
 * @returns places in the columns
 */
export function lttb(columns: Columns, most: number, gapMs: number): number[] {
  const { length } = columns.t;
  if (length <= most) return Array.from({ length }, (_, place) => place);
  const stretches = splitAtGaps(columns.t, gapMs, Math.floor(most / 2) - 1);
  const kept: number[] = [];
  const budgets = shareOut(
    stretches.map(({ from, to }) => to - from),
    most,
  );
  for (const [index, stretch] of stretches.entries()) {
    pickOf(columns, stretch, { budget: budgets[index] ?? 0, kept });
  }
  return kept;
}

/** Places from included to not. */
interface Stretch {
  readonly from: number;
  readonly to: number;
}

function splitAtGaps(t: ArrayLike<number>, gapMs: number, most: number): Stretch[] {
  const gaps: { place: number; lengthMs: number }[] = [];
  for (let place = 1; place < t.length; place++) {
    const lengthMs = (t[place] ?? 0) - (t[place - 1] ?? 0);
    if (lengthMs > gapMs) gaps.push({ place, lengthMs });
  }
  const longest =
    gaps.length <= most ? gaps : gaps.toSorted((a, b) => b.lengthMs - a.lengthMs).slice(0, most);
  const starts = [0, ...longest.map(({ place }) => place).toSorted((a, b) => a - b)];
  return starts.map((from, index) => ({ from, to: starts[index + 1] ?? t.length }));
}

/** How many readings each stretch may keep: its ends, and of the rest a share by its length. */
function shareOut(lengths: readonly number[], most: number): number[] {
  const ends = lengths.map((length) => Math.min(length, 2));
  let left = most - ends.reduce((sum, end) => sum + end, 0);
  let inner = lengths.reduce((sum, length, index) => sum + length - (ends[index] ?? 0), 0);
  return lengths.map((length, index) => {
    const own = length - (ends[index] ?? 0);
    const share = inner === 0 ? 0 : Math.min(own, Math.round((left * own) / inner));
    left -= share;
    inner -= own;
    return (ends[index] ?? 0) + share;
  });
}

function pickOf(columns: Columns, { from, to }: Stretch, into: { budget: number; kept: number[] }): void {
  const { budget, kept } = into;
  if (to - from <= budget) {
    for (let place = from; place < to; place++) kept.push(place);
    return;
  }
  kept.push(from);
  const buckets = budget - 2;
  const width = (to - from - 2) / buckets;
  const edge = (bucket: number) => from + 1 + Math.floor(bucket * width);
  let before = from;
  for (let bucket = 0; bucket < buckets; bucket++) {
    const next =
      bucket + 1 === buckets ? { from: to - 1, to } : { from: edge(bucket + 1), to: edge(bucket + 2) };
    before = largest(
      columns,
      { from: edge(bucket), to: edge(bucket + 1) },
      { before, after: centre(columns, next) },
    );
    kept.push(before);
  }
  kept.push(to - 1);
}

interface Middle {
  readonly t: number;
  readonly v: number;
}

/** The mean of the readings that are not bad; of all where all are. */
function centre({ t, v, q }: Columns, { from, to }: Stretch): Middle {
  let [sumT, sumV, trusted] = [0, 0, 0];
  const originMs = t[from] ?? 0;
  for (let place = from; place < to; place++) {
    if (q[place] === bad) continue;
    sumT += (t[place] ?? 0) - originMs;
    sumV += v[place] ?? 0;
    trusted++;
  }
  if (trusted === 0) return { t: originMs, v: v[from] ?? 0 };
  return { t: originMs + sumT / trusted, v: sumV / trusted };
}

/** The reading that spans the largest triangle with the one kept before and the middle of the bucket after. */
function largest({ t, v, q }: Columns, bucket: Stretch, between: { before: number; after: Middle }): number {
  const [t0, v0] = [t[between.before] ?? 0, v[between.before] ?? 0];
  const [t2, v2] = [between.after.t - t0, between.after.v - v0];
  let [best, bestArea] = [bucket.from, -Infinity];
  for (let place = bucket.from; place < bucket.to; place++) {
    const area = q[place] === bad ? -1 : Math.abs(t2 * ((v[place] ?? 0) - v0) - ((t[place] ?? 0) - t0) * v2);
    if (area > bestArea) [best, bestArea] = [place, area];
  }
  return best;
}
