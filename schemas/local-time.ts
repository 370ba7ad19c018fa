/** A part of one local day of the park, closed-open, epoch milliseconds. */
export interface DaySegment {
  /** `YYYY-MM-DD` in the zone. */
  readonly day: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** False where the range begins or ends inside the day. */
  readonly complete: boolean;
}

/** The local days of one IANA time zone; days of 23 and 25 hours are days like any other. */
export interface LocalCalendar {
  readonly timeZone: string;
  /** The local day that an instant lies in. */
  dayOf(timeMs: number): string;
  /** What the clocks show at an instant, minutes after 00:00. */
  minuteOf(timeMs: number): number;
  /** The first instant of a local day; of a day that the zone skipped, the first instant after it. */
  startOf(day: string): number;
  /** The range cut at local midnights, in order. */
  segments(fromMs: number, toMs: number): DaySegment[];
}

const dayMs = 86_400_000;
/** No zone is further than this from UTC. */
const widestOffsetMs = 16 * 3_600_000;
/** Starts of days that a calendar remembers: asking for a year of days asks for each of them again and again. */
const mostKnown = 4_096;
/** Zones of a park are whole quarter hours from UTC, so midnights lie on this grid. */
const gridMs = 15 * 60_000;

/** @throws RangeError when the zone is unknown */
export function localCalendar(timeZone: string): LocalCalendar {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  const dayOf = (timeMs: number): string => {
    const parts = Object.fromEntries(format.formatToParts(timeMs).map(({ type, value }) => [type, value]));
    return `${parts['year']?.padStart(4, '0')}-${parts['month']}-${parts['day']}`;
  };
  const clock = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    numberingSystem: 'latn',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const minuteOf = (timeMs: number): number => {
    const [hours = 0, minutes = 0] = clock.format(timeMs).split(':').map(Number);
    return hours * 60 + minutes;
  };
  const known = new Map<string, number>();
  const startOf = (day: string): number => {
    const start = known.get(day) ?? findStart(day);
    if (known.size >= mostKnown) known.clear();
    known.set(day, start);
    return start;
  };
  const findStart = (day: string): number => {
    const utcMs = Date.parse(`${day}T00:00:00Z`);
    // Bisect on the grid: `before` is always an earlier day, `at` never.
    let before = (utcMs - widestOffsetMs) / gridMs;
    let at = (utcMs + widestOffsetMs) / gridMs;
    while (at - before > 1) {
      const middle = Math.floor((before + at) / 2);
      if (dayOf(middle * gridMs) < day) before = middle;
      else at = middle;
    }
    return at * gridMs;
  };
  const segments = (fromMs: number, toMs: number): DaySegment[] => {
    const found: DaySegment[] = [];
    if (fromMs >= toMs) return found;
    let day = dayOf(fromMs);
    let startMs = startOf(day);
    while (startMs < toMs) {
      const next = dayAfter(day);
      const endMs = startOf(next);
      const [cutFromMs, cutToMs] = [Math.max(startMs, fromMs), Math.min(endMs, toMs)];
      const complete = startMs >= fromMs && endMs <= toMs;
      if (cutFromMs < cutToMs) found.push({ day, fromMs: cutFromMs, toMs: cutToMs, complete });
      [day, startMs] = [next, endMs];
    }
    return found;
  };
  return { timeZone, dayOf, minuteOf, startOf, segments };
}

/** The calendar day after `YYYY-MM-DD`. */
export function dayAfter(day: string): string {
  return shiftDay(day, 1);
}

/** The calendar day `days` later (earlier when negative). */
export function shiftDay(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * dayMs).toISOString().slice(0, 10);
}

/**
 * The instant at which clocks of the zone show this time of a local day; of a time that the zone skipped, or showed
 * twice, one within an hour of it.
 * @param clock `HH:MM`
 */
export function wallTimeMs(calendar: LocalCalendar, day: string, clock: string): number {
  const wanted = minutesOf(clock);
  const guess = calendar.startOf(day) + wanted * 60_000;
  const shown = new Intl.DateTimeFormat('en-GB', {
    timeZone: calendar.timeZone,
    hourCycle: 'h23',
    hour: '2-digit',
    minute: '2-digit',
  }).format(guess);
  const off = wanted - minutesOf(shown) + (calendar.dayOf(guess) > day ? -minutesOfDay : 0);
  return guess + off * 60_000;
}

const minutesOfDay = 1_440;

function minutesOf(clock: string): number {
  const [hours = 0, minutes = 0] = clock.split(':').map(Number);
  return hours * 60 + minutes;
}

/** 1 Monday to 7 Sunday. */
export function weekdayOf(day: string): number {
  return new Date(`${day}T00:00:00Z`).getUTCDay() || 7;
}
