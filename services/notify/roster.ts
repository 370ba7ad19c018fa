import type { Roster, Shift } from '#schemas/notify.ts';
import type { CalendarDay } from '#schemas/alarm-schedule.ts';
import { isInWindow, minuteOf } from '#schemas/time-window.ts';
import { daysBetween, type WallClock, type WallTime } from '#schemas/wall-clock.ts';
import { shiftDay, weekdayOf } from '#schemas/local-time.ts';

/** By what rosters are read: the park's clock, and the days on which the park does not follow the weekday. */
export interface RosterGround {
  readonly clock: WallClock;
  /** By `YYYY-MM-DD`. */
  readonly calendar: ReadonlyMap<string, CalendarDay['kind']>;
}

/** What a day of the calendar counts as where hours are told by weekday. */
const workedAs = 1;
const restedAs = 7;
const firstOfWeekend = 6;

/** Who is on call, and what says so. */
export interface OnCall {
  /** Each once, in the order of the roster; nobody is a hole. */
  readonly people: readonly string[];
  readonly by: 'override' | 'holiday' | 'shift' | 'nobody';
}

/** A stretch of time in which the same people are on call, closed-open, epoch ms. */
export interface OnCallSpan extends OnCall {
  readonly fromMs: number;
  readonly toMs: number;
}

const dayLengths = { day: 1, week: 7 } as const;
const dayMs = 86_400_000;
const minuteMs = 60_000;

/**
 * Who is on call at an instant; pure. An override goes before a rest day of the calendar, that before the shifts; of
 * overlapping overrides the one that begins later holds, of two that begin together the one that was written later. Hours
 * of shifts are told by weekday: a weekend that is worked counts as a Monday, a rest day as a Sunday.
 */
export function onCall(roster: Roster, timeMs: number, ground: RosterGround): OnCall {
  const override = overrideAt(roster, timeMs);
  if (override !== undefined) return told(override.people, 'override');
  const wall = ground.clock.at(timeMs);
  const isRestday = ground.calendar.get(wall.day) === 'restday';
  if (isRestday && roster.holidayPeople.length > 0) return told(roster.holidayPeople, 'holiday');
  const days = {
    weekday: countsAs(wall.day, ground),
    yesterday: countsAs(shiftDay(wall.day, -1), ground),
  };
  return told(
    roster.shifts.flatMap((shift) => standing(shift, { ...wall, ...days }) ?? []),
    'shift',
  );
}

function countsAs(day: string, { calendar }: RosterGround): number {
  const weekday = weekdayOf(day);
  const kind = calendar.get(day);
  if (kind === 'restday') return restedAs;
  return kind === 'workday' && weekday >= firstOfWeekend ? workedAs : weekday;
}

function told(people: readonly string[], by: OnCall['by']): OnCall {
  const each = [...new Set(people)];
  return { people: each, by: each.length === 0 ? 'nobody' : by };
}

function overrideAt(roster: Roster, timeMs: number): Roster['overrides'][number] | undefined {
  let found: { readonly override: Roster['overrides'][number]; readonly fromMs: number } | undefined;
  for (const override of roster.overrides) {
    const fromMs = Date.parse(override.from);
    if (timeMs < fromMs || timeMs >= Date.parse(override.to)) continue;
    if (found === undefined || fromMs >= found.fromMs) found = { override, fromMs };
  }
  return found?.override;
}

/** The one of a shift who stands when the wall clock shows this; before the first day nobody has taken over yet. */
function standing(shift: Shift, wall: WallTime & { readonly yesterday: number }): string | undefined {
  if (shift.windows.length > 0 && !shift.windows.some((window) => isInWindow(window, wall))) return undefined;
  // Until the hand-over the one of the day before stands.
  const day = wall.minute < minuteOf(shift.handover) ? shiftDay(wall.day, -1) : wall.day;
  const turn = Math.floor(daysBetween(shift.startDay, day) / (dayLengths[shift.every] * shift.count));
  return turn < 0 || shift.people.length === 0 ? undefined : shift.people[turn % shift.people.length];
}

/**
 * Who is on call over a range, cut where it changes. Everything changes on whole minutes of a day's few times, so only
 * those moments of each local day are looked at, and midnight for holidays.
 */
export function onCallSpans(
  roster: Roster,
  range: { readonly fromMs: number; readonly toMs: number },
  ground: RosterGround,
): OnCallSpan[] {
  const { toMs } = range;
  const spans: { fromMs: number; toMs: number; people: readonly string[]; by: OnCall['by'] }[] = [];
  for (const atMs of momentsIn(roster, range, ground.clock)) {
    const now = onCall(roster, atMs, ground);
    const last = spans.at(-1);
    if (last !== undefined && last.by === now.by && last.people.join(' ') === now.people.join(' ')) continue;
    if (last !== undefined) last.toMs = atMs;
    spans.push({ fromMs: atMs, toMs, ...now });
  }
  return spans;
}

/** Instants at which somebody else may be on call than just before, from the beginning of the range. */
function momentsIn(
  roster: Roster,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  clock: WallClock,
): number[] {
  const times = roster.shifts.flatMap((shift) => [
    shift.handover,
    ...shift.windows.flatMap(({ from, to }) => [from, to]),
  ]);
  const minutes = [...new Set([0, ...times.map(minuteOf)])];
  const moments = [fromMs, ...roster.overrides.flatMap(({ from, to }) => [Date.parse(from), Date.parse(to)])];
  const lastDay = clock.at(toMs).day;
  for (let day = clock.at(fromMs).day; day <= lastDay; day = shiftDay(day, 1)) {
    const [startMs, endMs] = [clock.instantOf(day, 0), clock.instantOf(shiftDay(day, 1), 0)];
    moments.push(...minutes.map((minute) => clock.instantOf(day, minute)));
    // Where the clock is set, times are skipped or come twice.
    if (endMs - startMs !== dayMs) {
      for (let atMs = startMs; atMs < endMs; atMs += minuteMs) moments.push(atMs);
    }
  }
  return [...new Set(moments)].filter((atMs) => atMs >= fromMs && atMs < toMs).sort((a, b) => a - b);
}
