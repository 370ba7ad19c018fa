import type { Fill, Series } from '#schemas/api/readings.ts';

/** Codes of quality: what is filled in is at best doubtful, and where there is nothing it is bad. */
const uncertain = 1;
const bad = 2;

/** What a series in buckets has in each of them. */
export type BucketSeries = {
  [K in 't' | 'v' | 'q' | 'min' | 'max' | 'avg' | 'count']: NonNullable<Series[K]>;
};

/**
 * Gives every bucket of the range a place. Pure. What is filled in has `count` 0, no min and max, and is `uncertain`:
 *
 * - `null`: nothing is known of an empty bucket; its value is null and its quality bad.
 * - `previous`: the value of the last bucket before it that has one; null before the first.
 * - `linear`: on the straight line between the buckets on either side that have one (of a direction, along the shorter arc);
 *   null before the first and after the last: nothing is guessed beyond what is known.
 *
 * A bucket in which only bad readings came is not empty: it stays as it is, and nobody's value is put in its place.
 * @param grid starts of all buckets of the range, ascending, those of the series among them
 */
export function fillBuckets(
  series: BucketSeries,
  options: { readonly grid: readonly number[]; readonly fill: Fill; readonly circular: boolean },
): BucketSeries {
  const places = new Map(series.t.map((timeMs, place) => [timeMs, place]));
  const known = series.t.flatMap((timeMs, place) => {
    const value = series.v[place] ?? null;
    return value === null ? [] : [{ timeMs, value, quality: series.q[place] ?? bad }];
  });
  const filled: BucketSeries = { t: [...options.grid], v: [], q: [], min: [], max: [], avg: [], count: [] };
  let after = 0;
  for (const timeMs of options.grid) {
    while ((known[after]?.timeMs ?? Infinity) <= timeMs) after++;
    const place = places.get(timeMs);
    const value =
      place === undefined
        ? guess(timeMs, { before: known[after - 1], after: known[after], ...options })
        : (series.v[place] ?? null);
    filled.v.push(value);
    filled.avg.push(value);
    filled.q.push(place === undefined ? (value === null ? bad : uncertain) : (series.q[place] ?? bad));
    filled.min.push(place === undefined ? null : (series.min[place] ?? null));
    filled.max.push(place === undefined ? null : (series.max[place] ?? null));
    filled.count.push(place === undefined ? 0 : (series.count[place] ?? 0));
  }
  return filled;
}

interface Known {
  readonly timeMs: number;
  readonly value: number;
}

function guess(
  timeMs: number,
  from: { before: Known | undefined; after: Known | undefined; fill: Fill; circular: boolean },
): number | null {
  const { before, after, fill, circular } = from;
  if (fill === 'null' || before === undefined) return null;
  if (fill === 'previous') return before.value;
  if (after === undefined) return null;
  const share = (timeMs - before.timeMs) / (after.timeMs - before.timeMs);
  if (!circular) return before.value + (after.value - before.value) * share;
  const turn = 360;
  const arc = ((((after.value - before.value) % turn) + turn + turn / 2) % turn) - turn / 2;
  return (before.value + arc * share + turn) % turn;
}
