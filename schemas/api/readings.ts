import { z } from 'zod';
import { limits } from '../limits.ts';
import { idSchema, pointKeySchema } from '../ids.ts';
import { commaList, instantSchema } from './common.ts';

export const resolutions = ['raw', '1m', '15m', '1h', '1d'] as const;
export type Resolution = (typeof resolutions)[number];

/** GET /readings */
export const readingsQuery = z.strictObject({
  points: commaList(pointKeySchema, limits.readingsPoints),
  from: instantSchema,
  to: instantSchema,
  resolution: z.enum(['auto', ...resolutions]).default('auto'),
});

/** GET /latest: exactly one of the three. */
export const latestQuery = z
  .strictObject({
    points: commaList(pointKeySchema, limits.latestPoints).optional(),
    device: idSchema.optional(),
    space: idSchema.optional(),
  })
  .refine((query) => Object.values(query).filter((value) => value !== undefined).length === 1, {
    message: 'give exactly one of points, device and space',
  });

export const seriesSchema = z.object({
  point: z.string(),
  unit: z.string(),
  /** Epoch milliseconds: of the reading, or of the bucket's start. */
  t: z.array(z.number()),
  v: z.array(z.number().nullable()),
  /** 0 good, 1 uncertain, 2 bad. */
  q: z.array(z.number()),
  min: z.array(z.number().nullable()).optional(),
  max: z.array(z.number().nullable()).optional(),
  avg: z.array(z.number().nullable()).optional(),
  count: z.array(z.number()).optional(),
});
export type Series = z.infer<typeof seriesSchema>;

export const readingsAnswer = z.object({
  from: instantSchema,
  to: instantSchema,
  resolution: z.enum(resolutions),
  series: z.array(seriesSchema),
  pending: z.boolean().optional(),
});
