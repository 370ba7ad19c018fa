import { weekdays, type CalendarDay, type DayKind, type Schedule } from '#schemas/alarm-schedule.ts';
import { dayAfter, shiftDay, type LocalCalendar } from '#schemas/local-time.ts';

/** A stretch of time in which a schedule holds, or does not; closed-open, epoch ms. */
export interface Span {
  readonly isInside: boolean;
  readonly fromMs: number;
  readonly toMs: number;
}

/** When a schedule holds. */
export interface Spans {
  at(timeMs: number): Span;
}

/** The days on which the park does not follow the weekday, by `YYYY-MM-DD`. */
export type Holidays = ReadonlyMap<string, CalendarDay['kind']>;

const minuteMs = 60_000;
/** A schedule that never changes is told to do so at the end of this: rules are planned again long before. */
const farthestDays = 40;
/** Days whose periods are kept: a reading is of about now. */
const keptDays = 100;

/**
 * When a schedule holds, by the wall clock of the park's calendar; answers are remembered, so that asking again within
 * a span costs a comparison. A time of day that the zone skips is the instant at which it skips; one that comes twice
 * is the first.
 */
export function spansOf(
  schedule: Schedule,
  { calendar, holidays }: { readonly calendar: LocalCalendar; readonly holidays: Holidays },
): Spans {
  const days = new Map<string, readonly Range[]>();
  const ofDay = (day: string) => {
    const known = days.get(day);
    if (known !== undefined) return known;
    const found = rangesOfDay(schedule, day, { calendar, kinds: kindsOf(day, holidays) });
    if (days.size >= keptDays) days.clear();
    days.set(day, found);
    return found;
  };
  let last: Span | null = null;
  return {
    at(timeMs) {
      if (last !== null && timeMs >= last.fromMs && timeMs < last.toMs) return last;
      last = findSpan(ofDay, { timeMs, calendar });
      return schedule.when === 'during' ? last : (last = { ...last, isInside: !last.isInside });
    },
  };
}

interface Range {
  readonly fromMs: number;
  readonly toMs: number;
}

function findSpan(
  ofDay: (day: string) => readonly Range[],
  { timeMs, calendar }: { readonly timeMs: number; readonly calendar: LocalCalendar },
): Span {
  const today = calendar.dayOf(timeMs);
  const around = [-1, 0, 1].flatMap((days) => ofDay(shiftDay(today, days)));
  let within = around.find((range) => timeMs >= range.fromMs && timeMs < range.toMs);
  if (within !== undefined) {
    // Periods that touch or overlap are one span.
    for (let next = touching(around, within); next !== undefined; next = touching(around, within)) {
      within = {
        fromMs: Math.min(within.fromMs, next.fromMs),
        toMs: Math.max(within.toMs, next.toMs),
      };
    }
    return { isInside: true, ...within };
  }
  let fromMs = calendar.startOf(shiftDay(today, -1));
  for (const range of around) if (range.toMs <= timeMs) fromMs = Math.max(fromMs, range.toMs);
  let day = today;
  for (let days = 0; days < farthestDays; days++, day = dayAfter(day)) {
    const next = ofDay(day)
      .map((range) => range.fromMs)
      .filter((startMs) => startMs > timeMs);
    if (next.length > 0) return { isInside: false, fromMs, toMs: Math.min(...next) };
  }
  return { isInside: false, fromMs, toMs: calendar.startOf(day) };
}

function touching(ranges: readonly Range[], within: Range): Range | undefined {
  return ranges.find(
    (range) =>
      range.fromMs <= within.toMs &&
      range.toMs >= within.fromMs &&
      (range.fromMs < within.fromMs || range.toMs > within.toMs),
  );
}

function rangesOfDay(
  { periods }: Schedule,
  day: string,
  { calendar, kinds }: { readonly calendar: LocalCalendar; readonly kinds: readonly DayKind[] },
): Range[] {
  return periods
    .filter((period) => period.days.some((kind) => kinds.includes(kind)))
    .map(({ from, to }) => ({
      fromMs: instantOf(day, from, calendar),
      toMs: instantOf(minutesOf(to) <= minutesOf(from) ? dayAfter(day) : day, to, calendar),
    }))
    .filter(({ fromMs, toMs }) => fromMs < toMs);
}

function kindsOf(day: string, holidays: Holidays): DayKind[] {
  // 1970-01-05 was a Monday.
  const weekday = weekdays[(((Date.parse(`${day}T00:00:00Z`) / 86_400_000 + 3) % 7) + 7) % 7] ?? 'mon';
  const isRest = holidays.get(day) ?? (weekday === 'sat' || weekday === 'sun' ? 'restday' : 'workday');
  return [weekday, isRest];
}

function minutesOf(wallTime: string): number {
  const [hours = 0, minutes = 0] = wallTime.split(':').map(Number);
  return hours * 60 + minutes;
}

/** The first instant at which the clocks of the day show this time or later. */
function instantOf(day: string, wallTime: string, calendar: LocalCalendar): number {
  const minutes = minutesOf(wallTime);
  if (minutes === 24 * 60) return calendar.startOf(dayAfter(day));
  const startMs = calendar.startOf(day);
  if (minutes === 0) return startMs;
  const endMs = calendar.startOf(dayAfter(day));
  const lengthMin = (endMs - startMs) / minuteMs;
  if (lengthMin === 24 * 60) return startMs + minutes * minuteMs;
  // A day of another length: the offset changed once, at some whole quarter of an hour.
  let found = endMs;
  for (let atMs = startMs; atMs < endMs; atMs += minuteMs) {
    if (calendar.minuteOf(atMs) < minutes) continue;
    found = atMs;
    break;
  }
  return found;
}
