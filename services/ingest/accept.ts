import { limits } from '#schemas/limits.ts';
import { say, type Phrase } from '#schemas/phrases.ts';
import { qualityCode } from '#schemas/reading.ts';
import type {
  FieldEvent,
  Packet,
  PacketContent,
  RejectedValue,
  Sample,
  SequenceMark,
  ValueReason,
} from '#schemas/reading.ts';
import type { PointDirectory, PointInfo } from '#schemas/registry.ts';
import { emptyColumns, type ReadingColumns } from './copy-rows.ts';

/** What a packet is judged against. */
export interface Park {
  readonly directory: PointDirectory;
  /** Values before this are older than the horizon, epoch ms; it is the start of a local day. */
  readonly oldestMs: number;
}

/** Values that will be stored, in columns: they wait for their flush, and an object each would be the most of it. */
export interface Accepted extends ReadingColumns {
  /** Null while all are 0. */
  revs: number[] | null;
}

/** A value older than the horizon: the store knows whether its day may still be written. */
export interface LateValue {
  readonly pointId: number;
  /** Epoch microseconds, an integer: the resolution of the store. */
  readonly timeUs: number;
  readonly value: number;
  readonly quality: 0 | 1 | 2;
  readonly rev: number;
  readonly metric: string;
  readonly isCounter: boolean;
}

/** One packet, judged value by value: every value is in exactly one of the five places. */
export interface Judged {
  /** Whether the packet names a device of the park. */
  readonly known: boolean;
  readonly kind: PacketContent['kind'];
  readonly accepted: Readonly<Accepted>;
  readonly late: readonly LateValue[];
  readonly rejected: readonly RejectedValue[];
  /** Values of metrics that an engineer chose to ignore: counted as rejected by `ignored`, kept in no book. */
  readonly ignored: number;
  /** Values of an unknown device or metric. */
  readonly undiscovered: readonly Sample[];
  /** How many of the accepted and the late came without a time. */
  readonly untimed: number;
  /** Events of a known device. */
  readonly events: readonly FieldEvent[];
  /** Of a known device. */
  readonly sequence: readonly SequenceMark[];
  /** Whether the packet, or what {@link undiscovered} holds of it, goes to the discoveries. */
  readonly discovery: boolean;
}

/** The judgement of a packet that holds nothing for the store. */
export const nothing: Judged = {
  known: false,
  kind: 'refused',
  accepted: { ...emptyColumns(), revs: null },
  late: [],
  rejected: [],
  ignored: 0,
  undiscovered: [],
  untimed: 0,
  events: [],
  sequence: [],
  discovery: false,
};

/** Judges every value of a packet against the park (DESIGN §3 point 4). Pure. */
export function accept(packet: Packet, park: Park): Judged {
  const { content, deviceId } = packet;
  const { kind } = content;
  if (kind === 'refused' || deviceId === null) return nothing;
  const known = park.directory.hasDevice(deviceId);
  if (kind === 'status') return { ...nothing, kind, known, discovery: !known };
  if (kind === 'event') {
    const discovery = !known && content.events.length > 0;
    const { events, rejected } = content;
    return { ...nothing, kind, known, rejected, events: known ? events : [], discovery };
  }
  if (known) return acceptSamples(deviceId, { content, receivedAtMs: packet.receivedAtMs }, park);
  const { samples, rejected } = content;
  return { ...nothing, kind, rejected, undiscovered: samples, discovery: samples.length > 0 };
}

function acceptSamples(
  deviceId: string,
  { content, receivedAtMs }: { content: Extract<PacketContent, { kind: 'telemetry' }>; receivedAtMs: number },
  park: Park,
): Judged {
  const accepted: Accepted = { ...emptyColumns(), revs: null };
  // Most packets have none of these, and many packets wait: what is empty is one for all.
  let late: LateValue[] | undefined;
  let rejected: RejectedValue[] | undefined;
  let undiscovered: Sample[] | undefined;
  let ignored = 0;
  let untimed = 0;
  for (const sample of content.samples) {
    const point = park.directory.find(deviceId, sample.metric);
    if (point === undefined) {
      if (park.directory.isIgnored(deviceId, sample.metric)) ignored++;
      else (undiscovered ??= []).push(sample);
      continue;
    }
    const verdict = judgeSample(sample, point, receivedAtMs);
    if (!verdict.ok) {
      rejected ??= [...content.rejected];
      rejected.push({ metric: sample.metric, reason: verdict.reason, detail: verdict.detail });
      continue;
    }
    if (sample.untimed) untimed++;
    const value = {
      pointId: point.pointId,
      timeUs: Math.round(sample.timeMs * 1000),
      value: verdict.value,
      quality: qualityCode[sample.quality],
      rev: Number.isSafeInteger(sample.rev) && sample.rev > 0 ? sample.rev : 0,
    };
    if (sample.timeMs >= park.oldestMs) take(accepted, value);
    else (late ??= []).push({ ...value, metric: sample.metric, isCounter: point.kind === 'counter' });
  }
  return {
    known: true,
    kind: 'telemetry',
    accepted: fitted(accepted),
    late: late ?? nothing.late,
    rejected: rejected ?? content.rejected,
    ignored,
    undiscovered: undiscovered ?? nothing.undiscovered,
    untimed,
    events: nothing.events,
    sequence: content.sequence,
    discovery: undiscovered !== undefined,
  };
}

/** An array that grew by pushing has room for more: as much again, in a packet of a few values. */
function fitted({ pointIds, timesUs, values, qualities, revs }: Accepted): Accepted {
  return {
    pointIds: pointIds.slice(),
    timesUs: timesUs.slice(),
    values: values.slice(),
    qualities: qualities.slice(),
    revs,
  };
}

function take(accepted: Accepted, value: Omit<LateValue, 'metric' | 'isCounter'>): void {
  const row = accepted.pointIds.push(value.pointId) - 1;
  accepted.timesUs.push(value.timeUs);
  accepted.values.push(value.value);
  accepted.qualities.push(value.quality);
  if (value.rev > 0) accepted.revs ??= Array.from({ length: row }, () => 0);
  accepted.revs?.push(value.rev);
}

type Verdict =
  | { readonly ok: true; readonly value: number }
  | { readonly ok: false; readonly reason: ValueReason; readonly detail: Phrase };

function refuse(reason: ValueReason, detail: Phrase): Verdict {
  return { ok: false, reason, detail };
}

/** Judges one value of a known point; times first, since a clock that was never set explains everything else. */
function judgeSample(sample: Sample, point: PointInfo, receivedAtMs: number): Verdict {
  const { timeMs } = sample;
  if (!Number.isFinite(timeMs)) return refuse('bad-time', say('time-no-number'));
  if (timeMs < limits.earliestMs)
    return refuse('before-2000', say('time-never-set', { time: isoTime(timeMs) }));
  if (timeMs > receivedAtMs + limits.futureMs) {
    const seconds = Math.round((timeMs - receivedAtMs) / 1000);
    return refuse('future-time', say('time-ahead', { time: isoTime(timeMs), seconds }));
  }
  return point.kind === 'state' ? judgeState(sample.value, point) : judgeNumber(sample.value, point);
}

function judgeState(value: number | string, point: PointInfo): Verdict {
  const code = typeof value === 'string' ? point.states.indexOf(value) : value;
  if (Number.isInteger(code) && code >= 0 && code < point.states.length) return { ok: true, value: code + 0 };
  return refuse(
    'unknown-state',
    say('no-state', {
      given: shown(value),
      metric: point.metric,
      states: point.states.join(', '),
      most: point.states.length - 1,
    }),
  );
}

function judgeNumber(value: number | string, point: PointInfo): Verdict {
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    return refuse('not-a-number', say('no-number', { field: 'value', given: shown(value) }));
  }
  if ((point.min !== null && value < point.min) || (point.max !== null && value > point.max)) {
    const range = { min: point.min ?? '−∞', max: point.max ?? '∞' };
    return refuse('implausible', say('implausible', { value, unit: point.unit, ...range }));
  }
  // Minus zero would be another value than zero to a byte comparison, and is the same one to everybody else.
  return { ok: true, value: value + 0 };
}

const shownLength = 40;

function shown(value: number | string): string {
  return typeof value === 'string' ? `"${value.slice(0, shownLength)}"` : String(value);
}

/** RFC 3339, or the number where it is beyond what a date can say. */
function isoTime(timeMs: number): string {
  return Math.abs(timeMs) <= 8.64e15 ? new Date(timeMs).toISOString() : String(timeMs);
}
