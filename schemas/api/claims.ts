import { z } from 'zod';
import { claimContentSchema } from '../claim.ts';
import { bilingualSchema } from '../device-class.ts';
import { dottedSchema } from '../rubric.ts';
import { provenances } from '../reading.ts';
import { daySchema } from '../registers/field.ts';
import { rubricIdSchema } from './assessment.ts';
import { instantSchema, pageQuery } from './common.ts';
import { documentRefSchema, documentsSchema, registerLimits } from './registers.ts';

export const claimLimits = {
  statement: 2_000,
  /** Nobody vouches for longer. */
  longestDays: 3 * 366,
} as const;

export const claimStates = ['pending', 'approved', 'refused', 'withdrawn'] as const;
const reason = z.string().trim().min(1).max(registerLimits.reason);

export const claimSchema = z.object({
  id: z.string(),
  rubricId: z.string(),
  item: z.string(),
  name: bilingualSchema.nullable(),
  content: claimContentSchema,
  /** What the rubric calls the band and the kinds that the content names by id. */
  names: z.record(z.string(), bilingualSchema),
  statement: z.string(),
  documents: z.array(documentRefSchema),
  from: daySchema,
  /** The last day for which it stands. */
  until: daySchema,
  sha256: z.string(),
  author: z.string(),
  provenance: z.enum(provenances),
  claimedAt: instantSchema,
  state: z.enum(claimStates),
  /** Approved, and its days include today. */
  inForce: z.boolean(),
  expiresSoon: z.boolean(),
  /** Whether who asks may decide: never its author. */
  mayDecide: z.boolean(),
  decider: z.string().nullable(),
  decidedAt: instantSchema.nullable(),
  decisionReason: z.string().nullable(),
  withdrawnBy: z.string().nullable(),
  withdrawnAt: instantSchema.nullable(),
  withdrawalReason: z.string().nullable(),
});
export type Claim = z.infer<typeof claimSchema>;

/** GET /claims: newest first */
export const claimsQuery = z.strictObject({
  ...pageQuery,
  rubric: rubricIdSchema.optional(),
  item: dottedSchema.max(100).optional(),
  state: z.enum(claimStates).optional(),
});

/** POST /claims */
export const claimBody = z.strictObject({
  rubric: rubricIdSchema,
  item: dottedSchema.max(100),
  content: claimContentSchema,
  /** On what it rests; for an item that is computed, why that is not what counts. */
  statement: z.string().trim().min(1).max(claimLimits.statement),
  documents: documentsSchema.default([]),
  from: daySchema,
  until: daySchema,
});

/** POST /claims/{id}/approve */
export const approveBody = z.strictObject({ note: reason.optional() });
/** POST /claims/{id}/refuse and /withdraw */
export const claimReasonBody = z.strictObject({ reason });

/** GET /claims/form?rubric=&item= : what of the item is claimed. */
export const claimFormQuery = z.strictObject({ rubric: rubricIdSchema, item: dottedSchema.max(100) });
const namedSchema = z.object({ id: z.string(), name: bilingualSchema });
export const claimFormSchema = z.object({
  item: z.string(),
  name: bilingualSchema,
  maximum: z.number(),
  convention: bilingualSchema.nullable(),
  shape: z.enum(['grade', 'value', 'quantities']),
  /** Of a number, where the item takes one in a unit. */
  units: z.array(z.string()),
  whole: z.boolean(),
  /** What the number is. */
  quantity: bilingualSchema.nullable(),
  bands: z.array(namedSchema.extend({ points: z.object({ min: z.number(), max: z.number() }) })),
  /** Kinds that are counted apart. */
  counts: z.array(namedSchema),
  functions: z.array(namedSchema),
});
export type ClaimForm = z.infer<typeof claimFormSchema>;
