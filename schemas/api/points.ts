import { z } from 'zod';
import { pointKeySchema } from '../ids.ts';
import { provenances, qualities } from '../reading.ts';
import { lifecycles } from '../registry.ts';
import { instantSchema, pageQuery } from './common.ts';
import { latestSchema, pointSchema } from './registry.ts';

export const pointParams = z.strictObject({ key: pointKeySchema });

/** GET /points/{key}: one point with its device as it stands, or stood last when it is retired or gone. */
export const pointDetailSchema = pointSchema.extend({
  /** Plausible range, inclusive; null where open. */
  min: z.number().nullable(),
  max: z.number().nullable(),
  /** Of a counter: one unit of its last digit, and where it wraps to zero; null when nobody said. */
  resolution: z.number().nullable(),
  modulus: z.number().nullable(),
  device: z.object({
    id: z.string(),
    name: z.string(),
    class: z.string(),
    lifecycle: z.enum(lifecycles),
    provenance: z.enum(provenances),
    spaceId: z.string().nullable(),
    spaceName: z.string().nullable(),
    /** Since when it is no longer in the registry; null while it is. */
    removedAt: instantSchema.nullable(),
  }),
  latest: latestSchema.nullable(),
});
export type PointDetail = z.infer<typeof pointDetailSchema>;

/** GET /points/{key}/samples: raw readings of one point, newest first. */
export const samplesQuery = z.strictObject({
  ...pageQuery,
  from: instantSchema.optional(),
  to: instantSchema.optional(),
});
export const sampleSchema = z.object({
  time: instantSchema,
  value: z.number(),
  /** The state's key, of state points; null of a code that the class does not name. */
  state: z.string().nullable(),
  quality: z.enum(qualities),
  /** Of the device at that time. */
  provenance: z.enum(provenances),
  /** It came when it was older than the horizon of raw readings. */
  late: z.boolean(),
  /** How long nothing was before it, s, where that is longer than twice the expected interval. */
  gapS: z.number().nullable(),
  /** What stood here before, oldest first. */
  corrections: z.array(z.object({ at: instantSchema, value: z.number(), quality: z.enum(qualities) })),
});
export type Sample = z.infer<typeof sampleSchema>;
