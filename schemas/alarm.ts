import { z } from 'zod';
import { idSchema, metricSchema, pointKeySchema } from './ids.ts';
import { severities, type Severity } from './device-class.ts';

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

export const alarmConditionSchema = z.discriminatedUnion('kind', [
  limitConditionSchema,
  stateConditionSchema,
  staleConditionSchema,
  rateConditionSchema,
  countConditionSchema,
]);
export type AlarmCondition = z.infer<typeof alarmConditionSchema>;

/**
 * What a rule watches: one point; one metric of a device, of every device of a class, or of every device of a class in
 * a space and all below it.
 */
export const alarmTargetSchema = z.union([
  z.strictObject({ point: pointKeySchema }),
  z.strictObject({ deviceClass: z.string(), metric: z.string() }),
  z.strictObject({ device: idSchema, metric: metricSchema }),
  z.strictObject({ space: idSchema, deviceClass: z.string(), metric: z.string() }),
]);
export type AlarmTarget = z.infer<typeof alarmTargetSchema>;

export const alarmRuleBodySchema = z.strictObject({
  id: idSchema,
  name: z.string().min(1).max(200),
  /** The name in English, where the rule was written in both languages. */
  nameEn: z.string().min(1).max(200).optional(),
  target: alarmTargetSchema,
  condition: alarmConditionSchema,
  severity: z.enum(severities),
  enabled: z.boolean().default(true),
  /** What the operator should do (ISA-18.2 rationalisation). */
  recommendedAction: z.string().max(2_000).default(''),
  recommendedActionEn: z.string().max(2_000).optional(),
  /** Somebody has to say, after acknowledging, that what was to be done was done (OPC UA ConfirmedState). */
  requiresConfirm: z.boolean().optional(),
});
export type AlarmRuleBody = z.infer<typeof alarmRuleBodySchema>;

/** How long an alarm may be shelved at most, ms: the graver, the sooner somebody must look again. */
export const shelveMostMs: Readonly<Record<Severity, number>> = {
  critical: 3_600_000,
  high: 8 * 3_600_000,
  medium: 86_400_000,
  low: 7 * 86_400_000,
};

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
  point: z.string(),
  kind: z.enum(alarmTransitionKinds),
  time: z.iso.datetime(),
  severity: z.enum(severities),
  active: z.boolean(),
  acknowledged: z.boolean(),
  /** User name, or `system`. */
  actor: z.string(),
  reason: z.string(),
  value: z.number().nullable(),
});
export type AlarmTransition = z.infer<typeof alarmTransitionSchema>;
