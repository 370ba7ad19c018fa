import type { Queryable } from '#infra/postgres.ts';
import type { Question } from '#schemas/api/questions.ts';

/** All SQL of questions and answers. */

export type EntryKind = Question['entries'][number]['kind'];

interface QuestionRow extends Omit<Question, 'id' | 'at' | 'entries' | 'isOpen'> {
  readonly id: number;
  readonly at: Date;
}

const columns = 'id, rubric_id as "rubricId", item, question, asker as "by", asked_at as "at"';

/** Newest first, with everything that was said to them. */
export async function listQuestions(
  client: Queryable,
  query: {
    readonly rubricId: string;
    readonly item: string | null;
    readonly beforeId: number | null;
    readonly limit: number;
  },
): Promise<Question[]> {
  const { rows } = await client.query<QuestionRow>(
    `select ${columns} from item_question
     where rubric_id = $1 and ($2::text is null or item = $2) and ($3::int8 is null or id < $3)
     order by id desc limit $4`,
    [query.rubricId, query.item, query.beforeId, query.limit],
  );
  return withEntries(client, rows);
}

export async function readQuestion(client: Queryable, id: number): Promise<Question | undefined> {
  const { rows } = await client.query<QuestionRow>(`select ${columns} from item_question where id = $1`, [
    id,
  ]);
  return (await withEntries(client, rows))[0];
}

/** At most this many entries a question: then another question is asked. */
export const mostEntries = 200;

async function withEntries(client: Queryable, questions: readonly QuestionRow[]): Promise<Question[]> {
  const { rows } = await client.query<{
    questionId: number;
    kind: EntryKind;
    content: string;
    by: string;
    at: Date;
  }>(
    `select question_id as "questionId", kind, content, author as "by", said_at as "at"
     from item_question_entry where question_id = any($1) order by id`,
    [questions.map(({ id }) => id)],
  );
  const entries = Map.groupBy(rows, ({ questionId }) => questionId);
  return questions.map((question) => {
    const own = entries.get(question.id) ?? [];
    return {
      ...question,
      id: String(question.id),
      at: question.at.toISOString(),
      isOpen: isOpen(own),
      entries: own.map(({ kind, content, by, at }) => ({ kind, content, by, at: at.toISOString() })),
    };
  });
}

/** Open until somebody closes it, and again when it is reopened. Pure. */
export function isOpen(entries: readonly { readonly kind: EntryKind }[]): boolean {
  return entries.findLast(({ kind }) => kind === 'close' || kind === 'reopen')?.kind !== 'close';
}

export async function insertQuestion(
  client: Queryable,
  asked: {
    readonly rubricId: string;
    readonly item: string;
    readonly question: string;
    readonly askerId: string;
    readonly asker: string;
    readonly nowMs: number;
  },
): Promise<number> {
  const { rows } = await client.query<{ id: number }>(
    `insert into item_question (rubric_id, item, question, asker_id, asker, asked_at)
     values ($1, $2, $3, $4, $5, $6) returning id`,
    [asked.rubricId, asked.item, asked.question, asked.askerId, asked.asker, new Date(asked.nowMs)],
  );
  return rows[0]?.id ?? 0;
}

/** Keeps others from saying something to this question until the transaction ends. */
export async function lockQuestion(client: Queryable, id: number): Promise<void> {
  await client.query(`select pg_advisory_xact_lock(hashtextextended('parkwatch question ' || $1::text, 0))`, [
    id,
  ]);
}

export async function insertEntry(
  client: Queryable,
  entry: {
    readonly questionId: number;
    readonly kind: EntryKind;
    readonly content: string;
    readonly author: string;
    readonly nowMs: number;
  },
): Promise<void> {
  await client.query(
    `insert into item_question_entry (question_id, kind, content, author, said_at) values ($1, $2, $3, $4, $5)`,
    [entry.questionId, entry.kind, entry.content, entry.author, new Date(entry.nowMs)],
  );
}

/** Of each item that was ever asked about: questions, and those that are open. */
export async function countQuestions(
  client: Queryable,
  rubricId: string,
): Promise<{ item: string; open: number; of: number }[]> {
  const { rows } = await client.query<{ item: string; open: number; of: number }>(
    `select q.item, count(*)::int as "of", (count(*) filter (where l.kind is distinct from 'close'))::int as "open"
     from item_question q left join lateral (
       select e.kind from item_question_entry e
       where e.question_id = q.id and e.kind in ('close', 'reopen') order by e.id desc limit 1) l on true
     where q.rubric_id = $1 group by q.item order by q.item`,
    [rubricId],
  );
  return rows;
}
