import { limits } from '#schemas/limits.ts';
import { say, type Phrase } from '#schemas/phrases.ts';
import type { FieldEvent, PacketContent, RejectedValue } from '#schemas/reading.ts';
import { judgeTime, shown } from '../normalise.ts';
import { isObject, refuse, type Refused } from './shape.ts';

/** The grammar of events stands in decode.ts. */

const typePattern = /^[a-z][a-z0-9_-]*(\.[a-z0-9_-]+)*$/;
const typeLength = 64;
const idLength = 128;
/** Deep enough for any device; shallow enough that whoever walks it by recursion is safe. */
const dataDepth = 32;

/** Reads the payload of an event topic: one occurrence or an array of them. */
export function decodeEvents(json: unknown, receivedAtMs: number): PacketContent {
  const occurrences: readonly unknown[] = Array.isArray(json) ? json : [json];
  if (occurrences.length === 0) return refuse('empty', say('packet-no-events'));
  if (occurrences.length > limits.valuesPerPacket) {
    return refuse(
      'too-large',
      say('packet-many-events', { count: occurrences.length, most: limits.valuesPerPacket }),
    );
  }
  const events: FieldEvent[] = [];
  const rejected: RejectedValue[] = [];
  for (const occurrence of occurrences) {
    const read = decodeOccurrence(occurrence, receivedAtMs);
    if ('kind' in read) return read;
    if ('reason' in read) rejected.push(read);
    else events.push(read);
  }
  return { kind: 'event', events, rejected };
}

function decodeOccurrence(given: unknown, receivedAtMs: number): FieldEvent | RejectedValue | Refused {
  if (!isObject(given))
    return refuse('wrong-shape', say('no-object', { field: 'event', given: shown(given) }));
  for (const key of Object.keys(given)) {
    if (key !== 'ts' && key !== 'type' && key !== 'id' && key !== 'data') {
      return refuse(
        'unknown-field',
        say('field-unknown', { place: 'event', field: shown(key), known: 'ts, type, id, data' }),
      );
    }
  }
  const { ts, type, id = null, data = {} } = given;
  if (typeof type !== 'string' || type.length > typeLength || !typePattern.test(type)) {
    return refuse('wrong-shape', say('event-type', { given: shown(type) }));
  }
  if (given['id'] === null || (id !== null && !isEventId(id))) {
    return refuse('wrong-shape', say('event-id', { given: shown(given['id']), most: idLength }));
  }
  if (!isObject(data)) return refuse('wrong-shape', say('no-object', { field: 'data', given: shown(data) }));
  const fault = dataFault(data, dataDepth);
  if (fault !== null) return refuse('wrong-shape', fault);
  if (ts === undefined) return { timeMs: receivedAtMs, untimed: true, type, id, data };
  const time = judgeTime(ts, receivedAtMs);
  if (!time.ok) return { metric: type, reason: time.reason, detail: time.detail };
  return { timeMs: time.timeMs, untimed: false, type, id, data };
}

function isEventId(id: unknown): id is string {
  return (
    typeof id === 'string' &&
    id.length > 0 &&
    id.length <= idLength &&
    id.isWellFormed() &&
    !/\p{Cc}/u.test(id)
  );
}

/** What the store could not keep as it was sent: said here, where it can still be refused. */
function dataFault(value: unknown, depthLeft: number): Phrase | null {
  if (typeof value === 'string') return textFault(value);
  if (typeof value === 'number') return Number.isFinite(value) ? null : say('data-number');
  if (typeof value !== 'object' || value === null) return null;
  if (depthLeft === 0) return say('data-deep', { most: dataDepth });
  for (const [key, inner] of Object.entries(value)) {
    const fault = textFault(key) ?? dataFault(inner, depthLeft - 1);
    if (fault !== null) return fault;
  }
  return null;
}

function textFault(text: string): Phrase | null {
  if (text.includes('\0')) return say('data-nul');
  return text.isWellFormed() ? null : say('data-unicode');
}
