import { z } from 'zod';
import { pointKeySchema } from '../ids.ts';
import { limits } from '../limits.ts';
import { commaList, instantSchema } from './common.ts';

/** GET /timeline: which state each point was in, over any span. */
export const timelineQuery = z.strictObject({
  points: commaList(pointKeySchema, limits.timelinePoints),
  from: instantSchema,
  to: instantSchema,
});

export const timelineSchema = z.object({
  point: z.string(),
  /** In order, without overlap; between them nothing is known. */
  spans: z.array(
    z.object({
      from: instantSchema,
      to: instantSchema,
      value: z.number(),
      /** The state's key; null of a code that the class does not name. */
      state: z.string().nullable(),
    }),
  ),
  /** Of each value that occurred: how long, and how often it began inside the range. */
  totals: z.array(
    z.object({ value: z.number(), state: z.string().nullable(), seconds: z.number(), entered: z.number() }),
  ),
  /** Time of the range, up to now, of which nothing is known. */
  unknownS: z.number(),
});
export type Timeline = z.infer<typeof timelineSchema>;

export const timelineAnswer = z.object({
  from: instantSchema,
  to: instantSchema,
  items: z.array(timelineSchema),
  nextCursor: z.null(),
});
