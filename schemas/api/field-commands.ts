import { z } from 'zod';
import { fieldCommandLimits, fieldCommandNames, fieldCommandStates } from '../field-command.ts';
import { instantSchema } from './common.ts';

export const fieldCommandBody = z.strictObject({
  command: z.enum(fieldCommandNames),
  /** Why; stands in the audit. */
  reason: z.string().trim().min(1).max(fieldCommandLimits.reasonLength),
});

export const fieldCommandSchema = z.object({
  id: z.string(),
  deviceId: z.string(),
  command: z.enum(fieldCommandNames),
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
  /** What devices of its class may be told; empty when nothing. */
  commands: z.array(z.enum(fieldCommandNames)),
  /** The newest first. */
  items: z.array(fieldCommandSchema),
});
export type FieldCommandsAnswer = z.infer<typeof fieldCommandsAnswer>;
