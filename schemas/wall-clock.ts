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
  return {
    timeZone,
    at(timeMs) {
      const shown = shownMs(timeMs);
      const day = new Date(shown).toISOString().slice(0, 10);
      return { day, minute: (shown % dayMs) / minuteMs, weekday: weekdayOf(day) };
    },
    instantOf(day, minute) {
      const wanted = Date.parse(`${day}T00:00:00Z`) + minute * minuteMs;
      const [before, after] = [offsetMs(wanted - dayMs), offsetMs(wanted + dayMs)];
      const shown = [wanted - before, wanted - after].filter((each) => shownMs(each) === wanted);
      if (shown.length > 0) return Math.min(...shown);
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
