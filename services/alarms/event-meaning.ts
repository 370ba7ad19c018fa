import { reportedDataSchema, reportedTypes } from '#schemas/alarm-reported.ts';
import type { HappenedEvent } from './event-store.ts';
import type { JudgeInput } from './judge.ts';
import type { PlannedWatch } from './plan.ts';

/** What an event is to a rule: which object it is about, and what is judged. */
export interface EventMeaning {
  /** The device, or `device#key` of an alarm that it reports. */
  readonly object: string;
  readonly key: string;
  readonly input: Extract<JudgeInput, { kind: 'event' }>;
}

/** What an event of its device is to a rule that waits for events; undefined when it is nothing. Pure. */
export function meaningOf(
  { judged, deviceId }: Pick<PlannedWatch, 'judged' | 'deviceId'>,
  { timeMs, type, data }: Pick<HappenedEvent, 'timeMs' | 'type' | 'data'>,
): EventMeaning | undefined {
  const { condition } = judged;
  if (condition.kind === 'event') {
    const isEnd = type === condition.clearType;
    if (!isEnd && (type !== condition.type || !isWanted(data, condition.where))) return undefined;
    return { object: deviceId, key: '', input: { kind: 'event', timeMs, isEnd } };
  }
  if (condition.kind !== 'reported') return undefined;
  const isEnd = type === reportedTypes.cleared;
  if (!isEnd && type !== reportedTypes.raised) return undefined;
  const told = reportedDataSchema.safeParse(data).data;
  if (told?.alarm.startsWith(condition.keyPrefix ?? '') !== true) return undefined;
  const { alarm: key, text, severity } = told;
  return {
    object: `${deviceId}#${key}`,
    key,
    input: { kind: 'event', timeMs, isEnd, told: { text, severity } },
  };
}

/** An alarm that a device reports was acknowledged at the device. */
export interface DeviceAcknowledgement {
  readonly ruleId: string;
  readonly deviceId: string;
  /** `device#key` */
  readonly object: string;
  readonly timeMs: number;
  /** Who did it, as the device says; null where it does not. */
  readonly by: string | null;
  readonly text: string;
}

/** What an event acknowledges of what a rule takes up; undefined when it acknowledges nothing. Pure. */
export function acknowledgementOf(
  { judged: { condition }, rule, deviceId }: Pick<PlannedWatch, 'judged' | 'rule' | 'deviceId'>,
  { timeMs, type, data }: Pick<HappenedEvent, 'timeMs' | 'type' | 'data'>,
): DeviceAcknowledgement | undefined {
  if (condition.kind !== 'reported' || type !== reportedTypes.acknowledged) return undefined;
  const told = reportedDataSchema.safeParse(data).data;
  if (told?.alarm.startsWith(condition.keyPrefix ?? '') !== true) return undefined;
  const { alarm: key, by = null, text } = told;
  return { ruleId: rule.body.id, deviceId, object: `${deviceId}#${key}`, timeMs, by, text };
}

/** Whether an event's data is what a rule asks for. */
function isWanted(
  data: Readonly<Record<string, unknown>>,
  where: Readonly<Record<string, string | number | boolean>>,
): boolean {
  return Object.entries(where).every(([key, value]) => Object.hasOwn(data, key) && data[key] === value);
}
