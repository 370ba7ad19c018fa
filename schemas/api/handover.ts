import { z } from 'zod';
import { severities } from '../device-class.ts';
import { instantSchema, pageQuery } from './common.ts';

/** Hand-over of a shift: what was told, and how the alarms stood. */

export const handoverTopics = ['events', 'watch', 'work', 'equipment', 'other'] as const;

export const handoverNotesSchema = z
  .array(z.strictObject({ topic: z.enum(handoverTopics), text: z.string().trim().min(1).max(4_000) }))
  .max(50);

/** POST /handovers : signs as who leaves. */
export const handoverBody = z.strictObject({ notes: handoverNotesSchema });
/** POST /handovers/{id}/accept : signs as who comes; another person. */
export const handoverAcceptBody = z.strictObject({ comment: z.string().trim().max(2_000).default('') });

/** GET /handovers : newest first. */
export const handoversQuery = z.strictObject({ ...pageQuery });

const toldAlarmSchema = z.object({
  id: z.string(),
  severity: z.enum(severities),
  ruleName: z.string(),
  ruleNameEn: z.string().nullable(),
  deviceId: z.string(),
  deviceName: z.string(),
  spaceName: z.string().nullable(),
  active: z.boolean(),
  acknowledged: z.boolean(),
  assignee: z.string().nullable(),
  raisedAt: instantSchema,
  /** Why it is shelved or out of service, and until when; null for the open ones. */
  reason: z.string().nullable(),
  until: instantSchema.nullable(),
});
export type ToldAlarm = z.infer<typeof toldAlarmSchema>;

const toldListSchema = z.object({
  /** All there were; `items` are the most urgent of them. */
  count: z.number(),
  items: z.array(toldAlarmSchema),
});

export const handoverStateSchema = z.object({
  at: instantSchema,
  open: toldListSchema,
  shelved: toldListSchema,
  outOfService: toldListSchema,
  /** Active ones only. */
  suppressed: z.object({ count: z.number() }),
  maintenance: z.array(
    z.object({ id: z.string(), name: z.string(), reason: z.string(), until: instantSchema.nullable() }),
  ),
  /** Alarms of floods that go on. */
  floods: z.array(z.object({ position: z.string(), beganAt: instantSchema, announced: z.number() })),
});
export type HandoverState = z.infer<typeof handoverStateSchema>;

export const handoverSchema = z.object({
  id: z.string(),
  signedAt: instantSchema,
  signedBy: z.string(),
  notes: handoverNotesSchema,
  state: handoverStateSchema,
  acceptedAt: instantSchema.nullable(),
  acceptedBy: z.string().nullable(),
  acceptComment: z.string().nullable(),
});
export type Handover = z.infer<typeof handoverSchema>;
