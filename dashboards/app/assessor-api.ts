/** Requests of assessors' decisions, sign-offs and questions, typed by the contracts of schemas/api. */
import type { z } from 'zod';
import type {
  AssessedItem,
  Decision,
  decisionBody,
  SignOff,
  signOffBodySchema,
} from '#schemas/api/assessment.ts';
import type { MemberDays } from '#schemas/api/member-days.ts';
import type { Gap, WhatIf, whatIfBody } from '#schemas/api/gaps.ts';
import type { Question, QuestionCounts, questionBody, questionEntryBody } from '#schemas/api/questions.ts';
import type { Page } from './api.ts';
import { call } from './client.ts';

/** An item of a rubric over a period; RFC 3339. */
export interface ItemOfPeriod {
  readonly rubricId: string;
  readonly item: string;
  readonly period: { readonly from: string; readonly to: string };
}

const id = encodeURIComponent;
const itemPath = ({ rubricId, item }: ItemOfPeriod) => `/assessments/${id(rubricId)}/items/${id(item)}`;

export const assessorApi = {
  item: (of: ItemOfPeriod) =>
    call<AssessedItem>({ method: 'GET', path: itemPath(of), query: { ...of.period } }),
  memberDays: (of: ItemOfPeriod, member: string) =>
    call<MemberDays>({
      method: 'GET',
      path: `${itemPath(of)}/members/${id(member)}`,
      query: { ...of.period },
    }),
  decisions: (of: ItemOfPeriod) =>
    call<Page<Decision>>({ method: 'GET', path: `${itemPath(of)}/decisions`, query: { ...of.period } }),
  decide: (of: ItemOfPeriod, body: z.input<typeof decisionBody>) =>
    call<Page<Decision>>({
      method: 'POST',
      path: `${itemPath(of)}/decisions`,
      query: { ...of.period },
      body,
    }),
  signOff: (rubricId: string, period: ItemOfPeriod['period'], body: z.input<typeof signOffBodySchema>) =>
    call<SignOff>({
      method: 'POST',
      path: `/assessments/${id(rubricId)}/sign-offs`,
      query: { ...period },
      body,
    }),
  gaps: (rubricId: string, period: ItemOfPeriod['period']) =>
    call<{ readonly items: readonly Gap[] }>({
      method: 'GET',
      path: `/assessments/${id(rubricId)}/gaps`,
      query: { ...period },
    }),
  whatIf: (rubricId: string, period: ItemOfPeriod['period'], body: z.input<typeof whatIfBody>) =>
    call<WhatIf>({
      method: 'POST',
      path: `/assessments/${id(rubricId)}/what-if`,
      query: { ...period },
      body,
    }),
  questions: (query: { rubric: string; item: string }) =>
    call<Page<Question>>({ method: 'GET', path: '/questions', query }),
  questionCounts: (rubric: string) =>
    call<QuestionCounts>({ method: 'GET', path: '/questions/counts', query: { rubric } }),
  ask: (body: z.input<typeof questionBody>) => call<Question>({ method: 'POST', path: '/questions', body }),
  say: (questionId: string, body: z.input<typeof questionEntryBody>) =>
    call<Question>({ method: 'POST', path: `/questions/${id(questionId)}/entries`, body }),
};
