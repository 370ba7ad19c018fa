import type { Resolution } from '#schemas/api/readings.ts';
import { dayAfter, type LocalCalendar } from '#schemas/local-time.ts';
import { bucketMs } from './resolution.ts';

/** Where the buckets of a range begin, ascending, and where each ends; epoch ms. */
export interface Grid {
  readonly starts: readonly number[];
  /** The end of the bucket that begins at a time. */
  endOf(startMs: number): number;
}

/**
 * The buckets that overlap a range, in which /readings answers: minutes and quarters of the hour, hours from local midnight (the
 * last of a day may be shorter), local days. Pure.
 */
export function gridOf(
  resolution: Exclude<Resolution, 'raw'>,
  range: { readonly fromMs: number; readonly toMs: number },
  calendar: LocalCalendar,
): Grid {
  const stepMs = bucketMs[resolution];
  if (resolution === '1m' || resolution === '15m') {
    return {
      starts: stepping(Math.floor(range.fromMs / stepMs) * stepMs, range.toMs, stepMs),
      endOf: (at) => at + stepMs,
    };
  }
  const { days, endMs } = wholeDays(range, calendar);
  const starts =
    resolution === '1d'
      ? days
      : days
          .flatMap((day, index) => stepping(day, days[index + 1] ?? endMs, stepMs))
          .filter((start) => start + stepMs > range.fromMs && start < range.toMs);
  const midnights = [...days, endMs];
  const nextMidnight = new Map(days.map((day, index) => [day, midnights[index + 1] ?? endMs]));
  return {
    starts,
    endOf: (at) => (resolution === '1d' ? (nextMidnight.get(at) ?? at + stepMs) : at + stepMs),
  };
}

/** Where the local days that overlap the range begin, and where the last ends. */
function wholeDays(
  range: { fromMs: number; toMs: number },
  calendar: LocalCalendar,
): { days: number[]; endMs: number } {
  const segments = calendar.segments(range.fromMs, range.toMs);
  const [first, last] = [segments[0], segments.at(-1)];
  if (first === undefined || last === undefined) return { days: [], endMs: range.toMs };
  return {
    days: [calendar.startOf(first.day), ...segments.slice(1).map(({ fromMs }) => fromMs)],
    endMs: calendar.startOf(dayAfter(last.day)),
  };
}

function stepping(fromMs: number, toMs: number, stepMs: number): number[] {
  return Array.from(
    { length: Math.max(0, Math.ceil((toMs - fromMs) / stepMs)) },
    (_, index) => fromMs + index * stepMs,
  );
}
