import { z } from 'zod';
import { idSchema, metricSchema, pointKeySchema } from '../ids.ts';
import { limits } from '../limits.ts';
import { provenances } from '../reading.ts';
import { commaList, instantSchema, pageQuery } from './common.ts';

export const consumptionIntervals = ['15m', '1h', '1d', '1mo'] as const;
export type ConsumptionInterval = (typeof consumptionIntervals)[number];

const quarterMs = 15 * 60_000;
/** Consumption is known at quarters of an hour, also when raw readings are gone (DESIGN §5). */
const quarterSchema = instantSchema.refine(
  (text) => Date.parse(text) % quarterMs === 0,
  'is a full quarter of an hour',
);

/** GET /consumption: of `points`, or of every counter `metric` below `space`. */
export const consumptionQuery = z
  .strictObject({
    points: commaList(pointKeySchema, limits.consumptionPoints).optional(),
    space: idSchema.optional(),
    metric: metricSchema.optional(),
    from: quarterSchema,
    to: quarterSchema,
    interval: z.enum(consumptionIntervals).default('1h'),
    /** IANA zone whose days and months are meant; the park's when left out. */
    tz: z.string().max(64).optional(),
  })
  .refine(
    ({ points, space, metric }) =>
      (points === undefined) === (space !== undefined) && (space === undefined) === (metric === undefined),
    'give either points, or space and metric',
  );

const bucketSchema = z.object({
  from: instantSchema,
  to: instantSchema,
  /** Null where nothing is known; never negative. */
  value: z.number().nullable(),
  /** Share of the bucket that readings cover, 0 to 1. */
  coverage: z.number(),
  flags: z.array(z.string()),
});
export type ConsumptionBucket = z.infer<typeof bucketSchema>;

export const consumptionAnswer = z.object({
  items: z.array(
    z.object({
      point: z.string(),
      unit: z.string(),
      provenance: z.enum(provenances),
      buckets: z.array(bucketSchema),
    }),
  ),
  /** All points of one unit together, with the flags of any: `incomplete` where one of them is not known throughout. */
  totals: z.array(z.object({ unit: z.string(), points: z.number(), buckets: z.array(bucketSchema) })),
  nextCursor: z.null(),
});
export type ConsumptionAnswer = z.infer<typeof consumptionAnswer>;

/** GET /consumption/tree: a meter and all below it, by the attribute `parentMeterId`. */
export const meterTreeQuery = z.strictObject({
  root: idSchema,
  /** The counter that is compared; the first of the root's class when left out. */
  metric: metricSchema.optional(),
  from: quarterSchema,
  to: quarterSchema,
});

const meterShape = z.object({
  deviceId: z.string(),
  name: z.string(),
  provenance: z.enum(provenances),
  value: z.number().nullable(),
  coverage: z.number(),
  flags: z.array(z.string()),
  /**
   * Of the parent's consumption; null for the root, where one of the two is not known throughout the range, and where
   * the parent's is 0.
   */
  share: z.number().nullable(),
  /**
   * What the sub-meters do not show of this meter's consumption; negative where they show more. Null without
   * sub-meters, and where one of them is not known throughout the range: a gap in the data is not a loss.
   */
  loss: z.number().nullable(),
  lossShare: z.number().nullable(),
});
export type MeterNode = z.infer<typeof meterShape> & { readonly children: MeterNode[] };
export const meterNodeSchema: z.ZodType<MeterNode> = meterShape.extend({
  get children() {
    return z.array(meterNodeSchema);
  },
});
export const meterTreeAnswer = z.object({
  metric: z.string(),
  unit: z.string(),
  from: instantSchema,
  /** The last full quarter of an hour when a later end was asked for. */
  to: instantSchema,
  root: meterNodeSchema,
});

export const changeCauses = [
  /** Readings of that time came late. */
  'late',
  /** The first readings after a gap. */
  'later',
  /** A reading was corrected. */
  'correction',
  /** Readings beyond the raw horizon. */
  'late-book',
  /** A replacement was recorded or withdrawn. */
  'replacement',
  /** A case of the review list was decided. */
  'review',
  /** The device's rated values or its class changed. */
  'facts',
] as const;
export type ChangeCause = (typeof changeCauses)[number];

/** GET /consumption/changes: consumption that was known and is another now, newest first. */
export const changesQuery = z.strictObject({
  ...pageQuery,
  points: commaList(pointKeySchema, limits.consumptionPoints).optional(),
  device: idSchema.optional(),
  /** Only intervals that overlap this range. */
  from: instantSchema.optional(),
  to: instantSchema.optional(),
});
const knownConsumption = z.object({
  value: z.number().nullable(),
  coverage: z.number(),
  flags: z.array(z.string()),
});
export const changeSchema = z.object({
  id: z.string(),
  /** When it became known. */
  at: instantSchema,
  point: z.string(),
  unit: z.string(),
  from: instantSchema,
  to: instantSchema,
  before: knownConsumption,
  after: knownConsumption,
  cause: z.enum(changeCauses),
});
export type ConsumptionChange = z.infer<typeof changeSchema>;

const registerValue = z.number().min(0);
const reasonSchema = z.string().trim().min(3).max(500);

/** POST /devices/{id}/replacements: the meter was changed. */
export const replacementBody = z.strictObject({
  metric: metricSchema,
  at: instantSchema,
  /** What the old meter showed last, in the metric's unit. */
  closing: registerValue,
  /** What the new one showed first. */
  opening: registerValue,
  reason: reasonSchema,
});
export const replacementSchema = z.object({
  id: z.string(),
  point: z.string(),
  unit: z.string(),
  at: instantSchema,
  closing: z.number(),
  opening: z.number(),
  author: z.string(),
  reason: z.string(),
  recordedAt: instantSchema,
});
export type MeterReplacement = z.infer<typeof replacementSchema>;
export const withdrawBody = z.strictObject({ reason: reasonSchema });

export const reviewStates = ['open', 'accepted', 'left-out', 'replacement', 'superseded'] as const;
export type ReviewState = (typeof reviewStates)[number];

/** GET /consumption/reviews: implausible steps, newest first. */
export const reviewsQuery = z.strictObject({
  ...pageQuery,
  state: z.enum(reviewStates).optional(),
  device: idSchema.optional(),
});
const reviewedSample = z.object({
  time: instantSchema,
  value: z.number(),
  /** A sample, or a register of a recorded replacement. */
  origin: z.enum(['sample', 'closing', 'opening']),
});
export const reviewSchema = z.object({
  id: z.string(),
  point: z.string(),
  unit: z.string(),
  /** The step leads from one to the other. */
  earlier: reviewedSample,
  later: reviewedSample,
  /** What the step adds if it is accepted; until then it adds 0. */
  claimed: z.number(),
  state: z.enum(reviewStates),
  /** Of `left-out`: which of the two samples. */
  leftOut: z.enum(['earlier', 'later']).nullable(),
  foundAt: instantSchema,
  decidedAt: instantSchema.nullable(),
  decidedBy: z.string().nullable(),
  /** Why it was decided; of an open case, why a decision was taken back. */
  reason: z.string().nullable(),
});
export type Review = z.infer<typeof reviewSchema>;

/** POST /consumption/reviews/{id}: a person decides, and may decide again. */
export const reviewBody = z.discriminatedUnion('decision', [
  z.strictObject({ decision: z.literal('accept'), reason: reasonSchema }),
  z.strictObject({
    decision: z.literal('leave-out'),
    sample: z.enum(['earlier', 'later']),
    reason: reasonSchema,
  }),
  z.strictObject({
    decision: z.literal('replacement'),
    at: instantSchema,
    closing: registerValue,
    opening: registerValue,
    reason: reasonSchema,
  }),
  z.strictObject({ decision: z.literal('reopen'), reason: reasonSchema }),
]);
export type ReviewDecision = z.infer<typeof reviewBody>;
