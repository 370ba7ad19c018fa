import { z } from 'zod';
import { rubricUnits } from './rubric-units.ts';

/**
 * How the records of a register make the number or the level of an item, as data beside the item. A filter is a list of
 * alternatives; each alternative is a set of fields and the values they must have (any of several).
 */
export const registerSchema = z.string().regex(/^[a-z][a-z0-9-]{1,39}$/);
const fieldSchema = z.string().regex(/^[a-z][A-Za-z0-9]{0,39}$/);
const valueSchema = z.union([z.string(), z.boolean()]);
export const filterSchema = z
  .array(z.record(fieldSchema, z.union([valueSchema, z.array(valueSchema).min(1)])))
  .min(1);
export type RecordFilter = z.infer<typeof filterSchema>;

const unitSchema = z.enum(rubricUnits);
/** Only the months before the end of the period count, whatever its length; absent: the end, or the period of events. */
const months = z.int().min(1).max(36).optional();
/** Field that names a company: companies count once, and only those that were settled in the park. */
const company = fieldSchema.optional();

/** Records that meet `counted`, of those that meet `of`, in percent. */
const shareSchema = z.strictObject({
  kind: z.literal('share'),
  register: registerSchema,
  of: filterSchema.optional(),
  counted: filterSchema,
});

/** The sum of some fields, of the sum of another, over all records, in percent. */
const sumShareSchema = z.strictObject({
  kind: z.literal('sum-share'),
  register: registerSchema,
  counted: z.array(fieldSchema).min(1),
  of: fieldSchema,
});

/** The number of records, or of companies that they name. */
const countSchema = z.strictObject({
  kind: z.literal('count'),
  register: registerSchema,
  /** Of a register that is kept for several things: where it has nothing of these, that is no zero. */
  of: filterSchema.optional(),
  where: filterSchema.optional(),
  company,
  months,
  unit: unitSchema,
});

/** The largest value of a field in the records of `of` that meet `where`; 0 when none of them does. */
const largestSchema = z.strictObject({
  kind: z.literal('largest'),
  register: registerSchema,
  of: filterSchema.optional(),
  where: filterSchema.optional(),
  field: fieldSchema,
  unit: unitSchema,
});

/** The number of companies and the sum of an amount: a rubric takes either. */
const eitherSchema = z.strictObject({
  kind: z.literal('either'),
  register: registerSchema,
  company: fieldSchema,
  amount: fieldSchema,
  months,
});

/** Companies by the best level that a record gives them; `levels` best first, each with the id that the item counts by. */
const levelsSchema = z.strictObject({
  kind: z.literal('levels'),
  register: registerSchema,
  company: fieldSchema,
  field: fieldSchema,
  levels: z.array(z.strictObject({ value: z.string(), counts: z.string() })).min(1),
});

/** The first band for which enough records meet its filter; else the last of the item. */
const bestSchema = z.strictObject({
  kind: z.literal('best'),
  register: registerSchema,
  of: filterSchema.optional(),
  bands: z
    .array(
      z.strictObject({ band: z.string(), where: filterSchema, least: z.int().min(1).max(100).default(1) }),
    )
    .min(1),
});

/** The first band when all records of `of` meet `counted`, the last when none does, else the one between. */
const allSomeSchema = z.strictObject({
  kind: z.literal('all-some'),
  register: registerSchema,
  of: filterSchema.optional(),
  counted: filterSchema,
});

/**
 * Services of an area of the catalogue, one for each function of the item: how many are missing; whether each is offered in
 * both channels; or whether all are offered and a case succeeded.
 */
const servicesSchema = z.strictObject({
  kind: z.literal('services'),
  area: z.string().regex(/^[a-z]+$/),
  by: z.enum(['missing', 'channels', 'success']),
});

export const recordRuleSchema = z.discriminatedUnion('kind', [
  shareSchema,
  sumShareSchema,
  countSchema,
  largestSchema,
  eitherSchema,
  levelsSchema,
  bestSchema,
  allSomeSchema,
  servicesSchema,
]);
export type RecordRule = z.infer<typeof recordRuleSchema>;
export type RecordRuleOf<K extends RecordRule['kind']> = Extract<RecordRule, { kind: K }>;
