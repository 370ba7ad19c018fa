import { z } from 'zod';
import { bilingualSchema } from '../device-class.ts';
import { idSchema } from '../ids.ts';
import { functionStates } from '../assessment.ts';
import { instantSchema, pageQuery } from './common.ts';

export const bases = ['measured', 'recorded', 'exercised', 'attested', 'missing'] as const;

export const pointsSchema = z.object({ min: z.number(), max: z.number() });

/** How the items of a rubric come together: points are added, the lowest level stands, met requirements are counted. */
export const rubricForms = ['points', 'levels', 'requirements'] as const;

/** GET /rubrics */
export const rubricSummarySchema = z.object({
  id: z.string(),
  edition: z.string(),
  title: bilingualSchema,
  form: z.enum(rubricForms),
  sections: z.array(
    z.object({
      id: z.string(),
      name: bilingualSchema,
      indicators: z.array(z.object({ id: z.string(), name: bilingualSchema })),
    }),
  ),
  maximum: z.number(),
  /** What the document as a whole leaves open; questions of single items stand with them. */
  openQuestions: z.array(bilingualSchema),
  items: z.number(),
  /** On what its points rest, at the weakest (rows of levels: their number). */
  bases: z.strictObject({
    measured: z.number(),
    exercised: z.number(),
    recorded: z.number(),
    attested: z.number(),
  }),
  /** Items that have a measure today. */
  measured: z.number(),
});

export type RubricSummary = z.infer<typeof rubricSummarySchema>;

export const rubricIdSchema = z.string().regex(/^[a-z0-9-]{1,64}$/);

/** Without `to` the last complete local day ends the period, without `from` it has 30 local days. */
export const periodQuery = z.strictObject({
  from: instantSchema.optional(),
  to: instantSchema.optional(),
});

/** GET /assessments/{rubricId}?from=&to=&asOf= ; POST the same, without asOf, to store evidence */
export const assessmentQuery = periodQuery.extend({ asOf: instantSchema.optional() });

const itemOutcomeSchema = z.object({
  points: pointsSchema.nullable(),
  /** One number by our own convention inside a range; null when the rubric leaves none. */
  conventionPoints: z.number().nullable(),
  /** Id of the band of the rubric; null where it is undetermined, or has none. */
  band: z.string().nullable(),
  basis: z.enum(bases),
  verdict: z.enum(['sufficient', 'insufficient', 'missing']),
  reason: bilingualSchema,
  value: z.number().nullable(),
  unit: z.string(),
  completeness: z.number().nullable(),
});

export const assessmentItemSchema = itemOutcomeSchema.extend({
  item: z.string(),
  section: z.string(),
  indicator: z.string(),
  clause: z.string(),
  name: bilingualSchema,
  maximum: z.number(),
  convention: bilingualSchema.nullable(),
  /** Where the source is silent, or says two things. */
  openQuestions: z.array(bilingualSchema),
  /** What was computed, where an approved claim stands in its place; else null. */
  computed: itemOutcomeSchema.nullable(),
  evidenceId: z.string().nullable(),
  /** What an assessor decided for this period; `points` stays what was computed. */
  decision: z
    .object({
      points: z.number(),
      reason: z.string(),
      by: z.string(),
      at: instantSchema,
      /** False when what is computed now leaves no range in which it lies: then it counts no more. */
      counts: z.boolean(),
    })
    .nullable(),
});
/** What the figures come to, as the rubric says it. */
export const standingSchema = z.object({
  form: z.enum(rubricForms),
  /** Grades of the points, null where there are none: what is certain now, and what is still within reach. */
  grade: z.object({ certain: bilingualSchema.nullable(), possible: bilingualSchema.nullable() }).nullable(),
  /** Occurrences that end an application whatever the points. */
  vetoes: z.array(
    z.object({
      item: z.string(),
      name: bilingualSchema,
      state: z.enum(['clear', 'occurred', 'undetermined']),
    }),
  ),
  counts: z
    .object({
      met: z.number(),
      notMet: z.number(),
      notApplicable: z.number(),
      undetermined: z.number(),
      must: z.object({ met: z.number(), of: z.number() }),
    })
    .nullable(),
  /** Of levels: the rows that hold the park where it is. */
  lowest: z.array(z.string()),
});

export const assessmentSchema = z.object({
  rubricId: z.string(),
  from: instantSchema,
  to: instantSchema,
  asOf: instantSchema,
  /** True when any input touches a point whose provenance is not `field`. */
  demo: z.boolean(),
  /** With what was decided inside the ranges. */
  determined: pointsSchema,
  undetermined: z.number(),
  maximum: z.number(),
  standing: standingSchema,
  items: z.array(assessmentItemSchema),
});
export type Assessment = z.infer<typeof assessmentSchema>;

/** An assessment that an assessor signed as it stood. */
export const signOffSchema = z.object({
  id: z.string(),
  rubricId: z.string(),
  edition: z.string(),
  from: instantSchema,
  to: instantSchema,
  determined: pointsSchema,
  undetermined: z.number(),
  maximum: z.number(),
  demo: z.boolean(),
  /** The head of the evidence journal when it was signed; null before its first row. */
  head: z.object({ seq: z.number(), hash: z.string() }).nullable(),
  /** Its own place in that journal; null until it is sealed. */
  seq: z.number().nullable(),
  hash: z.string().nullable(),
  name: z.string(),
  statement: z.string(),
  by: z.string(),
  at: instantSchema,
});
export type SignOff = z.infer<typeof signOffSchema>;

/** GET /assessments/{rubricId} answers the newest sign-off of exactly this period, and what changed since. */
export const signedAssessmentSchema = assessmentSchema.extend({
  signOff: signOffSchema.extend({ changed: z.array(z.string()) }).nullable(),
});
export type SignedAssessment = z.infer<typeof signedAssessmentSchema>;

const assessorText = z.string().trim().min(1).max(2_000);

/** Decisions and sign-offs are of exactly one period. */
export const exactPeriodQuery = z.strictObject({ from: instantSchema, to: instantSchema });

/** POST /assessments/{rubricId}/items/{item}/decisions */
export const decisionBody = z.strictObject({
  /** Inside the range that is left, in hundredths; null takes back what was decided. */
  points: z.number().min(0).max(1_000).multipleOf(0.01).nullable(),
  reason: assessorText,
});
/** Newest first; `points` is null where the one before was taken back. */
export const decisionSchema = z.object({
  id: z.string(),
  points: z.number().nullable(),
  /** What was computed when it was decided. */
  range: pointsSchema,
  reason: z.string(),
  by: z.string(),
  at: instantSchema,
});
export type Decision = z.infer<typeof decisionSchema>;

/** POST /assessments/{rubricId}/sign-offs */
export const signOffBodySchema = z.strictObject({
  /** As the person signs. */
  name: z.string().trim().min(1).max(100),
  statement: z.string().trim().max(2_000).default(''),
});

/**
 * GET /assessments/{rubricId}/support : of each item the items of other rubrics that rest on the same evidence, as their
 * newest night found them. A person who decides looks there; nothing is decided by it.
 */
export const supportSchema = z.object({
  items: z.array(
    z.object({
      item: z.string(),
      support: z.array(
        z.object({
          /** The evidence that both rest on. */
          group: z.string(),
          evidence: bilingualSchema,
          rubricId: z.string(),
          item: z.string(),
          name: bilingualSchema,
          points: pointsSchema.nullable(),
          maximum: z.number(),
          reason: bilingualSchema,
          /** Local day of the night. */
          day: z.iso.date(),
        }),
      ),
    }),
  ),
});
export type SupportAnswer = z.infer<typeof supportSchema>;

/** One member of a population, for drill-down. */
export const populationMemberSchema = z.object({
  deviceId: z.string(),
  name: z.string(),
  class: z.string(),
  provenance: z.string(),
  counted: z.boolean(),
  /** `excluded` members are no part of the ratio. */
  standing: z.enum(['counted', 'not-counted', 'excluded']),
  /** Why it counted or not, with its figures. */
  reason: bilingualSchema,
  point: z.string().nullable(),
});

/** GET /assessments/{rubricId}/items/{item}: one item as it stands now, with its functions and its population. */
export const assessedItemSchema = z.object({
  rubricId: z.string(),
  from: instantSchema,
  to: instantSchema,
  asOf: instantSchema,
  demo: z.boolean(),
  item: assessmentItemSchema,
  functions: z.array(
    z.object({
      id: z.string(),
      name: bilingualSchema,
      state: z.enum(functionStates),
      reason: bilingualSchema,
    }),
  ),
  /** Members that count, of all that are asked. */
  counted: z.number(),
  of: z.number(),
  /** Those that do not count first; at most 1,000. */
  population: z.array(populationMemberSchema),
  /** Items of other rubrics that the same evidence serves. */
  shared: z.array(
    z.object({
      group: z.string(),
      evidence: bilingualSchema,
      rubricId: z.string(),
      item: z.string(),
      name: bilingualSchema,
    }),
  ),
});
export type AssessedItem = z.infer<typeof assessedItemSchema>;

/** GET /evidence/{id} */
export const evidenceSchema = z.object({
  id: z.string(),
  rubricId: z.string(),
  item: z.string(),
  seq: z.number().nullable(),
  hash: z.string().nullable(),
  prev: z.string().nullable(),
  sealedAt: instantSchema.nullable(),
  /** The sealed body: item, edition, clause, period, measurement, score, basis, versions, input hashes. */
  body: z.record(z.string(), z.unknown()),
  population: z.array(populationMemberSchema),
  /** SHA-256 of each input file, with its size; fetched by GET /evidence/{id}/inputs/{sha256}. */
  inputs: z.array(z.object({ name: z.string(), sha256: z.string(), bytes: z.number() })),
});
export type Evidence = z.infer<typeof evidenceSchema>;

/** GET /evidence?rubric=&item= : newest first */
export const evidenceListQuery = z.strictObject({
  ...pageQuery,
  rubric: rubricIdSchema.optional(),
  item: z.string().max(100).optional(),
});
export const evidenceSummarySchema = z.object({
  id: z.string(),
  rubricId: z.string(),
  item: z.string(),
  /** As this build's rubric names the item, null when it has no such item; the name of its time is in the body. */
  name: bilingualSchema.nullable(),
  from: instantSchema,
  to: instantSchema,
  demo: z.boolean(),
  storedBy: z.string(),
  storedAt: instantSchema,
  seq: z.number().nullable(),
  hash: z.string().nullable(),
});

/**
 * GET /evidence/pack?rubric=&from=&to=&period= : the newest evidence of each item; of exactly this period; or of any
 * period within a year, month or day of the park (`2026`, `2026-03`, `2026-03-05`).
 */
export const packQuery = z
  .strictObject({
    rubric: rubricIdSchema,
    from: instantSchema.optional(),
    to: instantSchema.optional(),
    period: z.string().max(10).optional(),
  })
  .refine(({ from, to }) => (from === undefined) === (to === undefined), 'from and to are given together')
  .refine(({ from, period }) => from === undefined || period === undefined, 'from, or period, not both');

/** GET|POST /exclusions, DELETE /exclusions/{id}: devices that a person left out of a measure, with a reason. */
export const exclusionSchema = z.object({
  id: z.string(),
  measure: z.string(),
  deviceId: z.string(),
  from: instantSchema,
  to: instantSchema.nullable(),
  reason: bilingualSchema,
  actor: z.string(),
});
export const exclusionBody = z.strictObject({
  measure: z.string().max(64),
  deviceId: idSchema,
  from: instantSchema,
  to: instantSchema.nullable().default(null),
  reason: z.strictObject({ zh: z.string().min(1).max(500), en: z.string().min(1).max(500) }),
});

/** GET /evidence/heads (public) */
export const headSchema = z.object({
  journal: z.string(),
  seq: z.number(),
  hash: z.string(),
  time: instantSchema,
  keyId: z.string(),
  signature: z.string(),
});
