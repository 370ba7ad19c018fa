import { z } from 'zod';
import { bilingualSchema } from '../device-class.ts';
import { localDaySchema } from '../time-window.ts';
import { bases, pointsSchema } from './assessment.ts';
import { instantSchema } from './common.ts';

/** One night's three figures. */
const nightSchema = z.object({
  /** The last local day of its period. */
  day: localDaySchema,
  edition: z.string(),
  from: instantSchema,
  to: instantSchema,
  asOf: instantSchema,
  determined: pointsSchema,
  undetermined: z.number(),
  maximum: z.number(),
  demo: z.boolean(),
});

/** GET /assessments/{rubricId}/trend?from=&to= : local days, both included; the newest 1,100 nights */
export const trendQuery = z.strictObject({ from: localDaySchema.optional(), to: localDaySchema.optional() });
export const trendSchema = z.object({ items: z.array(nightSchema) });
export type Trend = z.infer<typeof trendSchema>;

/** GET /assessments/{rubricId}/difference?from=&to= : two nights that were assessed */
export const differenceQuery = z.strictObject({ from: localDaySchema, to: localDaySchema });

const outcomeSchema = z.object({
  points: pointsSchema.nullable(),
  basis: z.enum(bases),
  reason: bilingualSchema,
  value: z.number().nullable(),
  unit: z.string(),
  verdict: z.enum(['sufficient', 'insufficient']),
});
const causeSchema = z.object({
  kind: z.enum(['rules', 'registry', 'records', 'readings', 'functions', 'missing', 'period']),
  /** Of the device, place, record or function. */
  id: z.string(),
  name: bilingualSchema.nullable(),
  before: bilingualSchema.nullable(),
  after: bilingualSchema.nullable(),
  point: z.string().nullable(),
  /** Readings of the point that came late, or were corrected, between the two nights. */
  late: z.number(),
  corrections: z.number(),
});
export const differenceSchema = z.object({
  from: nightSchema,
  to: nightSchema,
  /** Every item whose points differ; each has a cause. */
  items: z.array(
    z.object({
      item: z.string(),
      name: bilingualSchema,
      maximum: z.number(),
      before: outcomeSchema.nullable(),
      after: outcomeSchema.nullable(),
      /** False when the facts of one of the nights are no longer kept: then members cannot be named. */
      isExplainedByFacts: z.boolean(),
      causes: z.array(causeSchema),
      moreCauses: z.number(),
    }),
  ),
});
export type Difference = z.infer<typeof differenceSchema>;
