import { metricPattern } from '#schemas/ids.ts';
import { limits } from '#schemas/limits.ts';
import { say } from '#schemas/phrases.ts';
import type { PacketContent, RejectedValue, Sample, SequenceMark } from '#schemas/reading.ts';
import { parseFieldTopic } from '#schemas/topics.ts';
import { judgeQuality, judgeTime, printable, shown, untimedQuality, type JudgedTime } from '../normalise.ts';
import { decodeEvents } from './decode-event.ts';
import { decodeStatus } from './decode-status.ts';
import { isCount, isObject, refuse, type Refused } from './shape.ts';

/**
 * The wire grammar (DESIGN §4). A trailing "?" is optional; no other field is allowed anywhere in it.
 *
 *   topic      = "park/v1/" parkId "/" deviceId "/" ( "telemetry" | "event" | "status" )
 *   telemetry  = message | [ message … ]              at most 5,000 values, 256 KiB
 *   message    = { "ts"?: time, "values": { metric: value … }, "seq"?: integer >= 0 }
 *   time       = epoch milliseconds | RFC 3339 date-time with offset
 *   value      = scalar | { "v": scalar, "q"?: "good" | "uncertain" | "bad", "ts"?: time, "rev"?: integer >= 0 }
 *   scalar     = number | true | false | state name (the form of a metric)
 *   event      = occurrence | [ occurrence … ]        at most 5,000
 *   occurrence = { "ts"?: time, "type": event type, "id"?: text, "data"?: { … } }
 *   status     = online | offline                     bare text, or
 *              | { "status": "online" | "offline", "ts"?: time }
 *
 * What breaks the form of the packet refuses the packet. What is wrong inside one value refuses that value: its time
 * as `bad-time`, `before-2000` or `future-time`; everything else (null, text that cannot be a state name, beyond
 * float8, a `q` or `rev` that is none, and a metric name that could never name a point) as `not-a-number`, the
 * nearest reason of the contract, with the particular fault in its detail. JSON's rule for a repeated key holds: the
 * last one stands.
 */

export interface FieldMessage {
  readonly topic: string;
  readonly bytes: Uint8Array;
  readonly receivedAtMs: number;
  /** Our park; another one in the topic is `bad-topic`. */
  readonly parkId: string;
}

export interface Decoded {
  /** Null when the topic names no valid device of this park. */
  readonly deviceId: string | null;
  readonly content: PacketContent;
}

/** Reads one packet of the native contract. Pure; any bytes are answered with a value, none with an exception. */
export function decode(message: FieldMessage): Decoded {
  const address = parseFieldTopic(message.topic);
  if (address === null || address.parkId !== message.parkId) {
    const expected = `park/v1/${message.parkId}/{deviceId}/telemetry|event|status`;
    const detail = say('topic-other', { given: shown(message.topic), expected });
    return { deviceId: null, content: refuse('bad-topic', detail) };
  }
  return { deviceId: address.deviceId, content: decodePayload(address.kind, message) };
}

function decodePayload(kind: 'telemetry' | 'event' | 'status', message: FieldMessage): PacketContent {
  const { bytes, receivedAtMs } = message;
  if (bytes.length > limits.packetBytes) {
    return refuse('too-large', say('packet-too-large', { bytes: bytes.length, most: limits.packetBytes }));
  }
  if (bytes.length === 0) return refuse('empty', say('packet-no-bytes'));
  const text = readUtf8(bytes);
  if (text === null) return refuse('not-utf8', say('packet-not-utf8'));
  if (kind === 'status' && (text === 'online' || text === 'offline')) {
    return { kind: 'status', status: text, timeMs: receivedAtMs };
  }
  const json = readJson(text);
  if (json === undefined) return refuse('not-json', say('packet-not-json', { text: shown(text) }));
  if (kind === 'telemetry') return decodeTelemetry(json, receivedAtMs);
  return kind === 'event' ? decodeEvents(json, receivedAtMs) : decodeStatus(json, receivedAtMs);
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function readUtf8(bytes: Uint8Array): string | null {
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}

/** Undefined, which JSON cannot say, when the text is not JSON. */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

interface Collected {
  readonly samples: Sample[];
  readonly rejected: RejectedValue[];
  readonly sequence: SequenceMark[];
}

function decodeTelemetry(json: unknown, receivedAtMs: number): PacketContent {
  const messages: readonly unknown[] = Array.isArray(json) ? json : [json];
  const into: Collected = { samples: [], rejected: [], sequence: [] };
  for (const message of messages) {
    const fault = decodeMessage(message, receivedAtMs, into);
    if (fault !== null) return fault;
  }
  if (into.samples.length + into.rejected.length === 0) return refuse('empty', say('packet-no-values'));
  return { kind: 'telemetry', ...into };
}

function decodeMessage(message: unknown, receivedAtMs: number, into: Collected): Refused | null {
  if (!isObject(message))
    return refuse('wrong-shape', say('no-object', { field: 'message', given: shown(message) }));
  for (const key of Object.keys(message)) {
    if (key !== 'values' && key !== 'ts' && key !== 'seq') {
      return refuse(
        'unknown-field',
        say('field-unknown', { place: 'message', field: shown(key), known: 'ts, values, seq' }),
      );
    }
  }
  const { ts, values, seq } = message;
  if (values === undefined) return refuse('wrong-shape', say('packet-no-values'));
  if (!isObject(values))
    return refuse('wrong-shape', say('no-object', { field: 'values', given: shown(values) }));
  if (seq !== undefined && !isCount(seq)) {
    return refuse('wrong-shape', say('no-count', { field: 'seq', given: shown(seq) }));
  }
  const metrics = Object.keys(values);
  if (into.samples.length + into.rejected.length + metrics.length > limits.valuesPerPacket) {
    return refuse('too-large', say('packet-many-values', { most: limits.valuesPerPacket }));
  }
  const time = ts === undefined ? null : judgeTime(ts, receivedAtMs);
  const before = into.samples.length;
  for (const metric of metrics) {
    const fault = decodeValue(metric, values[metric], { time, receivedAtMs, into });
    if (fault !== null) return fault;
  }
  if (seq !== undefined)
    into.sequence.push({ seq, timeMs: newest(into.samples, before, time, receivedAtMs) });
  return null;
}

interface ValueContext {
  /** The message's time, judged; null when it gave none. */
  readonly time: JudgedTime | null;
  readonly receivedAtMs: number;
  readonly into: Collected;
}

function decodeValue(metric: string, given: unknown, context: ValueContext): Refused | null {
  const { into } = context;
  if (!metricPattern.test(metric)) {
    into.rejected.push({ metric: printable(metric), reason: 'not-a-number', detail: say('no-metric') });
    return null;
  }
  if (isObject(given)) return decodeQualified(metric, given, context);
  const value = readScalar(given);
  if (value === null) into.rejected.push(notANumber(metric, 'value', given));
  else pushSample({ metric, value, quality: 'good', rev: 0 }, context.time, context);
  return null;
}

/** A value with its own quality, time or revision. */
function decodeQualified(
  metric: string,
  given: Readonly<Record<string, unknown>>,
  context: ValueContext,
): Refused | null {
  const { into } = context;
  for (const key of Object.keys(given)) {
    if (key !== 'v' && key !== 'q' && key !== 'ts' && key !== 'rev') {
      return refuse(
        'unknown-field',
        say('field-unknown', { place: metric, field: shown(key), known: 'v, q, ts, rev' }),
      );
    }
  }
  const value = readScalar(given['v']);
  const quality = judgeQuality(given['q']);
  const rev = given['rev'] ?? 0;
  if (value === null) into.rejected.push(notANumber(metric, 'v', given['v']));
  else if (quality === null) {
    const detail = say('no-quality', { given: shown(given['q']) });
    into.rejected.push({ metric, reason: 'not-a-number', detail });
  } else if (!isCount(rev) || given['rev'] === null) {
    const detail = say('no-count', { field: 'rev', given: shown(given['rev']) });
    into.rejected.push({ metric, reason: 'not-a-number', detail });
  } else {
    const time = given['ts'] === undefined ? context.time : judgeTime(given['ts'], context.receivedAtMs);
    pushSample({ metric, value, quality, rev }, time, context);
  }
  return null;
}

function pushSample(
  read: Pick<Sample, 'metric' | 'value' | 'quality' | 'rev'>,
  time: JudgedTime | null,
  { receivedAtMs, into }: ValueContext,
): void {
  const { metric, value, quality, rev } = read;
  if (time === null) {
    into.samples.push({
      metric,
      timeMs: receivedAtMs,
      value,
      quality: untimedQuality(quality),
      rev,
      untimed: true,
    });
  } else if (time.ok) {
    into.samples.push({ metric, timeMs: time.timeMs, value, quality, rev, untimed: false });
  } else {
    into.rejected.push({ metric, reason: time.reason, detail: time.detail });
  }
}

/** Names that spell a number which JSON cannot say; never states. */
const spelledNumbers = new Set(['nan', 'inf', 'infinity', 'null']);

/** A number, a boolean as 0/1, or text that may be a state name; null for anything else. */
function readScalar(given: unknown): number | string | null {
  if (typeof given === 'number') return Number.isFinite(given) ? given : null;
  if (typeof given === 'boolean') return given ? 1 : 0;
  if (typeof given !== 'string' || spelledNumbers.has(given)) return null;
  return metricPattern.test(given) ? given : null;
}

function notANumber(metric: string, field: string, given: unknown): RejectedValue {
  const detail =
    typeof given === 'number'
      ? say('too-great', { field })
      : say('no-scalar', { field, given: shown(given) });
  return { metric, reason: 'not-a-number', detail };
}

function newest(
  samples: readonly Sample[],
  from: number,
  time: JudgedTime | null,
  receivedAtMs: number,
): number {
  let newestMs = time?.ok === true ? time.timeMs : -Infinity;
  for (let i = from; i < samples.length; i++) newestMs = Math.max(newestMs, samples[i]?.timeMs ?? -Infinity);
  return newestMs === -Infinity ? receivedAtMs : newestMs;
}
