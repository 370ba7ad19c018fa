import { limits } from '#schemas/limits.ts';
import type { FieldEvent, Packet, Sample } from '#schemas/reading.ts';
import { fieldTopic } from '#schemas/topics.ts';
import type { NativeMessage } from './record.ts';

/** Values in one message: far below what a packet may hold, so that one cannot grow too large by its names. */
const valuesPerMessage = 500;

/**
 * A packet in the native contract (DESIGN §4), split where one message could not hold it. Pure.
 *
 * A value that came without a time is sent with the time it was received here, still `uncertain`. A value that was
 * rejected here is sent as null, which the park refuses as `not-a-number`: it counts there, though not by its own
 * reason. A packet that was refused whole has no native form: nothing is sent.
 */
export function toNative(packet: Packet, parkId: string): NativeMessage[] {
  const { content, deviceId, receivedAtMs } = packet;
  if (deviceId === null || content.kind === 'refused') return [];
  const message = (kind: 'telemetry' | 'event' | 'status', body: unknown): NativeMessage => ({
    topic: fieldTopic(parkId, deviceId, kind),
    payload: Buffer.from(JSON.stringify(body)),
  });
  if (content.kind === 'status') {
    return [message('status', { status: content.status, ts: content.timeMs })];
  }
  if (content.kind === 'event') {
    return pieces(content.events.map(nativeEvent)).map((events) => message('event', events));
  }
  const rejected = content.rejected.map(({ metric }) => ({ metric, timeMs: receivedAtMs, value: null }));
  const values = [...content.samples.map(nativeSample), ...rejected];
  return pieces(values).map((some) => message('telemetry', groupByTime(some)));
}

interface NativeSample {
  readonly metric: string;
  readonly timeMs: number;
  /** As it will stand in the message. */
  readonly value: unknown;
}

function nativeSample({ metric, timeMs, value, quality, rev }: Sample): NativeSample {
  const isPlain = quality === 'good' && rev === 0;
  const qualified = {
    v: value,
    ...(quality === 'good' ? {} : { q: quality }),
    ...(rev === 0 ? {} : { rev }),
  };
  return { metric, timeMs, value: isPlain ? value : qualified };
}

function nativeEvent({ timeMs, type, id, data }: FieldEvent) {
  return { ts: timeMs, type, ...(id === null ? {} : { id }), data };
}

/** Messages of one time each, in order; a metric that comes twice begins another, for a name stands once in an object. */
function groupByTime(samples: readonly NativeSample[]) {
  const messages: { ts: number; values: Record<string, unknown> }[] = [];
  let current: (typeof messages)[number] | undefined;
  for (const { metric, timeMs, value } of samples) {
    if (current === undefined || current.ts !== timeMs || Object.hasOwn(current.values, metric)) {
      current = { ts: timeMs, values: Object.create(null) as Record<string, unknown> };
      messages.push(current);
    }
    current.values[metric] = value;
  }
  return messages;
}

/** Runs of items that stay within both limits of a packet. */
function pieces<T>(items: readonly T[]): T[][] {
  const runs: T[][] = [];
  let run: T[] = [];
  let bytes = 0;
  for (const item of items) {
    const size = Buffer.byteLength(JSON.stringify(item)) + perItemBytes;
    if (run.length > 0 && (run.length === valuesPerMessage || bytes + size > mostPayloadBytes)) {
      runs.push(run);
      run = [];
      bytes = 0;
    }
    run.push(item);
    bytes += size;
  }
  if (run.length > 0) runs.push(run);
  return runs;
}

/** Braces, names and a time of its own for each. */
const perItemBytes = 64;
const mostPayloadBytes = limits.packetBytes - 1_024;
