import { z } from 'zod';
import { limits } from '../limits.ts';
import { idSchema, pointKeySchema } from '../ids.ts';
import { commaList, instantSchema } from './common.ts';

export const resolutions = ['raw', '1m', '15m', '1h', '1d'] as const;
export type Resolution = (typeof resolutions)[number];

export const fills = ['null', 'previous', 'linear'] as const;
/** What stands in an empty bucket. */
export type Fill = (typeof fills)[number];

/**
 * GET /readings. `lttb` keeps at most so many of the raw readings of each point, those that give the line its shape. `fill`
 * gives every bucket a place: what it puts in has `count` 0 and is `uncertain`, what it does not know is null and `bad`.
 */
export const readingsQuery = z.strictObject({
  points: commaList(pointKeySchema, limits.readingsPoints),
  from: instantSchema,
  to: instantSchema,
  resolution: z.enum(['auto', ...resolutions]).default('auto'),
  lttb: z.coerce.number().int().min(3).max(limits.lttbMost).optional(),
  fill: z.enum(fills).optional(),
});

export const exportFormats = ['csv', 'arrow'] as const;

/**
 * GET /readings/export: exactly one of points, device and space, over any span. `csv` is RFC 4180, `bom` for spreadsheets, `language`
 * that of its heads and words; `arrow` is an Arrow IPC stream.
 */
export const exportQuery = z
  .strictObject({
    points: commaList(pointKeySchema, limits.exportNamedPoints).optional(),
    device: idSchema.optional(),
    space: idSchema.optional(),
    from: instantSchema,
    to: instantSchema,
    resolution: z.enum(resolutions).exclude(['1m']).default('raw'),
    format: z.enum(exportFormats).default('csv'),
    language: z.enum(['zh', 'en']).default('en'),
    bom: z.enum(['true', 'false']).default('false'),
  })
  .refine(
    ({ points, device, space }) =>
      [points, device, space].filter((given) => given !== undefined).length === 1,
    {
      message: 'give exactly one of points, device and space',
    },
  );

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
  /** Stretches without data, epoch ms, closed-open: none came for more than twice the interval at which it is due. */
  gaps: z.array(z.tuple([z.number(), z.number()])).optional(),
  /** With `lttb`: how many raw readings these were taken from. */
  of: z.number().optional(),
});
export type Series = z.infer<typeof seriesSchema>;

export const readingsAnswer = z.object({
  from: instantSchema,
  to: instantSchema,
  resolution: z.enum(resolutions),
  series: z.array(seriesSchema),
  pending: z.boolean().optional(),
});
