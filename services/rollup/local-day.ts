import { dayAfter, type LocalCalendar } from '#schemas/local-time.ts';

/** A local day of the park as the store needs it, closed-open, epoch ms. */
export interface LocalDay {
  /** `YYYY-MM-DD` */
  readonly day: string;
  readonly fromMs: number;
  readonly toMs: number;
}

export function localDay(calendar: LocalCalendar, day: string): LocalDay {
  return { day, fromMs: calendar.startOf(day), toMs: calendar.startOf(dayAfter(day)) };
}

/** Points whose day is worked on in one transaction. */
export const pointsAtOnce = 2_000;
