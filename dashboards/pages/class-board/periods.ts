import type { ConsumptionAnswer } from '#schemas/api/consumption.ts';
import { isWithin, type BoardHours } from '#schemas/board-hours.ts';
import type { LocalCalendar } from '#schemas/local-time.ts';
import { shiftDay, weekdayOf } from '#schemas/local-time.ts';

/** Periods that a board compares, and what is read off a curve. Pure. */

export interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}
export const comparisons = ['day', 'week', 'month'] as const;
export type Comparison = (typeof comparisons)[number];

const quarterMs = 900_000;
/** Meters report after one another: a quarter of an hour is known to all of them a little after its end. */
const reportingMs = 5 * 60_000;

/** The last full quarter of an hour of which every meter should have told. */
export function lastQuarter(nowMs: number): number {
  return Math.floor((nowMs - reportingMs) / quarterMs) * quarterMs;
}

function daysBefore(calendar: LocalCalendar, timeMs: number, day: string): number {
  const startMs = calendar.startOf(calendar.dayOf(timeMs));
  return calendar.startOf(day) + (timeMs - startMs);
}

function monthBefore(day: string): string {
  const [year = 0, month = 1] = day.split('-').map(Number);
  return month === 1
    ? `${year - 1}-12-01`
    : `${String(year).padStart(4, '0')}-${String(month - 1).padStart(2, '0')}-01`;
}

/**
 * A period so far, and the same part of the one before it: up to the same time of day, of the same weekday or day of the
 * month; where the month before is shorter, all of it. Null in the first quarter of an hour of a period.
 */
export function comparedStretches(
  calendar: LocalCalendar,
  nowMs: number,
  comparison: Comparison,
): { now: Stretch; before: Stretch } | null {
  const toMs = lastQuarter(nowMs);
  const today = calendar.dayOf(nowMs);
  const first = {
    day: today,
    week: shiftDay(today, 1 - weekdayOf(today)),
    month: `${today.slice(0, 8)}01`,
  }[comparison];
  const fromMs = calendar.startOf(first);
  if (toMs <= fromMs) return null;
  const earlier = {
    day: shiftDay(first, -1),
    week: shiftDay(first, -7),
    month: monthBefore(first),
  }[comparison];
  const offset = Math.round((Date.parse(calendar.dayOf(toMs)) - Date.parse(first)) / 86_400_000);
  const sameDay = daysBefore(calendar, toMs, shiftDay(earlier, offset));
  return {
    now: { fromMs, toMs },
    before: { fromMs: calendar.startOf(earlier), toMs: Math.min(sameDay, fromMs) },
  };
}

/** What meters counted in all. */
export interface Total {
  readonly value: number;
  readonly unit: string;
  /** Every meter knows its register at both ends. */
  readonly whole: boolean;
  /** The register was read between two samples that lie further apart than they should. */
  readonly estimated: boolean;
}

/**
 * What an answer of consumption holds in all, in its first unit; null where nothing is known. A register that was read at
 * both ends tells all of what went through in between, however seldom it was read meanwhile: coverage does not count.
 */
export function totalOf({ items, totals }: ConsumptionAnswer): Total | null {
  const [total] = totals;
  const known = total?.buckets.flatMap(({ value }) => value ?? []) ?? [];
  if (total === undefined || known.length === 0) return null;
  // Meter by meter: a total does not tell which of them it lacks.
  const buckets = [...items.filter(({ unit }) => unit === total.unit), total].flatMap((each) => each.buckets);
  const whole = buckets.every(({ value, flags }) => value !== null && !flags.includes('incomplete'));
  const estimated = buckets.some(({ flags }) => flags.includes('estimated'));
  return { value: known.reduce((sum, value) => sum + value, 0), unit: total.unit, whole, estimated };
}

/** Each point's consumption in all, largest first; points of which nothing is known are left out. */
export function ranking({ items }: ConsumptionAnswer): { point: string; value: number; unit: string }[] {
  return items
    .flatMap(({ point, unit, buckets }) => {
      const known = buckets.flatMap(({ value }) => value ?? []);
      return known.length === 0 ? [] : [{ point, unit, value: known.reduce((sum, value) => sum + value, 0) }];
    })
    .sort((a, b) => b.value - a.value);
}

/** The lowest bucket within the hours, and its share of the mean of all; buckets that not all devices know are left out. */
export function nightBase(
  line: { readonly t: readonly number[]; readonly v: readonly number[]; readonly q: readonly number[] },
  hours: BoardHours,
  calendar: Pick<LocalCalendar, 'minuteOf'>,
): { value: number; share: number | null } | null {
  const known = line.t.flatMap((timeMs, at) => {
    const value = line.v[at];
    return value === undefined || line.q[at] !== 0 ? [] : [{ timeMs, value }];
  });
  const night = known.filter(({ timeMs }) => isWithin(hours, calendar.minuteOf(timeMs)));
  if (night.length === 0) return null;
  const value = Math.min(...night.map((one) => one.value));
  const mean = known.reduce((sum, one) => sum + one.value, 0) / known.length;
  return { value, share: mean > 0 ? value / mean : null };
}
