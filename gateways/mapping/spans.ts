import type { SpanList } from '#schemas/mapping.ts';
import { itemsAt, valueAt, type PathScope } from '#schemas/mapping-path.ts';
import { limits } from '#schemas/limits.ts';
import { say, type Phrase } from '#schemas/phrases.ts';
import { parseRfc3339, printable, shown } from '../normalise.ts';
import { localClock, localText } from './local-clock.ts';
import { readNumber } from './read-number.ts';

/** A stretch of time, epoch milliseconds; closed-open. */
export interface TimeSpan {
  readonly fromMs: number;
  readonly toMs: number;
}

export type SpansRead =
  | { readonly kind: 'spans'; readonly spans: readonly TimeSpan[] }
  /** There is no such list. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'fault'; readonly detail: Phrase };

/** Reads the list of spans out of a payload; what has no end lasts until `nowMs`. */
export type SpanReader = (scope: PathScope, nowMs: number) => SpansRead;

/** Of one day of one camera; more are no recordings. */
const spansMost = 5_000;

type Instant = (given: unknown) => number | null;
/** What a Date can hold. */
const furthestMs = 8.64e15;

/** Pure; any payload is answered. */
export function spanReader(list: SpanList): SpanReader {
  const { each, from, to } = list;
  const container = { ...each, steps: each.steps.slice(0, -1), wild: false };
  const instant = instantReader(list);
  return ({ root, item }, nowMs) => {
    const members = valueAt(container, { root, item });
    if (typeof members !== 'object' || members === null) return { kind: 'absent' };
    const items = itemsAt(each, item, spansMost);
    if (items === null) return { kind: 'fault', detail: say('many-spans', { most: spansMost }) };
    const spans: TimeSpan[] = [];
    for (const { value } of items) {
      const scope = { root, item: value };
      const [began, ended] = [valueAt(from, scope), valueAt(to, scope) ?? null];
      const fromMs = instant(began);
      const endMs = ended === null || ended === '' ? nowMs : instant(ended);
      if (fromMs === null || endMs === null) {
        const [path, given] = fromMs === null ? [from, began] : [to, ended];
        const detail = say('span-form', {
          path: printable(path.text),
          given: shown(given),
          format: list.format,
        });
        return { kind: 'fault', detail };
      }
      // A file that is planned up to midnight is not written yet.
      const toMs = Math.min(endMs, nowMs);
      if (toMs > fromMs) spans.push({ fromMs, toMs });
    }
    return { kind: 'spans', spans };
  };
}

function instantReader({ format, zone }: SpanList): Instant {
  const read = zone === undefined ? namedInstant(format) : localInstant(format, zone);
  return (given) => {
    const timeMs = read(given);
    return timeMs !== null && timeMs >= limits.earliestMs && timeMs <= furthestMs ? timeMs : null;
  };
}

function localInstant(format: string, zone: string): Instant {
  const clock = localClock(format, zone);
  return (given) => (typeof given === 'string' ? clock(given.trim()) : null);
}

function namedInstant(format: string): Instant {
  if (format === 'rfc3339') return (given) => (typeof given === 'string' ? parseRfc3339(given) : null);
  return (given) => {
    const number = readNumber(given);
    return number === null ? null : number * (format === 'epoch-s' ? 1000 : 1);
  };
}

/** The same time as the other side writes it, for a question. */
export function instantText({ format, zone }: Pick<SpanList, 'format' | 'zone'>): (timeMs: number) => string {
  if (zone !== undefined) return localText(format, zone);
  if (format === 'rfc3339') return (timeMs) => new Date(timeMs).toISOString();
  return (timeMs) => String(format === 'epoch-s' ? Math.floor(timeMs / 1000) : timeMs);
}

/** Seconds that spans cover together, where they overlap only once. */
export function coveredSeconds(spans: readonly TimeSpan[]): number {
  let [coveredMs, reachedMs] = [0, -Infinity];
  for (const { fromMs, toMs } of spans.toSorted((a, b) => a.fromMs - b.fromMs)) {
    coveredMs += Math.max(0, toMs - Math.max(fromMs, reachedMs));
    reachedMs = Math.max(reachedMs, toMs);
  }
  return Math.round(coveredMs / 1000);
}

/** Seconds since the oldest of them began; null when there is none. */
export function ageSeconds(spans: readonly TimeSpan[], nowMs: number): number | null {
  if (spans.length === 0) return null;
  const oldestMs = spans.reduce((oldest, { fromMs }) => Math.min(oldest, fromMs), Infinity);
  return Math.max(0, Math.round((nowMs - oldestMs) / 1000));
}
