import { z } from 'zod';
import { limits } from '../limits.ts';
import type { Phrase } from '../phrases.ts';

/** Instants on the wire: RFC 3339, UTC or with an offset. */
export const instantSchema = z.iso.datetime({ offset: true });

/** Query parameters of every list. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(limits.listLimit).default(100),
  cursor: z.string().max(200).optional(),
};

/** The park at that instant, as it is known today; the present when absent. */
export const asOfQuery = { asOf: instantSchema.optional() };
/** Of reads that take nothing else. */
export const asOfOnly = z.strictObject(asOfQuery);

/** Every list answers this. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() });
}

/** RFC 9457. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  code: z.string(),
  detail: z.string().optional(),
  instance: z.string().optional(),
  errors: z
    .array(
      z.object({
        path: z.string(),
        message: z.string(),
        line: z.number().optional(),
        column: z.number().optional(),
      }),
    )
    .optional(),
});
export type Problem = z.infer<typeof problemSchema>;

/** A list of comma-separated keys in a query. */
export function commaList(item: z.ZodType<string, string>, most: number) {
  return z
    .string()
    .transform((text) => [...new Set(text.split(',').filter((part) => part !== ''))])
    .pipe(z.array(item).min(1).max(most));
}

/**
 * A sentence as its code and parameters (schemas/phrases.ts); a parameter may be another. A reader of another version may not
 * know the code: its English stands beside it.
 */
export const saidSchema = z.object({ code: z.string(), params: z.record(z.string(), z.unknown()) });
export type Said = z.infer<typeof saidSchema>;

/** A sentence as an answer has it. */
export function toSaid({ code, params }: Phrase): Said {
  return { code, params: { ...params } };
}
