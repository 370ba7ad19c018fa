import { z } from 'zod';
import { alarmFactsSchema } from '../alarm-facts.ts';
import {
  alarmCategories,
  alarmConditionSchema,
  alarmRuleBodySchema,
  alarmTargetSchema,
  alarmTransitionSchema,
} from '../alarm.ts';
import { scheduleSchema } from '../alarm-schedule.ts';
import { bilingualSchema, severities } from '../device-class.ts';
import { idSchema, pointKeySchema } from '../ids.ts';
import { limits } from '../limits.ts';
import { roles } from '../roles.ts';
import { instantSchema, pageOf, pageQuery } from './common.ts';

/**
 * `open` is active or unacknowledged: what somebody still has to do with. What is shelved, suppressed or out of
 * service has a list of its own and is left out of `open` and `unacknowledged`; `active` and `all` leave out nothing.
 */
export const alarmStates = [
  'open',
  'active',
  'unacknowledged',
  'shelved',
  'suppressed',
  'out-of-service',
  'all',
] as const;

/** GET /alarms : newest first, or most urgent first; active alarms are never hidden by from/to. */
const alarmsShape = z.strictObject({
  ...pageQuery,
  state: z.enum(alarmStates).default('all'),
  /** `urgency`: gravest first, then active, then unacknowledged, then newest; of what is not settled. */
  order: z.enum(['newest', 'urgency']).default('newest'),
  severity: z.enum(severities).optional(),
  device: idSchema.optional(),
  /** The space itself and all below it. */
  space: idSchema.optional(),
  deviceClass: z.string().max(100).optional(),
  rule: idSchema.optional(),
  /** A user name. */
  assignee: z.string().max(100).optional(),
  /** Those that judge this point. */
  point: pointKeySchema.optional(),
  /** Occurrences that overlap from (inclusive) to (exclusive). */
  from: instantSchema.optional(),
  to: instantSchema.optional(),
});
const orderedStates: readonly string[] = ['open', 'active', 'unacknowledged'];
export const alarmsQuery = alarmsShape.refine(
  ({ order, state }) => order === 'newest' || orderedStates.includes(state),
  { path: ['order'], error: `urgency is an order of ${orderedStates.join(', ')}` },
);

export const alarmSchema = z.object({
  id: z.string(),
  ruleId: z.string(),
  ruleName: z.string(),
  /** Null where the rule was written in one language only. */
  ruleNameEn: z.string().nullable(),
  category: z.enum(alarmCategories),
  team: z.string(),
  /** What it is about: a point's key, a device, or `device#key` of an alarm that a device reports. */
  object: z.string(),
  /** Null where no single point is judged, as `metricName`. */
  point: z.string().nullable(),
  metricName: bilingualSchema.nullable(),
  deviceId: z.string(),
  deviceName: z.string(),
  spaceName: z.string().nullable(),
  severity: z.enum(severities),
  active: z.boolean(),
  acknowledged: z.boolean(),
  raisedAt: instantSchema,
  clearedAt: instantSchema.nullable(),
  acknowledgedAt: instantSchema.nullable(),
  acknowledgedBy: z.string().nullable(),
  comment: z.string().nullable(),
  /** What was judged: a value, the code of a state, or a rate; null where nothing was ever heard. */
  value: z.number().nullable(),
  /** What `value` is the code of; null where it is a number. */
  state: z.object({ key: z.string(), name: bilingualSchema }).nullable(),
  /** Null where the rule has none (states, silence). */
  limit: z.number().nullable(),
  unit: z.string(),
  reason: z.string(),
  /** What `reason` tells, as data; null for alarms of before it was kept. */
  facts: alarmFactsSchema.nullable(),
  provenance: z.string(),
  assignee: z.string().nullable(),
  shelved: z
    .object({ until: instantSchema, oneShot: z.boolean(), actor: z.string(), reason: z.string() })
    .nullable(),
  outOfService: z.object({ since: instantSchema, actor: z.string(), reason: z.string() }).nullable(),
  /** Planned work, an alarm of a device above, or an earlier alarm that it repeats tells of the cause. */
  suppressed: z
    .object({
      since: instantSchema,
      reason: z.string(),
      by: z.enum(['cause', 'maintenance', 'repeat']),
      /** What `reason` tells; null for alarms of before it was kept. */
      facts: alarmFactsSchema.nullable(),
    })
    .nullable(),
  /** Whether the rule asks for a confirmation after the acknowledgement. */
  confirmRequired: z.boolean(),
  confirmedAt: instantSchema.nullable(),
  confirmedBy: z.string().nullable(),
});
export type Alarm = z.infer<typeof alarmSchema>;

/** GET /alarms answers a page, and how many the filter hides that nobody may overlook. */
export const alarmsAnswer = pageOf(alarmSchema).extend({
  /** Active, unacknowledged and critical, in the operators' list, and not in this one. */
  hiddenCritical: z.number(),
});
/** GET /alarms/{id} */
export const alarmDetailSchema = alarmSchema.extend({
  recommendedAction: z.string(),
  recommendedActionEn: z.string().nullable(),
  cause: z.string(),
  causeEn: z.string().nullable(),
  consequence: z.string(),
  consequenceEn: z.string().nullable(),
  basis: z.string(),
  basisEn: z.string().nullable(),
  journal: z.array(alarmTransitionSchema),
});

/** POST /alarms/{id}/acknowledge */
export const acknowledgeBody = z.strictObject({ comment: z.string().trim().min(1).max(2_000) });

const reasonSchema = z.string().trim().min(1).max(500);

/** POST /alarms/{id}/comment */
export const commentBody = z.strictObject({ comment: z.string().trim().min(1).max(2_000) });
/** POST /alarms/{id}/assign */
export const assignBody = z.strictObject({
  assignee: z.string().min(1).max(100).nullable(),
  reason: reasonSchema,
});
/** GET /alarm-handlers : whom an alarm can be given to. */
export const alarmHandlersSchema = z.object({
  items: z.array(z.object({ username: z.string(), displayName: z.string(), role: z.enum(roles) })),
});
/** POST /alarms/{id}/shelve */
export const shelveBody = z.strictObject({
  /** Absent: as long as the severity allows. */
  minutes: z.number().min(1).max(10_080).optional(),
  /** It also ends when this occurrence clears. */
  oneShot: z.boolean().default(false),
  reason: reasonSchema,
});
/** POST /alarms/{id}/confirm */
export const confirmBody = commentBody;
/** POST /alarms/{id}/unshelve|out-of-service|return-to-service */
export const reasonBody = z.strictObject({ reason: reasonSchema });

/** GET /alarms/{id}/context */
export const alarmContextSchema = z.object({
  /** The same rule at the same point before this one, newest first. */
  similar: z.object({
    /** Within the last `days` before it. */
    count: z.number(),
    days: z.number(),
    items: z.array(
      z.object({
        id: z.string(),
        raisedAt: instantSchema,
        clearedAt: instantSchema.nullable(),
        value: z.number().nullable(),
        acknowledgedBy: z.string().nullable(),
        comment: z.string().nullable(),
      }),
    ),
  }),
  /** Cameras of the place, then of the spaces around it. */
  cameras: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      spaceName: z.string().nullable(),
      status: z.enum(['online', 'offline']).nullable(),
      samePlace: z.boolean(),
    }),
  ),
});
export type AlarmContext = z.infer<typeof alarmContextSchema>;

/** POST /alarm-mutes */
export const muteBody = z.strictObject({
  /** This severity and those below it. */
  upTo: z.enum(severities),
  minutes: z.int().min(1).max(60),
  reason: reasonSchema,
});
export const muteAnswerSchema = z.object({ until: instantSchema });

/** What is done with many alarms at once. */
export const bulkActSchema = z.discriminatedUnion('act', [
  z.strictObject({ act: z.literal('acknowledge'), comment: acknowledgeBody.shape.comment }),
  z.strictObject({ act: z.literal('comment'), comment: commentBody.shape.comment }),
  z.strictObject({ act: z.literal('confirm'), comment: confirmBody.shape.comment }),
  assignBody.extend({ act: z.literal('assign') }),
  shelveBody.extend({ act: z.literal('shelve') }),
  z.strictObject({ act: z.literal('unshelve'), reason: reasonSchema }),
]);
export type BulkAct = z.infer<typeof bulkActSchema>;
export const bulkActs = ['acknowledge', 'comment', 'confirm', 'assign', 'shelve', 'unshelve'] as const;

/** GET /alarms/bulk : what an act by this filter would be done with; `all` would be without end. */
export const bulkQuery = alarmsShape
  .omit({ limit: true, cursor: true, order: true, from: true, to: true })
  .extend({
    act: z.enum(bulkActs),
    state: z.enum(['open', 'active', 'unacknowledged', 'shelved', 'suppressed', 'out-of-service']),
  });
export const bulkPreviewSchema = z.object({
  /** All that the filter finds and the act can be done with. */
  count: z.number(),
  /** The first of them, most urgent first: an act is done with these and no others. */
  items: z.array(alarmSchema),
});
export type BulkPreview = z.infer<typeof bulkPreviewSchema>;

/** POST /alarms/bulk */
export const bulkBody = z.strictObject({
  /** Those of the preview. */
  ids: z
    .array(z.string().regex(/^[1-9]\d{0,14}$/, 'an alarm id is a number'))
    .min(1)
    .max(limits.bulkAlarms),
  what: bulkActSchema,
});
export const bulkAnswerSchema = z.object({
  done: z.array(z.string()),
  /** What was not done, and why; the others were. */
  failed: z.array(z.object({ id: z.string(), code: z.string(), reason: z.string() })),
});
export type BulkAnswer = z.infer<typeof bulkAnswerSchema>;

/** GET|POST /alarm-rules, PATCH /alarm-rules/{id} */
export const alarmRuleSchema = alarmRuleBodySchema.extend({
  version: z.number(),
  validFrom: instantSchema,
  author: z.string(),
});
export type AlarmRule = z.infer<typeof alarmRuleSchema>;
export const alarmRuleCreateBody = alarmRuleBodySchema.extend({ reason: z.string().trim().min(1).max(500) });
const ruleText = z.string().max(2_000);
export const alarmRulePatchBody = alarmRuleBodySchema
  .omit({ id: true })
  // What is absent stays as it is: a default would quietly change it.
  .extend({
    enabled: z.boolean(),
    category: z.enum(alarmCategories),
    cause: ruleText,
    consequence: ruleText,
    recommendedAction: ruleText,
    team: z.string().max(100),
    basis: ruleText,
  })
  .partial()
  // Null takes the schedule away.
  .extend({ schedule: scheduleSchema.nullable().optional() })
  .extend({ reason: z.string().trim().min(1).max(500) });

/** POST /alarm-rules/dry-run */
export const alarmDryRunBody = z.strictObject({
  target: alarmTargetSchema,
  condition: alarmConditionSchema,
  schedule: scheduleSchema.optional(),
  /** How far back, days; raw readings do not reach back for ever. */
  days: z.number().positive().max(31),
});

export const alarmDryRunSchema = z.object({
  from: instantSchema,
  to: instantSchema,
  /** Points that the rule would watch. */
  points: z.number(),
  /** Those of which there is no raw reading in the time: nothing can be said of them. */
  pointsWithoutData: z.number(),
  readings: z.number(),
  /** How many it would have raised. */
  count: z.number(),
  /** Newest first, 1,000 at most. */
  occurrences: z.array(
    z.object({
      /** The point's key, or the device. */
      object: z.string(),
      raisedAt: instantSchema,
      clearedAt: instantSchema.nullable(),
      value: z.number().nullable(),
      reason: z.string(),
      facts: alarmFactsSchema,
    }),
  ),
});
export type AlarmDryRun = z.infer<typeof alarmDryRunSchema>;
