import { z } from 'zod';

/** `HH:MM` by the park's clock. */
export const timeOfDaySchema = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'is a time of day as 08:00');
/** `YYYY-MM-DD`. */
export const localDaySchema = z.iso.date();

/** Hours of some days of the week, by the park's clock, closed-open. */
export const windowSchema = z.strictObject({
  /** The days it begins on; Monday is 1, Sunday 7. */
  days: z.array(z.int().min(1).max(7)).min(1).max(7),
  from: timeOfDaySchema,
  /** At or before `from`: on the next day. */
  to: timeOfDaySchema,
});
export type TimeWindow = z.infer<typeof windowSchema>;

const dayMinutes = 1_440;

/** Minutes since midnight. */
export function minuteOf(timeOfDay: string): number {
  return Number(timeOfDay.slice(0, 2)) * 60 + Number(timeOfDay.slice(3, 5));
}

const dayBefore = (weekday: number) => (weekday === 1 ? 7 : weekday - 1);

/**
 * Whether a wall clock that shows this stands inside the window.
 * @param at.yesterday the weekday of the day before, where it is not the one before `weekday`
 */
export function isInWindow(
  window: TimeWindow,
  at: { readonly minute: number; readonly weekday: number; readonly yesterday?: number },
): boolean {
  const { from, to } = bounds(window);
  const yesterday = at.yesterday ?? dayBefore(at.weekday);
  const today = window.days.includes(at.weekday) && at.minute >= from && at.minute < to;
  const sinceYesterday = window.days.includes(yesterday) && at.minute < to - dayMinutes;
  return today || sinceYesterday;
}

/** In minutes since the midnight that begins its day; `to` may lie on the next one. */
function bounds(window: TimeWindow): { from: number; to: number } {
  const [from, to] = [minuteOf(window.from), minuteOf(window.to)];
  return { from, to: to <= from ? to + dayMinutes : to };
}
