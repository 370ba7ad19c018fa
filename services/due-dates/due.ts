import type { LocalCalendar } from '#schemas/local-time.ts';

/** What is known of the date of one device. */
export interface DueFacts {
  /** As the registry has it. */
  readonly registered: string | null;
  /** As the newest event has told it. */
  readonly told: string | null;
}

/**
 * Days from the local day of `nowMs` to the later of both dates, negative when it is past; null when neither is a date.
 * Pure.
 */
export function daysUntilDue(
  { registered, told }: DueFacts,
  { calendar, nowMs }: { readonly calendar: LocalCalendar; readonly nowMs: number },
): number | null {
  const dates = [registered, told].flatMap((date) => dayNumber(date) ?? []);
  const today = dayNumber(calendar.dayOf(nowMs));
  return dates.length === 0 || today === null ? null : Math.max(...dates) - today;
}

const dayMs = 86_400_000;

/** Days since 1970 of a date as YYYY-MM-DD; null for anything else. */
function dayNumber(date: string | null): number | null {
  if (date === null || !/^\d{4}-\d\d-\d\d$/.test(date)) return null;
  const timeMs = Date.parse(`${date}T00:00:00Z`);
  const isDate = !Number.isNaN(timeMs) && new Date(timeMs).toISOString().startsWith(date);
  return isDate ? Math.round(timeMs / dayMs) : null;
}
