import { z } from 'zod';
import { bilingualSchema } from '../device-class.ts';
import { provenances, qualities } from '../reading.ts';
import { instantSchema } from './common.ts';

/** What the public board shows, in this order. */
export const boardMedia = ['air', 'water-quality', 'noise'] as const;

/** GET /board (public): the newest environment values with their time and source, and nothing else of the park. */
export const boardSchema = z.object({
  parkId: z.string(),
  /** IANA name: times are shown as the park's clocks show them. */
  timeZone: z.string(),
  /** When the answer was made. */
  time: instantSchema,
  items: z.array(
    z.object({
      medium: z.enum(boardMedia),
      deviceId: z.string(),
      name: z.string(),
      spaceName: z.string().nullable(),
      provenance: z.enum(provenances),
      values: z.array(
        z.object({
          metric: z.string(),
          name: bilingualSchema,
          value: z.number(),
          unit: z.string(),
          time: instantSchema,
          quality: z.enum(qualities),
        }),
      ),
    }),
  ),
});
export type Board = z.infer<typeof boardSchema>;
