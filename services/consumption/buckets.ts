import { dayAfter, localCalendar, shiftDay, type LocalCalendar } from '#schemas/local-time.ts';
import type { ConsumptionInterval } from '#schemas/api/consumption.ts';
import type { Interval } from './parts.ts';

/** Every boundary of the park lies on this grid (DESIGN §4, Time). */
export const quarterMs = 15 * 60_000;
const hourMs = 3_600_000;
const dayMs = 86_400_000;

/** The shortest that a bucket of each length can be, ms; what a question may cost is counted in these. */
const shortestMs: Readonly<Record<ConsumptionInterval, number>> = {
  '15m': quarterMs,
  '1h': hourMs,
  '1d': 23 * hourMs,
  '1mo': 28 * dayMs - hourMs,
};

/** How many buckets a range can have at most. */
export function mostBuckets(range: {
  readonly fromMs: number;
  readonly toMs: number;
  readonly interval: ConsumptionInterval;
}): number {
  return Math.ceil((range.toMs - range.fromMs) / shortestMs[range.interval]) + 1;
}

/**
 * The range cut at local quarters, hours, midnights or months of a zone, in order; the first and last are clipped. Days
 * have 23, 24 or 25 hours. Hours begin where a local clock shows a full one.
 * @throws RangeError when the zone is unknown
 */
export function bucketsOf(
  range: {
    readonly fromMs: number;
    readonly toMs: number;
    readonly interval: ConsumptionInterval;
    readonly timeZone: string;
  },
  calendar: LocalCalendar = localCalendar(range.timeZone),
): Interval[] {
  const { fromMs, toMs } = range;
  const inside = startsIn(range, calendar).filter((startMs) => startMs > fromMs && startMs < toMs);
  const starts = [fromMs, ...inside];
  return starts.map((startMs, at) => ({
    fromUs: startMs * 1_000,
    toUs: (starts[at + 1] ?? toMs) * 1_000,
  }));
}

/** Starts of buckets, in order; some may lie outside. */
function startsIn(
  range: { readonly fromMs: number; readonly toMs: number; readonly interval: ConsumptionInterval },
  calendar: LocalCalendar,
): number[] {
  const { fromMs, toMs, interval } = range;
  const { timeZone } = calendar;
  const starts: number[] = [];
  if (interval === '15m') {
    for (let at = Math.ceil(fromMs / quarterMs) * quarterMs; at < toMs; at += quarterMs) starts.push(at);
    return starts;
  }
  if (interval === '1mo') {
    for (let month = calendar.dayOf(fromMs).slice(0, 7); ; month = monthAfter(month)) {
      const startMs = calendar.startOf(`${month}-01`);
      if (startMs >= toMs) return starts;
      starts.push(startMs);
    }
  }
  for (let day = calendar.dayOf(fromMs); ; day = dayAfter(day)) {
    const startMs = calendar.startOf(day);
    if (startMs >= toMs) return starts;
    if (interval === '1d') starts.push(startMs);
    else starts.push(...hoursOf(startMs, calendar.startOf(dayAfter(day)), timeZone));
  }
}

/** Full hours of the local clock within a local day. */
function hoursOf(dayStartMs: number, dayEndMs: number, timeZone: string): number[] {
  const hours: number[] = [];
  const minuteOf = minutesIn(timeZone);
  // On a day of 24 hours the clock was not moved: its hours follow each other.
  const step = dayEndMs - dayStartMs === dayMs ? hourMs : quarterMs;
  for (let at = dayStartMs; at < dayEndMs; at += step) {
    if (step === hourMs || minuteOf(at) === 0) hours.push(at);
  }
  return hours;
}

function minutesIn(timeZone: string): (timeMs: number) => number {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, minute: 'numeric' });
  return (timeMs) => Number(format.format(timeMs));
}

/** The calendar month after `YYYY-MM`. */
function monthAfter(month: string): string {
  // No month has more than 31 days, and none fewer than 28: 32 days after its first is always in the next.
  return shiftDay(`${month}-01`, 32).slice(0, 7);
}

/** Whether a name is a time zone whose offset is a whole number of quarter hours. */
export function isQuarterHourZone(timeZone: string): boolean {
  try {
    const minute = minutesIn(timeZone);
    // Every zone that is not on the grid today has never been on it since 2000.
    return minute(946_684_800_000) % 15 === 0;
  } catch {
    return false;
  }
}
