import { z } from 'zod';
import { bilingualSchema } from './device-class.ts';
import { figureProofSchema, partProofSchema } from './rubric-proof.ts';
import { rubricUnits } from './rubric-units.ts';
import { automations, evidenceSources, functionSchema, slugSchema, thresholdSchema } from './rubric.ts';

/** Kinds of park that a levelled rubric may ask different figures of. */
export const parkKinds = ['manufacturing', 'other'] as const;

/** Thresholds that hold together, or any one of them; for one kind of park, or for every. */
const levelRuleSchema = z.strictObject({
  parkKind: z.enum(parkKinds).optional(),
  match: z.enum(['all', 'any']),
  thresholds: z.array(thresholdSchema).min(1),
});

const levelSchema = z.strictObject({
  level: z.int().positive(),
  /** The least external rating, by name. */
  rating: z.string().min(1).optional(),
  rules: z.array(levelRuleSchema),
  functions: z.array(functionSchema),
  /** What the source asks beside figures and parts. */
  condition: bilingualSchema.optional(),
});

const levelItemSchema = z.strictObject({
  id: slugSchema,
  row: z.int().positive(),
  name: bilingualSchema,
  evidenceSource: z.enum(evidenceSources),
  secondarySources: z.array(z.enum(evidenceSources)).default([]),
  automation: z.enum(automations),
  /** Names of the external rating, worst first. */
  ratings: z.array(z.string().min(1)).min(2).optional(),
  /** Name of our measure, when there is one. */
  measure: slugSchema.optional(),
  /** What proves a part, by its id: a part stands in several levels. Any one is enough. */
  proofs: z.record(slugSchema, z.array(partProofSchema).min(1).max(6)).optional(),
  /** What makes the figure of thresholds in a unit, for one kind of park or for every; its bound is that of the level. */
  figures: z
    .array(
      z.strictObject({
        unit: z.enum(rubricUnits),
        parkKind: z.enum(parkKinds).optional(),
        proof: figureProofSchema,
      }),
    )
    .optional(),
  /** What makes a rating, by its name. */
  ratingProofs: z.record(z.string(), z.array(partProofSchema).min(1)).optional(),
  /** What we chose where the source is silent. */
  convention: bilingualSchema.optional(),
  /** Every level, lowest first. */
  levels: z.array(levelSchema).min(2),
});
export type LevelItem = z.infer<typeof levelItemSchema>;

/**
 * A rubric without points: each item reaches a level, and the park reaches the lowest of them (the convention says so
 * where the source does not).
 */
export const levelRubricSchema = z
  .strictObject({
    form: z.literal('levels'),
    id: slugSchema,
    edition: z.string().min(1),
    title: bilingualSchema,
    guideline: bilingualSchema,
    convention: bilingualSchema,
    openQuestions: z.array(bilingualSchema).default([]),
    items: z.array(levelItemSchema).min(1),
  })
  .superRefine((rubric, context) => {
    const levels = rubric.items[0]?.levels.map(({ level }) => level) ?? [];
    for (const item of rubric.items) {
      const own = item.levels.map(({ level }) => level);
      if (own.join() !== levels.join())
        context.addIssue(`${item.id}: its levels are not those of the others`);
      for (const { level, rating } of item.levels) {
        if (rating !== undefined && item.ratings?.includes(rating) !== true)
          context.addIssue(`${item.id}: rating ${rating} of level ${level} is not on its scale`);
      }
    }
    if (new Set(rubric.items.map(({ id }) => id)).size !== rubric.items.length)
      context.addIssue('an item appears twice');
  });
export type LevelRubric = z.infer<typeof levelRubricSchema>;
