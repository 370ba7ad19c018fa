import { faultAt, faultsDuring } from './faults.ts';
import { mix, unit } from './random.ts';
import { dueTimes } from './sampler.ts';
import type { FieldValue, HappeningEvent, Sampler } from './world.ts';

/**
 * What a device sends over a span of time, as a pure function: readings by the clock, happenings when they happen,
 * nothing while it does not answer its gateway box.
 */
export type FieldMessage =
  | {
      readonly kind: 'telemetry';
      readonly timeMs: number;
      readonly values: Readonly<Record<string, FieldValue | null>>;
    }
  | { readonly kind: 'event'; readonly timeMs: number; readonly event: HappeningEvent };

export interface FieldSpan {
  /** Exclusive. */
  readonly afterMs: number;
  /** Inclusive. */
  readonly untilMs: number;
}

/**
 * The messages of a device, in time order. `buffered`: at the resolution that its buffer kept, or at the one given.
 */
export function fieldMessages(
  sampler: Sampler,
  key: number,
  options: FieldSpan & { buffered: boolean; backfillEveryMs?: number | undefined },
): FieldMessage[] {
  const { afterMs, untilMs, buffered, backfillEveryMs } = options;
  const readings = new Map<number, Record<string, FieldValue>>();
  for (const group of sampler.groups) {
    // What a buffer never keeps, it does not keep thinned out either.
    if (buffered && group.backfillEveryMs === null) continue;
    const everyMs = buffered ? (backfillEveryMs ?? group.backfillEveryMs) : group.everyMs;
    if (everyMs === null) continue;
    // A buffer keeps round times; who speaks live speaks at its own phase.
    for (const timeMs of dueTimes(buffered ? 0 : key, everyMs, { afterMs, untilMs })) {
      readings.set(timeMs, Object.assign(readings.get(timeMs) ?? {}, group.read(timeMs)));
    }
  }
  const messages: FieldMessage[] = [];
  for (const [timeMs, values] of readings) messages.push({ kind: 'telemetry', timeMs, values });
  const kept = new Set<string>();
  for (const { timeMs, values, event } of sampler.happenings({ fromMs: afterMs + 1, toMs: untilMs + 1 })) {
    // A box that kept little kept the first event of a type of each such time.
    const slot = `${event?.type} ${Math.floor(timeMs / (backfillEveryMs ?? 1))}`;
    if (buffered && backfillEveryMs !== undefined && kept.has(slot)) continue;
    kept.add(slot);
    if (event !== undefined) messages.push({ kind: 'event', timeMs, event });
    if (values !== undefined && !buffered && !readings.has(timeMs))
      messages.push({ kind: 'telemetry', timeMs, values });
  }
  return messages.filter(({ timeMs }) => answers(sampler, key, timeMs)).sort((a, b) => a.timeMs - b.timeMs);
}

/** Cameras are told of by their recorder and boxes speak for themselves: both report although they are "offline". */
export function answers(sampler: Sampler, key: number, timeMs: number): boolean {
  return alwaysReported.has(sampler.device.model.kind) || faultAt(key, 'offline', timeMs) === null;
}

/** The retained status of a device at a time. */
export function statusAt(sampler: Sampler, key: number, timeMs: number): 'online' | 'offline' {
  return sampler.device.model.kind === 'box' || faultAt(key, 'offline', timeMs) === null
    ? 'online'
    : 'offline';
}

const alwaysReported = new Set(['camera', 'box']);

/** While this is on, the box keeps the device's messages and sends them in one batch at its end. */
export function heldBack(sampler: Sampler, key: number, timeMs: number): boolean {
  return (
    sampler.device.model.kind !== 'box' &&
    faultsDuring(key, 'late-batch', { fromMs: timeMs, toMs: timeMs + 1 }).length > 0
  );
}

/** How often real devices garble a packet: one in so many. */
const oneIn = { duplicate: 3_000, missing: 25_000, spike: 40_000 };

/** A packet as it leaves a real device: mostly as it should, sometimes with a hole, a spike, or twice. */
export function imperfect(message: FieldMessage, key: number): FieldMessage[] {
  const draw = (part: number, chance: number) => unit(mix(key, 900 + part), message.timeMs) < 1 / chance;
  if (draw(1, oneIn.duplicate)) return [message, message];
  if (message.kind === 'event') return [message];
  const [metric] = Object.keys(message.values);
  if (metric === undefined) return [message];
  if (draw(2, oneIn.missing)) return [{ ...message, values: { ...message.values, [metric]: null } }];
  if (draw(3, oneIn.spike)) return [{ ...message, values: { ...message.values, [metric]: spike } }];
  return [message];
}

/** What a transmitter shows when its line is open. */
const spike = 1e15;
