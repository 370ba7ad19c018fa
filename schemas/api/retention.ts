import { z } from 'zod';

/** GET /raw-retention: how far back raw readings reach, and what they take of the disk. */
export const rawRetentionSchema = z.object({
  /** How far back readings are taken in, days; raw ones are kept a day longer. */
  horizonDays: z.number(),
  dialect: z.enum(['plain', 'timescale']),
  /** What raw readings take now, indexes included. */
  bytes: z.number(),
  /** Measured: bytes by rows as the server estimates them; null while there is next to nothing to measure. */
  bytesPerReading: z.number().nullable(),
  /** Largest first; classes that have sent nothing of late are not listed. */
  classes: z.array(
    z.object({
      class: z.string(),
      points: z.number(),
      readingsPerDay: z.number(),
      /** At this rate, over everything that is kept; null while a reading's size is not known. */
      bytes: z.number().nullable(),
    }),
  ),
});
export type RawRetention = z.infer<typeof rawRetentionSchema>;
