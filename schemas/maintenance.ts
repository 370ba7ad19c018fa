import { z } from 'zod';
import { idSchema } from './ids.ts';

/** Planned work: what it covers, and when. Alarms inside are recorded as suppressed. */

/** All that are given must hold; a tag is one of the comma-separated words of the attribute `tags` of a device. */
export const maintenanceTargetSchema = z
  .strictObject({
    device: idSchema.optional(),
    /** The space itself and all below it. */
    space: idSchema.optional(),
    deviceClass: z.string().min(1).max(100).optional(),
    tag: z
      .string()
      .trim()
      .min(1)
      .max(100)
      .regex(/^[^,]*$/, 'a tag holds no comma')
      .optional(),
  })
  .refine(
    (target) => Object.values(target).some((value) => value !== undefined),
    'names a device, a space, a class or a tag',
  );
export type MaintenanceTarget = z.infer<typeof maintenanceTargetSchema>;

const longestOnceMs = 90 * 86_400_000;
/** One occurrence ends before the next local day but one. */
const longestMinutes = 1_440;

export const maintenanceScheduleSchema = z.discriminatedUnion('kind', [
  z
    .strictObject({
      kind: z.literal('once'),
      from: z.iso.datetime({ offset: true }),
      /** Exclusive. */
      to: z.iso.datetime({ offset: true }),
    })
    .refine(({ from, to }) => Date.parse(from) < Date.parse(to), { path: ['to'], message: 'is after from' })
    .refine(({ from, to }) => Date.parse(to) - Date.parse(from) <= longestOnceMs, {
      path: ['to'],
      message: 'is at most 90 days after from',
    }),
  z
    .strictObject({
      kind: z.literal('weekly'),
      /** 1 Monday to 7 Sunday. */
      days: z.array(z.int().min(1).max(7)).min(1).max(7),
      /** Local time of the park, `HH:MM`. */
      start: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'is a time of day, HH:MM'),
      minutes: z.int().min(1).max(longestMinutes),
      /** The first local day. */
      fromDay: z.iso.date(),
      /** The last local day on which one begins; absent: without end. */
      toDay: z.iso.date().optional(),
    })
    .refine(({ fromDay, toDay }) => toDay === undefined || fromDay <= toDay, {
      path: ['toDay'],
      message: 'is not before fromDay',
    }),
]);
export type MaintenanceSchedule = z.infer<typeof maintenanceScheduleSchema>;
