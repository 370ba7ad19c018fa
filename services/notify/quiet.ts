import type { Severity } from '#schemas/device-class.ts';
import { isInWindow, minuteOf, type TimeWindow } from '#schemas/time-window.ts';
import type { WallClock } from '#schemas/wall-clock.ts';
import { shiftDay } from '#schemas/local-time.ts';

/** Quiet hours without end would keep a message for ever: it comes at the latest after so long. */
const longestMs = 24 * 3_600_000;

/**
 * When a message may come that is due now: after the quiet hours that it falls into, those that follow at once
 * included, but never longer than a day; pure. A critical one never waits.
 * @returns `nowMs` where nothing is quiet
 */
export function quietUntil(
  windows: readonly TimeWindow[],
  { severity, nowMs }: { readonly severity: Severity; readonly nowMs: number },
  clock: WallClock,
): number {
  const isQuiet = (timeMs: number) => {
    const wall = clock.at(timeMs);
    return windows.some((window) => isInWindow(window, wall));
  };
  if (severity === 'critical' || windows.length === 0 || !isQuiet(nowMs)) return nowMs;
  const ends = [...new Set(windows.map((window) => minuteOf(window.to)))];
  const latestMs = nowMs + longestMs;
  const today = clock.at(nowMs).day;
  const moments = [0, 1, 2]
    .map((days) => shiftDay(today, days))
    .flatMap((day) => ends.flatMap((minute) => clock.instantsOf(day, minute)))
    .filter((timeMs) => timeMs > nowMs && timeMs < latestMs)
    .sort((a, b) => a - b);
  return moments.find((timeMs) => !isQuiet(timeMs)) ?? latestMs;
}
