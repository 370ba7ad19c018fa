import { z } from 'zod';
import { bilingualSchema } from '../device-class.ts';
import { pointsSchema } from './assessment.ts';

/** More members are not counted in at a time. */
export const mostSupposed = 5_000;

/** GET /assessments/{rubricId}/gaps?from=&to= : most points for the least effort first; nothing is stored. */
export const gapSchema = z.object({
  item: z.string(),
  name: bilingualSchema,
  /** Members of one class in one building that lack the same, or a function that nothing proves. */
  kind: z.enum(['silent', 'never', 'gaps', 'other', 'function']),
  class: z.string().nullable(),
  space: z.object({ id: z.string(), name: z.string() }).nullable(),
  /** The last local day with data, of `silent`. */
  since: z.string().nullable(),
  /** Of the function, of `function`. */
  function: z.object({ id: z.string(), name: bilingualSchema }).nullable(),
  /** At most 50 are named. */
  members: z.array(z.string()),
  /** How many have to be mended: one of a function. */
  effort: z.number(),
  /** Points of the item now, and with these counted. */
  before: pointsSchema.nullable(),
  after: pointsSchema,
  /** By which the lower end of the total would rise; inside a range by our convention. */
  gain: z.number(),
});
export type Gap = z.infer<typeof gapSchema>;
export const gapsSchema = z.object({ items: z.array(gapSchema) });

/** POST /assessments/{rubricId}/what-if?from=&to= : as if these members had delivered all the time. Nothing is stored. */
export const whatIfBody = z.strictObject({
  members: z.array(z.string().min(1).max(100)).min(1).max(mostSupposed),
});
const totalSchema = z.object({ determined: pointsSchema, undetermined: z.number(), maximum: z.number() });
export const whatIfSchema = z.object({
  before: totalSchema,
  after: totalSchema,
  /** Items that would earn something else. */
  items: z.array(
    z.object({
      item: z.string(),
      name: bilingualSchema,
      before: pointsSchema.nullable(),
      after: pointsSchema.nullable(),
      reason: bilingualSchema,
    }),
  ),
  /** Members that no measure counts by days, pictures or recordings. */
  unknown: z.array(z.string()),
});
export type WhatIf = z.infer<typeof whatIfSchema>;
