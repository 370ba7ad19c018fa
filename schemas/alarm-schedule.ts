import { z } from 'zod';

/**
 * When something holds, by the wall clock of the park: working hours, night, rest days. Periods are closed-open and
 * told as a person would: `22:00` to `06:00` runs over midnight and belongs to the day on which it begins. A time of day
 * that the zone skips is the instant at which it skips, one that comes twice is the first.
 */
export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
/** `workday` and `restday` follow the park's calendar of holidays; without an entry the weekday decides. */
export const dayKinds = [...weekdays, 'workday', 'restday'] as const;
export type DayKind = (typeof dayKinds)[number];

/** `HH:MM`, up to 24:00. */
export const wallTimeSchema = z
  .string()
  .regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'a time of day is told as HH:MM');

export const schedulePeriodSchema = z.strictObject({
  days: z.array(z.enum(dayKinds)).min(1).max(dayKinds.length),
  from: wallTimeSchema,
  /** At or before `from`: on the next day. */
  to: wallTimeSchema,
});

export const scheduleSchema = z.strictObject({
  /** `during` the periods, or all the time `outside` them. */
  when: z.enum(['during', 'outside']),
  periods: z.array(schedulePeriodSchema).min(1).max(20),
});
export type Schedule = z.infer<typeof scheduleSchema>;

/** A day on which the park does not follow the weekday: a holiday, or a weekend that is worked. */
export const calendarDaySchema = z.strictObject({
  day: z.iso.date(),
  kind: z.enum(['workday', 'restday']),
  name: z.string().max(100),
});
export type CalendarDay = z.infer<typeof calendarDaySchema>;

/** Times of day every day: e.g. the night of GB 3096-2008, 22:00 to 06:00. */
export function everyDay(from: string, to: string): Schedule {
  return { when: 'during', periods: [{ days: [...weekdays], from, to }] };
}
