import { z } from 'zod';
import { bilingualSchema } from '../device-class.ts';
import { instantSchema } from './common.ts';

/**
 * `few`: something came, and less than is asked; `out`: not in service, or not here; `blind`: nothing of the whole park was
 * received.
 */
export const dayStates = ['good', 'few', 'missing', 'out', 'blind'] as const;
export type DayState = (typeof dayStates)[number];

const localDay = z.iso.date();

/** Days in a row that are not good for one reason. */
const lackSchema = z.object({
  firstDay: localDay,
  lastDay: localDay,
  days: z.number(),
  from: instantSchema,
  to: instantSchema,
  state: z.enum(dayStates),
  /** What is known of it: retired, shelved, a gateway that was away, readings that were not good. */
  reason: bilingualSchema,
});

const rowSchema = z.object({
  /** The point whose readings made the days. */
  point: z.string(),
  name: bilingualSchema,
  /** False where the verdict does not rest on days: they are told for whoever looks after the device. */
  decides: z.boolean(),
  /** One for each entry of `days`. */
  states: z.array(z.enum(dayStates)),
  served: z.number(),
  good: z.number(),
  lacks: z.array(lackSchema),
});
export type MemberDayRow = z.infer<typeof rowSchema>;

/** GET /assessments/{rubricId}/items/{item}/members/{member}: day by day, as the measure counted. */
export const memberDaysSchema = z.object({
  member: z.string(),
  days: z.array(localDay),
  /** The member itself, or the devices in a declared place; at most 50. */
  devices: z.array(
    z.object({
      deviceId: z.string(),
      /** Seconds of the period in which alarms of it were shelved, suppressed or out of service. */
      heldS: z.number(),
      /** Empty where the device has no point that days could be told of. */
      rows: z.array(rowSchema),
    }),
  ),
  /** Devices of the place that are not told. */
  moreDevices: z.number(),
});
export type MemberDays = z.infer<typeof memberDaysSchema>;
