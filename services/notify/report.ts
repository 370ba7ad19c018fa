import type { AlarmFigures } from '#schemas/api/alarm-figures.ts';
import { shiftDay, weekdayOf } from '#schemas/local-time.ts';
import type { ReportBody } from '#schemas/notify.ts';
import { minuteOf } from '#schemas/time-window.ts';
import type { WallClock } from '#schemas/wall-clock.ts';

/** What was not sent within a day of its time, because nobody led, is not sent any more. */
const lateMs = 24 * 3_600_000;
const weekDays = 7;

/** A week of local days, Monday to Sunday. */
export interface Week {
  readonly from: string;
  readonly to: string;
}

/** The last whole week before a day. */
export function weekBefore(day: string): Week {
  const to = shiftDay(day, -weekdayOf(day));
  return { from: shiftDay(to, 1 - weekDays), to };
}

/**
 * The week that a report is due for, and since when; pure.
 * @returns null when none is due
 */
export function dueReport(
  { enabled, weekday, time }: Pick<ReportBody, 'enabled' | 'weekday' | 'time'>,
  nowMs: number,
  clock: WallClock,
): { readonly week: Week; readonly dueMs: number } | null {
  if (!enabled) return null;
  const today = clock.at(nowMs);
  // The last time that it was this weekday: today, when its time has come.
  for (const back of [(today.weekday - weekday + weekDays) % weekDays, weekDays]) {
    const day = shiftDay(today.day, -back);
    const dueMs = clock.instantOf(day, minuteOf(time));
    if (dueMs <= nowMs) return nowMs - dueMs < lateMs ? { week: weekBefore(day), dueMs } : null;
  }
  return null;
}

/** What a report is made of; serialisable, in no language yet. */
export interface WeekReport {
  readonly id: string;
  readonly week: Week;
  /** The operator position; null for all together. */
  readonly position: { readonly id: string; readonly zh: string; readonly en: string } | null;
  readonly figures: ReportFigures;
  /** Of the week before; null where nothing was counted then. */
  readonly before: ReportFigures | null;
}

/** Of the figures of a week those that a message tells. */
export type ReportFigures = Omit<
  AlarmFigures,
  'from' | 'to' | 'position' | 'positions' | 'days' | 'standing'
> & {
  /** Days of the week that something was counted on. */
  readonly days: number;
  /** Active for more than a day when the week ended. */
  readonly standing: number;
};

export function reportFigures(figures: AlarmFigures): ReportFigures {
  const {
    from: _from,
    to: _to,
    position: _position,
    positions: _positions,
    standing: _now,
    days,
    ...told
  } = figures;
  return { ...told, days: days.length, standing: days.at(-1)?.standing ?? 0 };
}
