import { z } from 'zod';
import { alarmFactsSchema } from './alarm-facts.ts';
import { scheduleSchema } from './alarm-schedule.ts';
import { idSchema, metricSchema, pointKeySchema } from './ids.ts';
import { severities } from './device-class.ts';

/**
 * Alarm rules and occurrences; names follow OPC UA Part 9 and ISA-18.2. Rule kinds are a tagged union: others join it
 * without touching what stands.
 */
export const limitSides = ['high-high', 'high', 'low', 'low-low'] as const;

const longestDelayMs = 86_400_000;
const longestSilenceMs = 31 * 86_400_000;
/** The condition must hold this long before the alarm is raised, ms. */
const onDelayMs = z.int().min(0).max(longestDelayMs).default(0);
/** It must have ended this long before the alarm clears, ms. */
const offDelayMs = z.int().min(0).max(longestDelayMs).default(0);

export const limitConditionSchema = z.strictObject({
  kind: z.literal('limit'),
  side: z.enum(limitSides),
  /** In the canonical unit of the metric. */
  limit: z.number(),
  /** How far back inside the limit the value must come before the alarm clears, same unit. */
  deadband: z.number().min(0).default(0),
  onDelayMs,
  offDelayMs,
});
export type LimitCondition = z.infer<typeof limitConditionSchema>;

/** A state is one of those named (`equals`), or none of them (`leaves`). */
export const stateConditionSchema = z.strictObject({
  kind: z.literal('state'),
  test: z.enum(['equals', 'leaves']),
  /** Names of states of the metric. */
  states: z.array(metricSchema).min(1).max(50),
  onDelayMs,
  offDelayMs,
});
export type StateCondition = z.infer<typeof stateConditionSchema>;

/** No good or uncertain reading came for so long, counted while we were listening. */
export const staleConditionSchema = z.strictObject({
  kind: z.literal('stale'),
  /** A point that never spoke is not awaited: of a class whose devices do not all measure it. */
  onceHeard: z.boolean().optional(),
  noDataMs: z.int().min(1_000).max(longestSilenceMs),
});
export type StaleCondition = z.infer<typeof staleConditionSchema>;

/** The length of what a rate is told per, ms. */
export const ratePeriodMs = { second: 1_000, minute: 60_000, hour: 3_600_000 } as const;

/** The value changes faster than a limit, on the average of the window. */
export const rateConditionSchema = z.strictObject({
  kind: z.literal('rate'),
  direction: z.enum(['rising', 'falling', 'either']),
  /** In the canonical unit of the metric, per `per`; a falling value has its limit told positive. */
  limit: z.number().positive(),
  per: z.enum(['second', 'minute', 'hour']),
  /** The change is taken between the newest value and the newest one that is at least so much older, ms. */
  windowMs: z.int().min(1_000).max(longestDelayMs),
  /** How far below the limit the rate must come before the alarm clears, same unit. */
  deadband: z.number().min(0).default(0),
  offDelayMs,
});
export type RateCondition = z.infer<typeof rateConditionSchema>;

/** The state went over into one of those named so often within the window; it clears when it no longer did. */
export const countConditionSchema = z.strictObject({
  kind: z.literal('count'),
  /** Names of states of the metric. */
  states: z.array(metricSchema).min(1).max(50),
  count: z.int().min(2).max(100),
  windowMs: z
    .int()
    .min(1_000)
    .max(7 * longestDelayMs),
});
export type CountCondition = z.infer<typeof countConditionSchema>;

const eventTypeSchema = z
  .string()
  .max(64)
  .regex(/^[a-z][a-z0-9_-]*(\.[a-z0-9_-]+)*$/, 'an event type is told as access.denied');

/** An event of this type came from the device, so often within the window; there is no point. */
export const eventConditionSchema = z.strictObject({
  kind: z.literal('event'),
  type: eventTypeSchema,
  /** Only events whose data has these values, by key. */
  where: z
    .record(z.string().min(1).max(64), z.union([z.string().max(200), z.number(), z.boolean()]))
    .refine((given) => Object.keys(given).length <= 10, 'at most 10 values are compared')
    .default({}),
  count: z.int().min(1).max(100).default(1),
  /** Of a count above 1, ms. */
  windowMs: z.int().min(1_000).max(longestDelayMs).default(600_000),
  /** The event that ends it; without one only time does. */
  clearType: eventTypeSchema.optional(),
  /** It clears when no further such event has come for so long, ms. */
  clearAfterMs: z
    .int()
    .min(1_000)
    .max(7 * longestDelayMs)
    .default(600_000),
});
export type EventCondition = z.infer<typeof eventConditionSchema>;

/**
 * What a device raises and clears itself (OPC UA Alarms & Conditions, a fire panel): see alarm-reported.ts. Each alarm
 * that the device names is an occurrence of its own, with the severity it gives, or that of the rule.
 */
export const reportedConditionSchema = z.strictObject({
  kind: z.literal('reported'),
  /** Only alarms whose key begins so; absent: all of the device. */
  keyPrefix: z.string().min(1).max(100).optional(),
});
export type ReportedCondition = z.infer<typeof reportedConditionSchema>;

/** What a combination asks of one value. */
const inputTestSchema = z.discriminatedUnion('kind', [
  limitConditionSchema.omit({ onDelayMs: true, offDelayMs: true }),
  stateConditionSchema.omit({ onDelayMs: true, offDelayMs: true }),
]);
/** One value of a combination: of the watched device by its metric, or of any point. */
export const combinationInputSchema = z.strictObject({
  of: z.union([z.strictObject({ metric: metricSchema }), z.strictObject({ point: pointKeySchema })]),
  test: inputTestSchema,
});
export type CombinationInput = z.infer<typeof combinationInputSchema>;
const groupSchema = z.strictObject({
  match: z.enum(['all', 'any']),
  of: z.array(combinationInputSchema).min(1).max(10),
});
const longestAgeMs = 7 * longestDelayMs;

/**
 * Several values at once: all of them, or any; each may be a group of its own. A value that is bad, not there yet or
 * older than `maxAgeMs` gives no verdict: `all` then needs another that is not met, `any` another that is, to be
 * decided; undecided, nothing is raised, nothing clears, and a running delay begins again.
 */
export const combinationConditionSchema = z.strictObject({
  kind: z.literal('combination'),
  match: z.enum(['all', 'any']),
  of: z
    .array(z.union([combinationInputSchema, groupSchema]))
    .min(1)
    .max(10),
  maxAgeMs: z.int().min(1_000).max(longestAgeMs).default(900_000),
  onDelayMs,
  offDelayMs,
});
export type CombinationCondition = z.infer<typeof combinationConditionSchema>;

export const alarmConditionSchema = z.discriminatedUnion('kind', [
  limitConditionSchema,
  stateConditionSchema,
  staleConditionSchema,
  rateConditionSchema,
  countConditionSchema,
  eventConditionSchema,
  reportedConditionSchema,
  combinationConditionSchema,
]);
export type AlarmCondition = z.infer<typeof alarmConditionSchema>;
export type AlarmKind = AlarmCondition['kind'];
/** Kinds that judge whole devices, not one metric of them. */
export const deviceKinds = ['event', 'reported', 'combination'] as const satisfies readonly AlarmKind[];

const deviceClassIdSchema = z.string().min(1).max(64);
export const tagSchema = z.string().regex(/^[^\s,][^,]{0,39}$/, 'a tag has up to 40 characters and no comma');

/**
 * What a rule watches: one point, or a metric of a device, of every device of a class, of every device of a class in a
 * space and all below it, or of every device with a tag (attribute `tags`: words with commas between). Rules of
 * events, reported alarms and combinations name devices without a metric.
 */
export const alarmTargetSchema = z.union([
  z.strictObject({ point: pointKeySchema }),
  z.strictObject({ deviceClass: deviceClassIdSchema, metric: metricSchema.optional() }),
  z.strictObject({ device: idSchema, metric: metricSchema.optional() }),
  z.strictObject({ space: idSchema, deviceClass: deviceClassIdSchema, metric: metricSchema.optional() }),
  z.strictObject({
    tag: tagSchema,
    deviceClass: deviceClassIdSchema.optional(),
    metric: metricSchema.optional(),
  }),
]);
export type AlarmTarget = z.infer<typeof alarmTargetSchema>;

/** What kind of trouble it is: alarms are routed and counted by it. */
export const alarmCategories = [
  'fire',
  'safety',
  'security',
  'video',
  'power',
  'water',
  'gas',
  'environment',
  'equipment',
  'communication',
  'other',
] as const;
export type AlarmCategory = (typeof alarmCategories)[number];

const text = z.string().max(2_000);
/** Why a rule is there at all, and who answers for it (the rationalisation of ISA-18.2). */
export const rationalisationShape = {
  category: z.enum(alarmCategories).default('other'),
  cause: text.default(''),
  causeEn: text.optional(),
  /** What happens when nobody acts. */
  consequence: text.default(''),
  consequenceEn: text.optional(),
  /** What the operator should do. */
  recommendedAction: text.default(''),
  recommendedActionEn: text.optional(),
  /** Who is to act. */
  team: z.string().max(100).default(''),
  /** Where the figure comes from: standard with its edition, contract, experience. */
  basis: text.default(''),
  basisEn: text.optional(),
};

export const alarmRuleBodySchema = z.strictObject({
  id: idSchema,
  name: z.string().min(1).max(200),
  /** The name in English, where the rule was written in both languages. */
  nameEn: z.string().min(1).max(200).optional(),
  target: alarmTargetSchema,
  condition: alarmConditionSchema,
  /** Absent: always. Outside it nothing is raised, and what is active clears. */
  schedule: scheduleSchema.optional(),
  severity: z.enum(severities),
  enabled: z.boolean().default(true),
  ...rationalisationShape,
  /** Somebody has to say, after acknowledging, that what was to be done was done (OPC UA ConfirmedState). */
  requiresConfirm: z.boolean().optional(),
});
export type AlarmRuleBody = z.infer<typeof alarmRuleBodySchema>;

/** How one device differs from a rule that watches it: judged otherwise, or not at all. */
export const ruleOverrideSchema = z.discriminatedUnion('mode', [
  z.strictObject({ mode: z.literal('disable') }),
  z.strictObject({
    mode: z.literal('override'),
    /** Of the rule's own kind. */
    condition: alarmConditionSchema.optional(),
    severity: z.enum(severities).optional(),
    /** Null: always. */
    schedule: scheduleSchema.nullable().optional(),
  }),
]);
export type RuleOverride = z.infer<typeof ruleOverrideSchema>;

export const alarmTransitionKinds = [
  'raised',
  'acknowledged',
  'commented',
  'cleared',
  'assigned',
  'shelved',
  'unshelved',
  'out-of-service',
  'in-service',
  'suppressed',
  'unsuppressed',
  'confirmed',
] as const;

/** One row of the append-only alarm journal, as the bus and `/live` carry it. */
export const alarmTransitionSchema = z.strictObject({
  /** Unique per transition; clients drop what they have seen. */
  id: z.string(),
  alarmId: z.string(),
  ruleId: z.string(),
  /** What it is about: a point's key, a device, or `device#key` of an alarm that a device reports. */
  object: z.string(),
  deviceId: z.string(),
  /** Null where no single point is judged. */
  point: z.string().nullable(),
  kind: z.enum(alarmTransitionKinds),
  time: z.iso.datetime(),
  severity: z.enum(severities),
  active: z.boolean(),
  acknowledged: z.boolean(),
  /** User name, or `system`. */
  actor: z.string(),
  reason: z.string(),
  /** What the system's own `reason` tells, as data; null for what people wrote. */
  facts: alarmFactsSchema.nullable(),
  value: z.number().nullable(),
});
export type AlarmTransition = z.infer<typeof alarmTransitionSchema>;
