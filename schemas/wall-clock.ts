import { weekdayOf } from './local-time.ts';

/** What a clock on the wall shows in one time zone. */
export interface WallTime {
  /** `YYYY-MM-DD` */
  readonly day: string;
  /** Minutes since midnight as the clock shows them, 0 to 1439. */
  readonly minute: number;
  /** Monday is 1, Sunday 7. */
  readonly weekday: number;
}

export interface WallClock {
  readonly timeZone: string;
  at(timeMs: number): WallTime;
  /**
   * The instant at which the clock shows a time: the earlier where it shows it twice, the first one after where the
   * time was skipped.
   */
  instantOf(day: string, minute: number): number;
  /** The instants at which the clock shows a time, in order: two where it shows it twice, none where it was skipped. */
  instantsOf(day: string, minute: number): readonly number[];
}

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** @throws RangeError when the zone is unknown */
export function wallClock(timeZone: string): WallClock {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  });
  /** What the clock shows, read as if it were UTC; to the minute. */
  const shownMs = (timeMs: number): number => {
    const parts = Object.fromEntries(format.formatToParts(timeMs).map(({ type, value }) => [type, value]));
    const date = `${parts['year']?.padStart(4, '0')}-${parts['month']}-${parts['day']}`;
    return Date.parse(`${date}T${parts['hour']}:${parts['minute']}:00Z`);
  };
  const offsetMs = (timeMs: number) => shownMs(timeMs) - Math.floor(timeMs / minuteMs) * minuteMs;
  const wantedMs = (day: string, minute: number) => Date.parse(`${day}T00:00:00Z`) + minute * minuteMs;
  /** What the clock is ahead of UTC, a day before a time and a day after it. */
  const offsetsAround = (wanted: number) => [offsetMs(wanted - dayMs), offsetMs(wanted + dayMs)] as const;
  const instantsOf = (day: string, minute: number): readonly number[] => {
    const wanted = wantedMs(day, minute);
    const instants = new Set(offsetsAround(wanted).map((offset) => wanted - offset));
    return [...instants].filter((each) => shownMs(each) === wanted).sort((a, b) => a - b);
  };
  return {
    timeZone,
    at(timeMs) {
      const shown = shownMs(timeMs);
      const day = new Date(shown).toISOString().slice(0, 10);
      return { day, minute: (shown % dayMs) / minuteMs, weekday: weekdayOf(day) };
    },
    instantsOf,
    instantOf(day, minute) {
      const [first] = instantsOf(day, minute);
      if (first !== undefined) return first;
      const wanted = wantedMs(day, minute);
      const [before, after] = offsetsAround(wanted);
      // Skipped: the change of the clock lies between the two.
      let early = wanted - after;
      let late = wanted - before;
      while (late - early > minuteMs) {
        const middle = Math.floor((early + late) / 2 / minuteMs) * minuteMs;
        if (offsetMs(middle) === before) early = middle;
        else late = middle;
      }
      return late;
    },
  };
}

/** Whole days from one calendar day to another. */
export function daysBetween(from: string, to: string): number {
  return (Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / dayMs;
}
