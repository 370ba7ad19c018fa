import { z } from 'zod';
import { instantSchema } from './common.ts';
import { registerLimits, sha256Schema } from './registers.ts';

export const attachmentLimits = {
  /** One file; a pack of evidence carries it whole. */
  bytes: 50 * 1024 * 1024,
  /** All files together. */
  quotaBytes: 20 * 1024 * 1024 * 1024,
  /** A file that no record and no claim names so long after its last upload is removed. */
  unnamedDays: 7,
} as const;

/** What may be attached, with the endings that a file of it has. */
export const attachmentTypes = {
  'application/pdf': ['pdf'],
  'image/png': ['png'],
  'image/jpeg': ['jpg', 'jpeg'],
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': ['docx'],
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': ['xlsx'],
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': ['pptx'],
  'application/ofd': ['ofd'],
} as const satisfies Record<string, readonly string[]>;
export type AttachmentType = keyof typeof attachmentTypes;

/** POST /attachments?name= with the bytes as `application/octet-stream`. */
export const attachmentQuery = z.strictObject({
  name: z.string().min(1).max(registerLimits.fileName),
});

export const attachmentSchema = z.object({
  sha256: sha256Schema,
  mediaType: z.string(),
  bytes: z.number(),
  name: z.string(),
  uploadedAt: instantSchema,
  uploadedBy: z.string(),
});
export type Attachment = z.infer<typeof attachmentSchema>;

/** GET /attachments/usage */
export const attachmentUsage = z.object({ bytes: z.number(), quotaBytes: z.number() });
