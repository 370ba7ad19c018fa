import { z } from 'zod';
import { spaceKinds } from './registry.ts';

/**
 * What the registry of the park itself shows at the end of a period: how many devices or spaces there are, or which share of
 * them is written up as it should be. Data beside the item.
 */
export const registryRuleSchema = z.discriminatedUnion('of', [
  z.strictObject({
    of: z.literal('devices'),
    /** Absent: of every class. */
    classes: z
      .array(z.string().regex(/^[a-z][a-z-]{1,40}$/))
      .min(1)
      .max(20)
      .optional(),
    /** What makes a device counted: it stands in a space; or this attribute says something, or one of the words. */
    has: z.union([
      z.literal('space'),
      z.strictObject({
        attribute: z.string().min(1).max(64),
        words: z.array(z.string().min(1)).min(1).optional(),
      }),
    ]),
    makes: z.enum(['share', 'count']),
  }),
  z.strictObject({
    of: z.literal('spaces'),
    kinds: z.array(z.enum(spaceKinds)).min(1),
    /** What makes a space counted: its area is written; or a device in service stands in it, or below. */
    has: z.enum(['area', 'device']),
    makes: z.enum(['share', 'count']),
  }),
]);
export type RegistryRule = z.infer<typeof registryRuleSchema>;
