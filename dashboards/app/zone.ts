import { formatTime } from './format.ts';

/** What a wall clock in `timeZone` shows at an instant, read as if it were UTC, ms. */
export function wallMs(timeMs: number, timeZone: string): number {
  return Date.parse(`${formatTime(timeMs, timeZone).replace(' ', 'T')}Z`);
}

/** The instant at which a wall clock in `timeZone` shows `wall` (as if UTC, ms); the earlier where it shows it twice. */
export function instantOfWall(wall: number, timeZone: string): number {
  const offset = (timeMs: number) => wallMs(timeMs, timeZone) - Math.floor(timeMs / 1_000) * 1_000;
  const guess = wall - offset(wall);
  return wall - offset(guess);
}

const dayMs = 86_400_000;

/** The last `days` whole local days before the present, as instants: `to` is the start of today. */
export function lastDays(
  days: number,
  presentMs: number,
  timeZone: string,
): { fromMs: number; toMs: number } {
  const today = Math.floor(wallMs(presentMs, timeZone) / dayMs) * dayMs;
  return {
    fromMs: instantOfWall(today - days * dayMs, timeZone),
    toMs: instantOfWall(today, timeZone),
  };
}
