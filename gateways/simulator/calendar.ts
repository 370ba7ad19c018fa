/** Local days of the park: working days, weekends, and where in its day an instant lies. */
export interface LocalDay {
  /** The local date as days since 1970-01-01. */
  readonly day: number;
  /** Epoch milliseconds, closed-open. */
  readonly startMs: number;
  readonly endMs: number;
}

export interface Calendar {
  dayOf(timeMs: number): LocalDay;
  /** Local time of day in hours, 0 to 24; days of 23 and 25 hours are stretched. */
  hourOf(timeMs: number): number;
}

export const dayMs = 86_400_000;
export const hourMs = 3_600_000;

/** Local dates on which nobody works although it may be a weekday: [month, first day, last day]. */
const holidays = [
  [1, 1, 1],
  [5, 1, 3],
  [10, 1, 7],
] as const;

/** Whether offices and workshops work on a local date (days since 1970-01-01). */
export function isWorkday(day: number): boolean {
  const weekday = (((day + 4) % 7) + 7) % 7;
  if (weekday === 0 || weekday === 6) return false;
  const date = new Date(day * dayMs);
  return !holidays.some(
    ([month, first, last]) =>
      date.getUTCMonth() + 1 === month && date.getUTCDate() >= first && date.getUTCDate() <= last,
  );
}

/** 0 to 1 through the year of a local date. */
export function yearFraction(day: number): number {
  return (day % 365.2425) / 365.2425;
}

/** @param timeZone an IANA name */
export function createCalendar(timeZone: string): Calendar {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  const offsetMs = (timeMs: number): number => {
    const name = format.formatToParts(timeMs).find((part) => part.type === 'timeZoneName')?.value ?? '';
    const match = /([+-])(\d\d):(\d\d)/.exec(name);
    if (match === null) return 0;
    return (Number(match[2]) * 60 + Number(match[3])) * 60_000 * (match[1] === '-' ? -1 : 1);
  };
  const startOf = (day: number): number => {
    const midnight = day * dayMs;
    return midnight - offsetMs(midnight - offsetMs(midnight));
  };
  const known = new Map<number, LocalDay>();
  const byNumber = (day: number): LocalDay => {
    const found = known.get(day);
    if (found !== undefined) return found;
    const made = { day, startMs: startOf(day), endMs: startOf(day + 1) };
    known.set(day, made);
    return made;
  };
  const dayOf = (timeMs: number): LocalDay => {
    let local = byNumber(Math.floor((timeMs + 8 * hourMs) / dayMs));
    while (timeMs < local.startMs) local = byNumber(local.day - 1);
    while (timeMs >= local.endMs) local = byNumber(local.day + 1);
    return local;
  };
  return {
    dayOf,
    hourOf: (timeMs) => {
      const { startMs, endMs } = dayOf(timeMs);
      return ((timeMs - startMs) / (endMs - startMs)) * 24;
    },
  };
}
