import { z } from 'zod';
import { severities } from './device-class.ts';

/**
 * The contract of alarms that a device raises and clears itself: events of these types, through whichever gateway.
 *
 *   {"ts", "type": "alarm.raised",       "id", "data": {"alarm": key, "severity"?, "text"?}}
 *   {"ts", "type": "alarm.cleared",      "id", "data": {"alarm": key, "text"?}}
 *   {"ts", "type": "alarm.acknowledged", "id", "data": {"alarm": key, "by"?, "text"?}}
 *
 * `alarm` names the alarm within the device for as long as it is (OPC UA: ConditionId and BranchId; a fire panel: loop
 * and address). Raised again while active it is the same occurrence. What operators acknowledge goes back through
 * {@link AlarmAcknowledger}; what is acknowledged at the device is acknowledged here by the device.
 */
export const reportedTypes = {
  raised: 'alarm.raised',
  cleared: 'alarm.cleared',
  acknowledged: 'alarm.acknowledged',
} as const;

/** Printable, and without the sign that parts it from the device. */
export const reportedKeySchema = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[^\p{Cc}#]+$/u);

/** The data of such an event; what else a device sends with it is kept with the event and not read. */
export const reportedDataSchema = z.object({
  alarm: reportedKeySchema,
  severity: z.enum(severities).optional().catch(undefined),
  text: z.string().max(500).default('').catch(''),
  /** Who acknowledged it at the device. */
  by: z.string().max(100).optional().catch(undefined),
});
export type ReportedData = z.infer<typeof reportedDataSchema>;

const deviceActorPrefix = 'device:';

/** Who acknowledged, where it was done at a device; no user is called so. */
export function deviceActor(deviceId: string): string {
  return `${deviceActorPrefix}${deviceId}`;
}

/** The device that did it; undefined for anybody else. */
export function deviceOfActor(actor: string): string | undefined {
  return actor.startsWith(deviceActorPrefix) ? actor.slice(deviceActorPrefix.length) : undefined;
}

/** An acknowledgement on its way back to the device that reported the alarm. */
export interface ReportedAcknowledgement {
  /** Grows; an acknowledgement may be given twice and is known by it. */
  readonly id: number;
  readonly deviceId: string;
  /** `alarm` of the event. */
  readonly key: string;
  readonly actor: string;
  readonly comment: string;
  readonly atMs: number;
}

/**
 * How a gateway passes acknowledgements on to the devices it speaks to.
 * @returns whether it was passed on; false when this gateway does not speak to the device. It rejects when the device
 * cannot be reached now: it is asked again later.
 */
export type AlarmAcknowledger = (acknowledgement: ReportedAcknowledgement) => Promise<boolean>;

/** Alarms that devices have reported and that are active here, of keys with this beginning. */
export type OpenReported = (
  keyPrefix: string,
) => Promise<readonly { readonly deviceId: string; readonly key: string }[]>;
