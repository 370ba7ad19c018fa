import type { Resolution, Series } from '#schemas/api/readings.ts';

export type Sample = readonly [timeMs: number, value: number | null];

/** A stretch without a gap of the min/max band. */
export interface BandStretch {
  readonly t: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
}

export interface Trend {
  /** Good readings, broken by null where nothing is known. */
  readonly solid: readonly Sample[];
  /** Stretches that touch an uncertain reading, drawn dashed. */
  readonly dashed: readonly Sample[];
  /** Those of both that have no neighbour to be joined with: a line would not show them. */
  readonly lone: readonly Sample[];
  /** Bad readings: shown where they were, never joined to the line. */
  readonly bad: readonly Sample[];
  readonly band: readonly BandStretch[];
}

export const bucketMs: Readonly<Record<Exclude<Resolution, 'raw'>, number>> = {
  '1m': 60_000,
  '15m': 900_000,
  '1h': 3_600_000,
  '1d': 86_400_000,
};

/** Neighbours further apart than this are not joined, ms: twice what is due, or more than one empty bucket. */
export function gapAfterMs(resolution: Resolution, expectedIntervalS: number): number {
  return resolution === 'raw' ? 2 * expectedIntervalS * 1_000 : 1.5 * bucketMs[resolution];
}

/** One series as it is read, without its names. */
export type TrendSeries = Pick<Series, 't' | 'v' | 'q' | 'min' | 'max' | 'count'>;

const uncertain = 1;
const bad = 2;

/** Decides what of a series is drawn solid, dashed, as a bad mark, or not at all. */
export function toTrend(series: TrendSeries, gapMs: number): Trend {
  const lines = { solid: [] as Sample[], dashed: [] as Sample[] };
  const marks: Sample[] = [];
  let last: { readonly t: number; readonly v: number; readonly q: number } | null = null;
  for (const [index, t] of series.t.entries()) {
    const v = series.v[index];
    const q = series.q[index] ?? bad;
    if (v === undefined || v === null) continue;
    if (q >= bad) {
      marks.push([t, v]);
      last = null;
      continue;
    }
    const joined: typeof last = last !== null && t - last.t <= gapMs ? last : null;
    const line = lines[q === uncertain || joined?.q === uncertain ? 'dashed' : 'solid'];
    extend(line, joined === null ? null : [joined.t, joined.v], [t, v]);
    last = { t, v, q };
  }
  const lone = [...loneOf(lines.solid), ...loneOf(lines.dashed)];
  return { ...lines, lone, bad: marks, band: toBand(series, gapMs) };
}

function loneOf(line: readonly Sample[]): Sample[] {
  const known = (index: number) => typeof line[index]?.[1] === 'number';
  return line.filter((_, index) => known(index) && !known(index - 1) && !known(index + 1));
}

/** Goes on from `before` to `next`; breaks the line first where it does not end at `before`. */
function extend(line: Sample[], before: Sample | null, next: Sample): void {
  const end = line.at(-1);
  const goesOn = before !== null && end?.[0] === before[0];
  if (!goesOn) {
    if (end !== undefined) line.push([end[0] + 1, null]);
    if (before !== null) line.push(before);
  }
  line.push(next);
}

function toBand({ t, min, max }: TrendSeries, gapMs: number): BandStretch[] {
  if (min === undefined || max === undefined) return [];
  const stretches: { t: number[]; low: number[]; high: number[] }[] = [];
  let previous = -Infinity;
  for (const [index, time] of t.entries()) {
    const low = min[index];
    const high = max[index];
    if (low === undefined || low === null || high === undefined || high === null) continue;
    if (time - previous > gapMs) stretches.push({ t: [], low: [], high: [] });
    const stretch = stretches.at(-1);
    stretch?.t.push(time);
    stretch?.low.push(low);
    stretch?.high.push(high);
    previous = time;
  }
  return stretches;
}

/** Adds readings that came live behind those that were read. */
export function withTail(
  series: TrendSeries,
  tail: readonly { timeMs: number; value: number; quality: number }[],
) {
  const lastMs = series.t.at(-1) ?? -Infinity;
  const fresh = tail.filter(({ timeMs }) => timeMs > lastMs);
  return {
    ...series,
    t: [...series.t, ...fresh.map(({ timeMs }) => timeMs)],
    v: [...series.v, ...fresh.map(({ value }) => value)],
    q: [...series.q, ...fresh.map(({ quality }) => quality)],
  };
}

/**
 * The ends of the value axis that show limits lying close to the readings too; null where the readings decide alone.
 * A limit further away than the readings span would press them flat: it is told beside the chart instead.
 */
export function axisEnds(
  trend: Trend,
  limits: readonly number[],
): { low: number | null; high: number | null } {
  const values = [...trend.solid, ...trend.dashed].flatMap(([, value]) => (value === null ? [] : [value]));
  const edges = trend.band.flatMap(({ low, high }) => [...low, ...high]);
  let [bottom, top] = [Infinity, -Infinity];
  for (const value of [...values, ...edges]) {
    bottom = Math.min(bottom, value);
    top = Math.max(top, value);
  }
  const span = top - bottom;
  const below = limits.filter((limit) => limit < bottom && bottom - limit <= span);
  const above = limits.filter((limit) => limit > top && limit - top <= span);
  const room = span / 20;
  return {
    low: below.length === 0 ? null : Math.min(...below) - room,
    high: above.length === 0 ? null : Math.max(...above) + room,
  };
}
