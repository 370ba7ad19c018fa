import { z } from 'zod';
import type { Clock } from '#infra/clock.ts';
import { appendAudit } from '#infra/journal.ts';
import { transaction, type Database } from '#infra/postgres.ts';
import { pageOf } from '#schemas/api/common.ts';
import {
  questionBody,
  questionCountsQuery,
  questionCountsSchema,
  questionEntryBody,
  questionSchema,
  questionsQuery,
  type Question,
} from '#schemas/api/questions.ts';
import { ParkError } from '#schemas/errors.ts';
import { assessors, deciders, everyone, type Role } from '#schemas/roles.ts';
import { scoredRubrics } from '#schemas/rubrics/index.ts';
import { fromIdCursor, toPage } from '#services/api/cursor.ts';
import { principalOf, type Api } from '#services/api/plugin.ts';
import {
  countQuestions,
  insertEntry,
  insertQuestion,
  listQuestions,
  lockQuestion,
  mostEntries,
  readQuestion,
  type EntryKind,
} from './store.ts';

export interface QuestionDeps {
  readonly db: Database;
  readonly clock: Clock;
}

const tags = ['assessment'];

/** Assessors ask about an item, the park answers; who asked says when it is settled. */
export function questionRoutes(api: Api, deps: QuestionDeps): void {
  readRoutes(api, deps);
  askRoute(api, deps);
  entryRoute(api, deps);
}

function readRoutes(api: Api, { db }: QuestionDeps): void {
  api.get(
    '/questions',
    {
      config: { access: everyone },
      schema: {
        summary: 'Questions of assessors about items of a rubric, with all that was said, newest first',
        tags,
        querystring: questionsQuery,
        response: { 200: pageOf(questionSchema) },
      },
    },
    async ({ query: { rubric, item, limit, cursor } }) => {
      const rows = await listQuestions(db, {
        rubricId: rubric,
        item: item ?? null,
        beforeId: fromIdCursor(cursor),
        limit: limit + 1,
      });
      return toPage(rows, limit, ({ id }) => id);
    },
  );
  api.get(
    '/questions/counts',
    {
      config: { access: everyone },
      schema: {
        summary: 'How many questions were asked about each item, and how many are open',
        tags,
        querystring: questionCountsQuery,
        response: { 200: questionCountsSchema },
      },
    },
    async ({ query }) => ({ items: await countQuestions(db, query.rubric) }),
  );
}

function askRoute(api: Api, { db, clock }: QuestionDeps): void {
  api.post(
    '/questions',
    {
      config: { access: deciders },
      schema: {
        summary: 'Asks about an item',
        tags,
        body: questionBody,
        response: { 201: questionSchema },
      },
    },
    async (request, reply) => {
      const { rubric: rubricId, item, question } = request.body;
      if (scoredRubrics.get(rubricId)?.items.some(({ id }) => id === item) !== true) {
        throw new ParkError('not-found', `${rubricId} has no item ${item}`);
      }
      const { actor, userId } = principalOf(request);
      const asked = await transaction(db, async (client) => {
        const by = { askerId: userId, asker: actor, nowMs: clock.nowMs() };
        const id = await insertQuestion(client, { rubricId, item, question, ...by });
        const object = `${rubricId}/${item}`;
        await appendAudit(client, {
          actor,
          action: 'question.ask',
          object,
          after: { id, question },
          address: request.ip,
        });
        return known(await readQuestion(client, id), id);
      });
      return reply.code(201).send(asked);
    },
  );
}

function entryRoute(api: Api, { db, clock }: QuestionDeps): void {
  api.post(
    '/questions/:id/entries',
    {
      config: { access: assessors },
      schema: {
        summary: 'Answers a question, adds a remark, closes it or opens it again',
        tags,
        params: z.object({ id: z.string().regex(/^\d{1,15}$/) }),
        body: questionEntryBody,
        response: { 201: questionSchema },
      },
    },
    async (request, reply) => {
      const { kind, content } = request.body;
      const { actor, role } = principalOf(request);
      const id = Number(request.params.id);
      const answered = await transaction(db, async (client) => {
        await lockQuestion(client, id);
        refuse(known(await readQuestion(client, id), id), { kind, role });
        await insertEntry(client, { questionId: id, kind, content, author: actor, nowMs: clock.nowMs() });
        await appendAudit(client, {
          actor,
          action: `question.${kind}`,
          object: `question:${id}`,
          after: { content },
          address: request.ip,
        });
        return known(await readQuestion(client, id), id);
      });
      return reply.code(201).send(answered);
    },
  );
}

function known(question: Question | undefined, id: number): Question {
  if (question === undefined) throw new ParkError('not-found', `There is no question ${id}`);
  return question;
}

/** The park answers, and who asks says when that is enough. */
function refuse(
  { id, isOpen, entries }: Question,
  { kind, role }: { readonly kind: EntryKind; readonly role: Role },
): void {
  if (kind === 'answer' && role === 'assessor') {
    throw new ParkError('forbidden', 'The park answers; an assessor adds a remark');
  }
  if ((kind === 'close' || kind === 'reopen') && !deciders.includes(role)) {
    throw new ParkError('forbidden', 'Who asks says when a question is settled');
  }
  if (isOpen === (kind === 'reopen')) {
    throw new ParkError('conflict', `Question ${id} is ${isOpen ? 'open' : 'closed'}`);
  }
  if (entries.length >= mostEntries) {
    throw new ParkError('conflict', `Question ${id} has ${mostEntries} entries: ask another one`);
  }
}
