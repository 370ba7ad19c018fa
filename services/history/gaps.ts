/**
 * Stretches without data, epoch ms, closed-open. Pure. Data is missing where it is due and does not come for longer than twice
 * the interval at which it is expected, as in consumption's coverage (docs/consumption.md). A bucket stands for all of its time.
 * @param series.t times of readings, or starts of buckets, ascending
 * @param series.endOf the end of what begins at a time: the time itself of a reading
 */
export function gapsOf(
  series: { readonly t: readonly number[]; readonly endOf: (timeMs: number) => number },
  range: { readonly fromMs: number; readonly toMs: number; readonly expectedIntervalMs: number },
): [fromMs: number, toMs: number][] {
  const gaps: [number, number][] = [];
  const longestMs = 2 * range.expectedIntervalMs;
  let knownMs = range.fromMs;
  for (const timeMs of series.t) {
    if (timeMs - knownMs > longestMs) gaps.push([knownMs, timeMs]);
    knownMs = Math.max(knownMs, series.endOf(timeMs));
  }
  if (range.toMs - knownMs > longestMs) gaps.push([knownMs, range.toMs]);
  return gaps;
}
