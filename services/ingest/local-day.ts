/** Start of the local day that holds an instant, epoch ms (days of 23 and 25 hours included). */
export function localDayStartMs(timeMs: number, timeZone: string): number {
  const offset = offsetMs(timeMs, timeZone);
  const midnightMs = Math.floor((timeMs + offset) / dayMs) * dayMs;
  // Midnight may stand on the other side of a change of the clocks.
  return midnightMs - offsetMs(midnightMs - offset, timeZone);
}

const dayMs = 86_400_000;

/** What local time is ahead of UTC at an instant, ms. */
function offsetMs(timeMs: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' }).formatToParts(
    timeMs,
  );
  const name = parts.find((part) => part.type === 'timeZoneName')?.value ?? '';
  const match = /([+-])(\d\d):(\d\d)$/.exec(name);
  if (match === null) return 0;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return (match[1] === '-' ? -minutes : minutes) * 60_000;
}
