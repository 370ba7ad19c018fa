import { limits } from '#schemas/limits.ts';
import { say, type Phrase } from '#schemas/phrases.ts';
import { qualities, type Quality } from '#schemas/reading.ts';

/**
 * What every gateway decides alike about time, number and quality, whatever protocol it speaks. Pure.
 * `older-than-horizon`, `unknown-state` and `implausible` need the park and are judged behind the sink.
 */

/** The times that no store needs to be asked about. */
export type TimeReason = 'bad-time' | 'future-time' | 'before-2000';

export type JudgedTime =
  | { readonly ok: true; readonly timeMs: number }
  | { readonly ok: false; readonly reason: TimeReason; readonly detail: Phrase };

/** ECMAScript's own range of time values, milliseconds either side of 1970. */
const furthestMs = 8.64e15;

/**
 * Judges a time given as epoch milliseconds (fractions are kept to 1 µs) or RFC 3339 text.
 * @param given what the source sent, of any type
 * @param receivedAtMs arrival, epoch milliseconds: more than 15 min ahead of it is `future-time`
 */
export function judgeTime(given: unknown, receivedAtMs: number): JudgedTime {
  const timeMs = typeof given === 'string' ? parseRfc3339(given) : given;
  if (typeof timeMs !== 'number' || !(Math.abs(timeMs) <= furthestMs)) {
    const detail = say('time-other', { given: shown(given) });
    return { ok: false, reason: 'bad-time', detail };
  }
  if (timeMs < limits.earliestMs) {
    return {
      ok: false,
      reason: 'before-2000',
      detail: say('time-never-set', { time: isoTime(timeMs) }),
    };
  }
  if (timeMs > receivedAtMs + limits.futureMs) {
    const seconds = Math.round((timeMs - receivedAtMs) / 1000);
    return {
      ok: false,
      reason: 'future-time',
      detail: say('time-ahead', { time: isoTime(timeMs), seconds }),
    };
  }
  return { ok: true, timeMs: Math.round(timeMs * 1000) / 1000 };
}

const rfc3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(\.\d{1,9})?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

/**
 * Reads an RFC 3339 date-time (§5.6 grammar, an offset is required).
 * @returns epoch milliseconds with µs fractions, or null when it is not one or names no real day or time
 */
export function parseRfc3339(text: string): number | null {
  const match = rfc3339.exec(text);
  if (match === null) return null;
  const part = (index: number) => Number(match[index] ?? 0);
  const [month, day, hour, minute, second] = [part(2), part(3), part(4), part(5), part(6)];
  if (hour > 23 || minute > 59 || second > 60 || part(9) > 23 || part(10) > 59) return null;
  const dayMs = utcDayMs(part(1), month, day);
  if (dayMs === null) return null;
  const offsetMs = (part(9) * 60 + part(10)) * 60_000 * (match[8] === '-' ? -1 : 1);
  const minuteMs = dayMs + (hour * 60 + minute) * 60_000 - offsetMs;
  // §5.7: second 60 exists only as a leap second, at 23:59 UTC; it is the first instant of the next minute.
  if (second === 60 && mod(minuteMs, 86_400_000) !== 86_340_000) return null;
  return minuteMs + second * 1000 + Math.round(part(7) * 1e6) / 1000;
}

function utcDayMs(year: number, month: number, day: number): number | null {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date.getTime() : null;
}

function mod(value: number, modulus: number): number {
  return ((value % modulus) + modulus) % modulus;
}

/** A source's word for quality; null when it is none of ours. Absent means good. */
export function judgeQuality(given: unknown): Quality | null {
  if (given === undefined) return 'good';
  return qualities.find((quality) => quality === given) ?? null;
}

/** A reading that had to be stored at its time of arrival is never better than uncertain. */
export function untimedQuality(quality: Quality): Quality {
  return quality === 'good' ? 'uncertain' : quality;
}

/** How much of a foreign text a sentence of ours repeats. */
const shownLength = 64;

/** A foreign value in a form that is safe and short enough for a book, a log or a screen. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return `"${printable(value)}"`;
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? '[…]' : '{…}';
  return String(value);
}

/** Cuts a foreign text to 64 characters that any database and terminal takes. */
export function printable(text: string): string {
  const cut = text.length > shownLength ? `${text.slice(0, shownLength - 1)}…` : text;
  return cut.toWellFormed().replace(/\p{Cc}/gu, '\uFFFD');
}

function isoTime(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
