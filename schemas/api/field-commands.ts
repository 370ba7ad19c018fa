import { z } from 'zod';
import { fieldCommandLimits, fieldCommandNameSchema, fieldCommandStates } from '../field-command.ts';
import { instantSchema } from './common.ts';

export const fieldCommandBody = z.strictObject({
  command: fieldCommandNameSchema,
  /** Why; stands in the audit. */
  reason: z.string().trim().min(1).max(fieldCommandLimits.reasonLength),
});

export const fieldCommandSchema = z.object({
  id: z.string(),
  deviceId: z.string(),
  command: z.string(),
  reason: z.string(),
  actor: z.string(),
  sentAt: instantSchema,
  expiresAt: instantSchema,
  state: z.enum(fieldCommandStates),
  endedAt: instantSchema.nullable(),
  detail: z.string().nullable(),
});
export type FieldCommand = z.infer<typeof fieldCommandSchema>;

export const fieldCommandsAnswer = z.object({
  /** What the device may be told, by its class or by the methods of its OPC UA server; empty when nothing. */
  commands: z.array(z.string()),
  /** The newest first. */
  items: z.array(fieldCommandSchema),
});
export type FieldCommandsAnswer = z.infer<typeof fieldCommandsAnswer>;
