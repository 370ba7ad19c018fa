import { z } from 'zod';
import { calendarDaySchema, scheduleSchema } from '../alarm-schedule.ts';
import { alarmConditionSchema, alarmRuleBodySchema, ruleOverrideSchema } from '../alarm.ts';
import { severities } from '../device-class.ts';
import { idSchema } from '../ids.ts';
import { alarmRuleSchema } from './alarms.ts';
import { instantSchema } from './common.ts';

const reason = z.string().trim().min(1).max(500);

/** GET /alarm-rules/{id}/versions : newest first. */
export const ruleVersionSchema = alarmRuleSchema.extend({
  /** Null while it is in force. */
  validTo: instantSchema.nullable(),
  /** Why it was written. */
  reason: z.string(),
});
export type AlarmRuleVersion = z.infer<typeof ruleVersionSchema>;

/** POST /alarm-rules/{id}/reset : back to what the program ships. */
export const ruleResetBody = z.strictObject({ reason });

/** PUT /alarm-rules/{id}/overrides/{deviceId} : `inherit` ends what stands. */
export const overrideBody = z.union([
  z.strictObject({ mode: z.literal('inherit'), reason }),
  z.strictObject({ mode: z.literal('disable'), reason }),
  z.strictObject({
    mode: z.literal('override'),
    condition: alarmConditionSchema.optional(),
    severity: z.enum(severities).optional(),
    schedule: scheduleSchema.nullable().optional(),
    reason,
  }),
]);

export const overrideSchema = z.object({
  ruleId: idSchema,
  deviceId: idSchema,
  version: z.number(),
  validFrom: instantSchema,
  validTo: instantSchema.nullable(),
  author: z.string(),
  reason: z.string(),
  /** Null: as the rule says. */
  definition: ruleOverrideSchema.nullable(),
});
export type AlarmRuleOverride = z.infer<typeof overrideSchema>;

/** GET /devices/{id}/alarm-rules : what watches a device, with what it changes of that. */
export const deviceRuleSchema = z.object({
  rule: alarmRuleSchema,
  override: overrideSchema.nullable(),
});
export type DeviceAlarmRule = z.infer<typeof deviceRuleSchema>;

/** GET /alarm-rules/export */
export const ruleExportQuery = z.strictObject({ format: z.enum(['yaml', 'json']).default('yaml') });

/** What export writes and import reads: rules by id; those that are not named stay as they are. */
export const ruleFileSchema = z.strictObject({ rules: z.array(alarmRuleBodySchema).max(20_000) });

/** POST /alarm-rules/imports?dryRun=true|false&reason= */
export const ruleImportQuery = z.strictObject({
  dryRun: z.enum(['true', 'false']).default('false'),
  reason: reason.default('import'),
});
export const ruleImportSchema = z.object({
  dryRun: z.boolean(),
  created: z.array(z.string()),
  /** With the fields that differ, old and new. */
  changed: z.array(
    z.object({
      id: z.string(),
      fields: z.array(z.object({ field: z.string(), from: z.unknown(), to: z.unknown() })),
    }),
  ),
  unchanged: z.number(),
});
export type AlarmRuleImport = z.infer<typeof ruleImportSchema>;

/** GET /alarm-rules/not-raised : what late or old data would have raised, newest first. */
export const notRaisedQuery = z.strictObject({ rule: idSchema.optional() });
export const notRaisedSchema = z.object({
  ruleId: z.string(),
  object: z.string(),
  kind: z.enum(['late', 'history']),
  time: instantSchema,
  value: z.number().nullable(),
  notedAt: instantSchema,
});

/** GET|PUT /calendar-days?from=&to= : days on which the park does not follow the weekday; `to` inclusive. */
export const calendarQuery = z.strictObject({ from: z.iso.date(), to: z.iso.date() });
export const calendarBody = z.strictObject({ days: z.array(calendarDaySchema).max(1_000), reason });
