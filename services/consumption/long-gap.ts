import type { KeptPart } from './day-store.ts';
import type { SampleSource } from './samples.ts';

/**
 * Days inside a longer stretch without a sample are not kept ready but computed for whoever asks, which takes two samples.
 * Else one sample of a device whose clock is wrong by years would make years of days, and each further one all of them
 * again.
 */
export const longGapMs = 400 * 86_400_000;

/**
 * Where the long gap ends that a day of a counter lies in: at its next sample, or now.
 * @param day.part the day as it was computed
 * @returns epoch µs; null where the day lies in none
 */
export async function longGapEnd(
  source: SampleSource,
  day: { readonly part: KeptPart; readonly fromUs: number; readonly toUs: number },
  { nowMs, gapMs }: { readonly nowMs: number; readonly gapMs: number },
): Promise<number | null> {
  const { part, fromUs, toUs } = day;
  const [gapUs, latestUs] = [gapMs * 1_000, Math.max(toUs, nowMs * 1_000)];
  const isShort = (sinceUs: number) => latestUs - sinceUs <= gapUs;
  // Nearly all days have samples, or depend on one that is not that old, and nothing is asked of them.
  if (part.coveredUs > 0 || isShort(part.dependsFromUs)) return null;
  const { pointId } = part;
  const [before] = await source.before({ pointId, fromUs: -Infinity, toUs: fromUs }, 1);
  if (before === undefined || isShort(before.timeUs)) return null;
  const [next] = await source.from(pointId, fromUs, 1);
  const endUs = next?.timeUs ?? latestUs;
  return endUs >= toUs && endUs - before.timeUs > gapUs ? endUs : null;
}
