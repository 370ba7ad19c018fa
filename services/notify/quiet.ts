import type { Severity } from '#schemas/device-class.ts';
import { isInWindow, minuteOf, type TimeWindow } from '#schemas/time-window.ts';
import type { WallClock } from '#schemas/wall-clock.ts';
import { shiftDay } from '#schemas/local-time.ts';

/** A week of quiet without end would keep a message for ever: it comes at the latest after so many days. */
const longestDays = 8;

/**
 * When a message may come that is due now: after the quiet hours that it falls into, those that follow at once
 * included; pure. A critical one never waits.
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
  const today = clock.at(nowMs).day;
  const moments = Array.from({ length: longestDays + 1 }, (_, i) => shiftDay(today, i))
    .flatMap((day) => ends.map((minute) => clock.instantOf(day, minute)))
    .filter((timeMs) => timeMs > nowMs)
    .sort((a, b) => a - b);
  return moments.find((timeMs) => !isQuiet(timeMs)) ?? moments.at(-1) ?? nowMs;
}
