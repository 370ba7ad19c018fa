import { z } from 'zod';
import { rawKeepDaysMost, rawKeepReasonLength } from '../raw-keep.ts';
import { instantSchema } from './common.ts';

/** GET /raw-retention: how far back raw readings reach, and what they take of the disk. */
export const rawRetentionSchema = z.object({
  /** How far back readings are taken in, days; raw ones of every class are kept a day longer. */
  horizonDays: z.number(),
  dialect: z.enum(['plain', 'timescale']),
  /** What raw readings take now, indexes included. */
  bytes: z.number(),
  /** What copies of classes that are kept longer take besides. */
  keptBytes: z.number(),
  /** Measured: bytes by rows as the server estimates them; null while there is next to nothing to measure. */
  bytesPerReading: z.number().nullable(),
  /** Largest first; classes that have sent nothing of late, and of which nothing was set, are not listed. */
  classes: z.array(
    z.object({
      class: z.string(),
      points: z.number(),
      readingsPerDay: z.number(),
      /** How long raw readings of the class are kept; the horizon unless it was set. */
      days: z.number(),
      /** Since when copies are kept beyond the horizon; null while there are none. */
      keptSince: instantSchema.nullable(),
      /** Who set it last, why and when; null when nobody did. */
      setting: z.object({ author: z.string(), reason: z.string(), at: instantSchema }).nullable(),
      /** At this rate, over everything that is kept; null while a reading's size is not known. */
      bytes: z.number().nullable(),
    }),
  ),
});
export type RawRetention = z.infer<typeof rawRetentionSchema>;

/** PUT /raw-retention/{class} */
export const rawKeepBody = z.strictObject({
  /** More than the horizon; null is as long as all other classes. */
  days: z.int().positive().max(rawKeepDaysMost).nullable(),
  /** Why; stands in the audit. */
  reason: z.string().trim().min(1).max(rawKeepReasonLength),
  /** Said when fewer days are kept than now: readings that go cannot be brought back. */
  confirm: z.boolean().default(false),
});
export type RawKeepBody = z.input<typeof rawKeepBody>;
