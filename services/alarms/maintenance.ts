import { dayAfter, shiftDay, wallTimeMs, weekdayOf, type LocalCalendar } from '#schemas/local-time.ts';
import type { MaintenanceSchedule } from '#schemas/maintenance.ts';

/** Closed-open, epoch ms. */
export interface Occurrence {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A weekday comes again within so many days. */
const weekDays = 7;

/**
 * The occurrence of planned work that goes on at an instant, else the next one; pure.
 * @returns null when none follows
 */
export function occurrenceAt(
  schedule: MaintenanceSchedule,
  calendar: LocalCalendar,
  atMs: number,
): Occurrence | null {
  if (schedule.kind === 'once') {
    const [fromMs, toMs] = [Date.parse(schedule.from), Date.parse(schedule.to)];
    return atMs < toMs ? { fromMs, toMs } : null;
  }
  // Yesterday's may go on past midnight.
  const yesterday = shiftDay(calendar.dayOf(atMs), -1);
  let day = yesterday < schedule.fromDay ? schedule.fromDay : yesterday;
  for (let i = 0; i <= weekDays + 1; i++, day = dayAfter(day)) {
    if (schedule.toDay !== undefined && day > schedule.toDay) return null;
    if (!schedule.days.includes(weekdayOf(day))) continue;
    const fromMs = wallTimeMs(calendar, day, schedule.start);
    const toMs = fromMs + schedule.minutes * 60_000;
    if (atMs < toMs) return { fromMs, toMs };
  }
  return null;
}

export function isInForce(schedule: MaintenanceSchedule, calendar: LocalCalendar, atMs: number): boolean {
  const occurrence = occurrenceAt(schedule, calendar, atMs);
  return occurrence !== null && occurrence.fromMs <= atMs;
}

/** When the last occurrence is over, epoch ms; null where it recurs without end. */
export function endOf(schedule: MaintenanceSchedule, calendar: LocalCalendar): number | null {
  if (schedule.kind === 'once') return Date.parse(schedule.to);
  const { toDay, start, minutes } = schedule;
  return toDay === undefined ? null : wallTimeMs(calendar, toDay, start) + minutes * 60_000;
}
