import { z } from 'zod';
import { bilingualSchema } from '../device-class.ts';
import { idSchema } from '../ids.ts';
import { provenances } from '../reading.ts';
import { daySchema, type RecordField, type RecordFields } from '../registers/field.ts';
import { kindGroups, recordTimes } from '../registers/kind.ts';
import { asOfQuery, instantSchema, pageQuery } from './common.ts';

export const registerLimits = {
  reason: 500,
  /** Attachments of one record or claim. */
  documents: 20,
  fileName: 200,
  /** A record that ends within so many days is told beforehand. */
  expirySoonDays: 60,
  importBytes: 5 * 1024 * 1024,
  importRows: 5_000,
  /** Records of one kind that an export holds, and a measure reads. */
  records: 50_000,
} as const;

const reason = z.string().trim().min(1).max(registerLimits.reason);
export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);
export const kindIdSchema = z.string().regex(/^[a-z][a-z0-9-]{1,39}$/);

/** An attachment, as a record or a claim names it. */
export const documentRefSchema = z.strictObject({
  sha256: sha256Schema,
  name: z.string().min(1).max(registerLimits.fileName),
});
export type DocumentRef = z.infer<typeof documentRefSchema>;
export const documentsSchema = z.array(documentRefSchema).max(registerLimits.documents);

const fieldsSchema: z.ZodType<RecordFields> = z.record(
  z.string().max(40),
  z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]),
);

/** What the list filters by; `current`: all that was not withdrawn. */
export const recordStates = [
  'current',
  'in-force',
  'future',
  'past',
  'expiring',
  'review-due',
  'withdrawn',
] as const;
export type RecordState = (typeof recordStates)[number];

export const recordSchema = z.object({
  kind: z.string(),
  code: z.string(),
  version: z.number(),
  from: daySchema,
  /** The last day on which it holds; null while the end is open. */
  until: daySchema.nullable(),
  title: z.string(),
  /** Personal fields are left out for those whose work does not need them. */
  fields: fieldsSchema,
  documents: z.array(documentRefSchema),
  provenance: z.enum(provenances),
  sha256: z.string(),
  recordedAt: instantSchema,
  recordedBy: z.string(),
  state: z.enum(['in-force', 'future', 'past', 'withdrawn']),
  /** It ends within 60 days. */
  expiresSoon: z.boolean(),
  reviewedAt: instantSchema.nullable(),
  reviewer: z.string().nullable(),
  /** The day by which somebody should look at it again; null when the kind asks for none. */
  reviewBy: daySchema.nullable(),
});
export type RegisterRecord = z.infer<typeof recordSchema>;

/** A field of a kind, as forms, lists and files are made from it (schemas/registers/field.ts). */
const fieldSummarySchema = z.looseObject({
  type: z.string(),
  label: bilingualSchema,
  required: z.boolean(),
});

/** GET /registers */
export const registerSummarySchema = z.object({
  kind: z.string(),
  group: z.enum(kindGroups),
  name: bilingualSchema,
  about: bilingualSchema,
  time: z.enum(recordTimes),
  reviewMonths: z.number().nullable(),
  /** The field that a record is called by. */
  title: z.string(),
  fields: z.record(z.string(), fieldSummarySchema),
  serves: z.record(z.string(), z.array(z.string())),
  records: z.number(),
  expiring: z.number(),
  /** Ended, and not renewed. */
  ended: z.number(),
  reviewDue: z.number(),
});
export type RegisterSummary = Omit<z.infer<typeof registerSummarySchema>, 'fields'> & {
  readonly fields: Readonly<Record<string, RecordField>>;
};

/** GET /registers/{kind}?q=&state=&field=&value= */
export const recordsQuery = z
  .strictObject({
    ...pageQuery,
    ...asOfQuery,
    q: z.string().trim().min(1).max(100).optional(),
    state: z.enum(recordStates).default('current'),
    field: z
      .string()
      .regex(/^[a-z][A-Za-z0-9]{0,39}$/)
      .optional(),
    value: z.string().max(200).optional(),
  })
  .refine(({ field, value }) => (field === undefined) === (value === undefined), {
    message: 'field and value are given together',
    path: ['value'],
  });

/** POST /registers/{kind}. Without `code` one is made. */
export const recordBody = z.strictObject({
  code: idSchema.optional(),
  from: daySchema,
  until: daySchema.nullable().default(null),
  fields: fieldsSchema,
  documents: documentsSchema.default([]),
  reason: reason.optional(),
});

/**
 * PATCH /registers/{kind}/{code}. `correct`: what was written of the days from `of` on was wrong. `change`: it is
 * different from `from` on, and what was written of the days before stays.
 */
export const amendBody = z.strictObject({
  /** The version that was looked at: when somebody was quicker, the answer is `conflict`. */
  version: z.int().positive(),
  how: z.enum(['correct', 'change']),
  of: daySchema.optional(),
  from: daySchema,
  until: daySchema.nullable(),
  fields: fieldsSchema,
  documents: documentsSchema,
  reason: reason.optional(),
});
export type AmendBody = z.infer<typeof amendBody>;

export const withdrawBody = z.strictObject({ version: z.int().positive(), reason });
export const reviewBody = z.strictObject({ version: z.int().positive(), note: reason.optional() });

/** GET /registers/{kind}/{code}: what is known of it, the newest days first. */
export const recordDetailSchema = recordSchema.extend({
  pieces: z.array(
    recordSchema.pick({
      version: true,
      from: true,
      until: true,
      fields: true,
      documents: true,
      sha256: true,
      recordedAt: true,
      recordedBy: true,
    }),
  ),
});
export type RecordDetail = z.infer<typeof recordDetailSchema>;

/** GET /registers/{kind}/{code}/history: every row ever written, newest first. */
export const recordRowSchema = z.object({
  id: z.string(),
  version: z.number(),
  from: daySchema,
  until: daySchema.nullable(),
  title: z.string(),
  fields: fieldsSchema,
  documents: z.array(documentRefSchema),
  sha256: z.string(),
  recordedAt: instantSchema,
  recordedBy: z.string(),
  reason: z.string().nullable(),
  supersededAt: instantSchema.nullable(),
  supersededBy: z.string().nullable(),
  ending: z.enum(['corrected', 'changed', 'withdrawn']).nullable(),
});
export type RecordRow = z.infer<typeof recordRowSchema>;

/** POST /imports/registers/{kind}?dryRun= */
export const registerImportQuery = z.strictObject({ dryRun: z.enum(['true', 'false']).default('false') });
export const registerImportAnswer = z.object({
  dryRun: z.boolean(),
  created: z.number(),
  changed: z.number(),
  unchanged: z.number(),
  changes: z.array(
    z.object({
      code: z.string(),
      change: z.enum(['create', 'correct', 'change']),
      fields: z.array(z.object({ field: z.string(), before: z.unknown(), after: z.unknown() })),
    }),
  ),
});
export type RegisterImportAnswer = z.infer<typeof registerImportAnswer>;

/** GET /exports/registers/{kind}?format= */
export const registerExportQuery = z.strictObject({
  format: z.enum(['csv', 'xlsx']).default('xlsx'),
  /** Of the head and of choices; either is understood when it comes back. */
  lang: z.enum(['zh', 'en']).default('zh'),
});
