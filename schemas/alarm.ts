import { z } from 'zod';
import { idSchema, pointKeySchema } from './ids.ts';
import { severities } from './device-class.ts';

/**
 * Alarm rules and occurrences; names follow OPC UA Part 9 and ISA-18.2. Rule kinds are a tagged union: `limit` is the
 * first, others join it without touching what stands.
 */
export const limitSides = ['high-high', 'high', 'low', 'low-low'] as const;

export const limitConditionSchema = z.strictObject({
  kind: z.literal('limit'),
  side: z.enum(limitSides),
  /** In the canonical unit of the metric. */
  limit: z.number(),
  /** How far back inside the limit the value must come before the alarm clears, same unit. */
  deadband: z.number().min(0).default(0),
  /** The value must stay beyond the limit this long before the alarm is raised, ms. */
  onDelayMs: z.int().min(0).max(86_400_000).default(0),
  /** The value must stay inside this long before the alarm clears, ms. */
  offDelayMs: z.int().min(0).max(86_400_000).default(0),
});
export type LimitCondition = z.infer<typeof limitConditionSchema>;

export const alarmConditionSchema = z.discriminatedUnion('kind', [limitConditionSchema]);
export type AlarmCondition = z.infer<typeof alarmConditionSchema>;

/** What a rule watches: one point, or one metric of every device of a class. */
export const alarmTargetSchema = z.union([
  z.strictObject({ point: pointKeySchema }),
  z.strictObject({ deviceClass: z.string(), metric: z.string() }),
]);

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
});
export type AlarmRuleBody = z.infer<typeof alarmRuleBodySchema>;

export const alarmTransitionKinds = ['raised', 'acknowledged', 'commented', 'cleared'] as const;

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
