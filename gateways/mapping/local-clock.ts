import { timeTokens } from '#schemas/mapping.ts';

/** Reads local times of one form in one zone. */
export type LocalClock = (text: string) => number | null;

/** Offsets that are remembered; a zone changes its own a few times a year. */
const offsetsMost = 4_096;
const offsetGridMs = 15 * 60_000;

const digits: Readonly<Record<(typeof timeTokens)[number], string>> = {
  YYYY: '(?<year>\\d{4})',
  MM: '(?<month>\\d{2})',
  DD: '(?<day>\\d{2})',
  HH: '(?<hour>\\d{2})',
  mm: '(?<minute>\\d{2})',
  ss: '(?<second>\\d{2})',
  SSS: '(?<milli>\\d{3})',
};

/**
 * A reader of times such as `2026-03-01 08:15:00`, written `YYYY-MM-DD HH:mm:ss`. It answers epoch milliseconds, or null
 * for text of another form or a day or time that does not exist. An hour that a zone skips is read as the one after
 * it; one that it repeats, as its first.
 */
export function localClock(form: string, zone: string): LocalClock {
  const pattern = new RegExp(
    `^${form
      .split(/(YYYY|MM|DD|HH|mm|SSS|ss)/)
      .map((piece) => digits[piece as keyof typeof digits] ?? piece.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'))
      .join('')}$`,
  );
  const offsetAt = zoneOffsets(zone);
  return (text) => {
    const groups = pattern.exec(text)?.groups;
    if (groups === undefined) return null;
    const part = (name: string) => Number(groups[name] ?? 0);
    const [month, day, hour, minute, second] = ['month', 'day', 'hour', 'minute', 'second'].map(part);
    const date = new Date(0);
    date.setUTCFullYear(part('year'), (month ?? 0) - 1, day);
    if (date.getUTCMonth() !== (month ?? 0) - 1 || date.getUTCDate() !== day) return null;
    if ((hour ?? 0) > 23 || (minute ?? 0) > 59 || (second ?? 0) > 59) return null;
    date.setUTCHours(hour ?? 0, minute, second, part('milli'));
    return toInstant(date.getTime(), offsetAt);
  };
}

/** Writes an instant in such a form: the other way round. */
export function localText(form: string, zone: string): (timeMs: number) => string {
  const offsetAt = zoneOffsets(zone);
  const pieces = form.split(/(YYYY|MM|DD|HH|mm|SSS|ss)/);
  return (timeMs) => {
    const [year, month, day, hour, minute, second, milli] = new Date(timeMs + offsetAt(timeMs))
      .toISOString()
      .split(/[-T:.Z]/);
    const values: Record<string, string | undefined> = {
      YYYY: year,
      MM: month,
      DD: day,
      HH: hour,
      mm: minute,
      ss: second,
      SSS: milli,
    };
    return pieces.map((piece) => values[piece] ?? piece).join('');
  };
}

/** The first instant whose local time is this one. */
function toInstant(localMs: number, offsetAt: (timeMs: number) => number): number {
  const dayMs = 86_400_000;
  const [before, after] = [offsetAt(localMs - dayMs), offsetAt(localMs + dayMs)];
  const early = localMs - Math.max(before, after);
  const late = localMs - Math.min(before, after);
  if (early + offsetAt(early) === localMs) return early;
  return late + offsetAt(late) === localMs ? late : localMs - before;
}

/** How far local time is ahead of UTC at an instant, ms. */
function zoneOffsets(zone: string): (timeMs: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
    era: 'short',
  });
  const known = new Map<number, number>();
  return (timeMs) => {
    const slot = Math.floor(timeMs / offsetGridMs);
    const found = known.get(slot);
    if (found !== undefined) return found;
    const atMs = slot * offsetGridMs;
    const parts = Object.fromEntries(format.formatToParts(atMs).map(({ type, value }) => [type, value]));
    const part = (name: string) => Number(parts[name] ?? 0);
    const local = new Date(0);
    local.setUTCFullYear(part('year'), part('month') - 1, part('day'));
    local.setUTCHours(part('hour'), part('minute'), part('second'));
    const offsetMs = local.getTime() - atMs;
    if (known.size >= offsetsMost) known.clear();
    known.set(slot, offsetMs);
    return offsetMs;
  };
}
