import { z } from 'zod';
import { bilingualSchema } from './device-class.ts';
import { partProofSchema } from './rubric-proof.ts';
import {
  dottedSchema,
  evidenceSources,
  functionSchema,
  obligations,
  slugSchema,
  thresholdSchema,
} from './rubric.ts';

const requirementSchema = z.strictObject({
  id: dottedSchema,
  clause: z.string().min(1),
  /** The clause this one is a part of, where the source lists parts. */
  parentClause: z.string().min(1).optional(),
  name: bilingualSchema,
  /** `unmarked` where the source uses neither of its words. */
  obligation: z.enum([...obligations, 'unmarked']),
  evidenceSource: z.enum(evidenceSources),
  secondarySources: z.array(z.enum(evidenceSources)).default([]),
  /** Whether monitoring can show it: wholly, in part, or not. */
  monitoring: z.enum(['yes', 'partial', 'no']),
  /** Standards the clause cites. */
  standards: z.array(z.string().min(1)).default([]),
  threshold: thresholdSchema.optional(),
  functions: z.array(functionSchema),
  /** Name of our measure, when there is one. */
  measure: slugSchema.optional(),
  /** What proves the requirement where the source lists no parts of it; any one is enough. */
  proofs: z.array(partProofSchema).min(1).max(6).optional(),
  /** Any one of the parts is enough. */
  anyPart: z.boolean().optional(),
  /** What we chose where the source is silent. */
  convention: bilingualSchema.optional(),
  openQuestions: z.array(bilingualSchema).default([]),
});
export type Requirement = z.infer<typeof requirementSchema>;

/** A rubric without points or levels: each requirement is met, not met or not applicable. */
export const requirementRubricSchema = z
  .strictObject({
    form: z.literal('requirements'),
    id: slugSchema,
    edition: z.string().min(1),
    title: bilingualSchema,
    guideline: bilingualSchema,
    openQuestions: z.array(bilingualSchema).default([]),
    items: z.array(requirementSchema).min(1),
  })
  .superRefine((rubric, context) => {
    if (new Set(rubric.items.map(({ id }) => id)).size !== rubric.items.length)
      context.addIssue('a requirement appears twice');
  });
export type RequirementRubric = z.infer<typeof requirementRubricSchema>;
