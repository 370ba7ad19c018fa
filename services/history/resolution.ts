import { resolutions, type Resolution } from '#schemas/api/readings.ts';
import { limits } from '#schemas/limits.ts';

/** Length of a bucket, ms; a local day may be an hour shorter or longer. */
export const bucketMs: Readonly<Record<Exclude<Resolution, 'raw'>, number>> = {
  '1m': 60_000,
  '15m': 15 * 60_000,
  '1h': 3_600_000,
  '1d': 86_400_000,
};

/** As many values as a chart can show; `auto` stays below it. */
const chartValues = 2_000;

export interface HistoryRange {
  readonly fromMs: number;
  readonly toMs: number;
  /** How many points are asked for. */
  readonly points: number;
  /** The shortest expected interval among them, ms. */
  readonly intervalMs: number;
  /** Raw readings reach back to here, epoch ms. */
  readonly horizonMs: number;
}

/** Whether a resolution is there at all: raw and 1m live only as long as raw readings do. */
export function isBeyondHorizon(resolution: Resolution, range: HistoryRange): boolean {
  return (resolution === 'raw' || resolution === '1m') && range.fromMs < range.horizonMs;
}

/** How many buckets of all points the range can hold at most; raw has none. */
export function bucketCount(resolution: Resolution, range: HistoryRange): number {
  if (resolution === 'raw') return 0;
  return (Math.ceil((range.toMs - range.fromMs) / bucketMs[resolution]) + 1) * range.points;
}

/**
 * The resolutions that serve `auto`, finest first: the first that a chart can show and that reaches back far enough,
 * then the coarser ones in case there is more data than expected. Pure.
 */
export function autoResolutions(range: HistoryRange): Resolution[] {
  const expected = (resolution: Resolution) =>
    (range.toMs - range.fromMs) / (resolution === 'raw' ? range.intervalMs : bucketMs[resolution]);
  const fitting = resolutions.filter(
    (resolution) =>
      !isBeyondHorizon(resolution, range) &&
      expected(resolution) <= chartValues &&
      expected(resolution) * range.points <= limits.readingsValues,
  );
  return fitting.length > 0 ? fitting : ['1d'];
}
