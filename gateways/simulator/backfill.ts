import { dayMs } from './calendar.ts';

/** How far boxes are with what they remember. */
export interface BackfillProgress {
  /** Days of the park handed in since this start, and in all that is to be. */
  readonly days: number;
  readonly ofDays: number;
  readonly daysPerMinute: number;
  /** Null while nothing can be told. */
  readonly leftS: number | null;
  /** Everything up to then was handed in, epoch ms. */
  readonly throughMs: number;
}

/** Tells progress from how far the park's time has come and how long that took. Pure. */
export function backfillMeter(
  fromMs: number,
  untilMs: number,
): (throughMs: number, elapsedMs: number) => BackfillProgress {
  const ofDays = (untilMs - fromMs) / dayMs;
  return (throughMs, elapsedMs) => {
    const days = (throughMs - fromMs) / dayMs;
    const perMs = elapsedMs > 0 ? days / elapsedMs : 0;
    return {
      days,
      ofDays,
      daysPerMinute: perMs * 60_000,
      leftS: perMs > 0 ? (ofDays - days) / perMs / 1000 : null,
      throughMs,
    };
  };
}

/** One line for a terminal. */
export function progressLine({ days, ofDays, daysPerMinute, leftS }: BackfillProgress): string {
  const share = Math.floor((100 * days) / ofDays);
  return `${share} %  ${days.toFixed(1)} of ${ofDays.toFixed(1)} days, ${daysPerMinute.toFixed(1)} days/min, ${
    leftS === null ? 'a while' : lengthText(leftS)
  } left`;
}

function lengthText(lengthS: number): string {
  const minutes = Math.ceil(lengthS / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
