import { z } from 'zod';
import { rubricIdSchema } from './assessment.ts';
import { instantSchema, pageQuery } from './common.ts';

/** What is said after a question: an answer of the park, a remark, that it is settled, that it is not. */
export const questionEntryKinds = ['answer', 'remark', 'close', 'reopen'] as const;
const text = z.string().trim().min(1).max(4_000);
const itemText = z.string().min(1).max(100);

export const questionSchema = z.object({
  id: z.string(),
  rubricId: z.string(),
  item: z.string(),
  question: z.string(),
  by: z.string(),
  at: instantSchema,
  isOpen: z.boolean(),
  /** Oldest first; nothing said is ever changed. */
  entries: z.array(
    z.object({ kind: z.enum(questionEntryKinds), content: z.string(), by: z.string(), at: instantSchema }),
  ),
});
export type Question = z.infer<typeof questionSchema>;

/** GET /questions: newest first */
export const questionsQuery = z.strictObject({
  ...pageQuery,
  rubric: rubricIdSchema,
  item: itemText.optional(),
});

/** GET /questions/counts?rubric= : of every item that was asked about */
export const questionCountsQuery = z.strictObject({ rubric: rubricIdSchema });
export const questionCountsSchema = z.object({
  items: z.array(z.object({ item: z.string(), open: z.number(), of: z.number() })),
});
export type QuestionCounts = z.infer<typeof questionCountsSchema>;

/** POST /questions */
export const questionBody = z.strictObject({ rubric: rubricIdSchema, item: itemText, question: text });

/** POST /questions/{id}/entries */
export const questionEntryBody = z.strictObject({ kind: z.enum(questionEntryKinds), content: text });
