import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Bus } from '#infra/bus.ts';
import {
  decisionBody,
  decisionSchema,
  exactPeriodQuery,
  rubricIdSchema,
  signOffBodySchema,
  signOffSchema,
  type Decision,
} from '#schemas/api/assessment.ts';
import { ParkError } from '#schemas/errors.ts';
import { limits } from '#schemas/limits.ts';
import { deciders, everyone } from '#schemas/roles.ts';
import { scoredRubrics } from '#schemas/rubrics/index.ts';
import { principalOf, type Api } from '#services/api/plugin.ts';
import type { AssessmentRun } from '../assess.ts';
import { decide, type Assessor, type DecisionGround } from './decide.ts';
import { toSignOff } from './sign-off-view.ts';
import { signOff } from './sign-off.ts';
import { listDecisions, listSignOffs, type DecisionRow, type PeriodKey } from './store.ts';

export interface DecisionDeps extends DecisionGround {
  readonly bus: Bus;
  readonly program: string;
  /** Measures a rubric, or one item of it, over a period. */
  readonly measure: (
    rubricId: string,
    query: { readonly from: string; readonly to: string; readonly item?: string },
  ) => Promise<AssessmentRun>;
}

const tags = ['assessment'];
const rubricParams = z.object({ rubricId: rubricIdSchema });
const itemParams = rubricParams.extend({ item: z.string().max(100) });

/** What assessors decide inside the ranges that a rubric leaves, and what they sign. */
export function decisionRoutes(api: Api, deps: DecisionDeps): void {
  decisionRoute(api, deps);
  signOffRoute(api, deps);
}

function personOf(request: FastifyRequest): Assessor {
  const { userId, actor } = principalOf(request);
  return { userId, actor, address: request.ip };
}

function toDecision({ id, points, rangeMin, rangeMax, reason, author, decidedAt }: DecisionRow): Decision {
  const range = { min: rangeMin, max: rangeMax };
  return { id: String(id), points, range, reason, by: author, at: decidedAt.toISOString() };
}

/** @throws ParkError `not-found` */
function keyOf(
  { rubricId, item }: { rubricId: string; item?: string },
  { from, to }: { from: string; to: string },
): PeriodKey {
  const rubric = scoredRubrics.get(rubricId);
  if (rubric === undefined) throw new ParkError('not-found', `There is no rubric ${rubricId}`);
  if (item !== undefined && !rubric.items.some(({ id }) => id === item)) {
    throw new ParkError('not-found', `${rubricId} has no item ${item}`);
  }
  return { rubricId, edition: rubric.edition, fromMs: Date.parse(from), toMs: Date.parse(to) };
}

function decisionRoute(api: Api, deps: DecisionDeps): void {
  const { db, bus, measure } = deps;
  const path = '/assessments/:rubricId/items/:item/decisions';
  const answer = z.object({ items: z.array(decisionSchema), nextCursor: z.null() });
  const read = async (key: PeriodKey, item: string) => {
    const rows = await listDecisions(db, { ...key, item, limit: limits.listLimit });
    return { items: rows.map(toDecision), nextCursor: null };
  };
  api.get(
    path,
    {
      config: { access: everyone },
      schema: {
        summary: 'Every decision of an assessor on an item for exactly this period, newest first',
        tags,
        params: itemParams,
        querystring: exactPeriodQuery,
        response: { 200: answer },
      },
    },
    async ({ params, query }) => read(keyOf(params, query), params.item),
  );
  api.post(
    path,
    {
      // A person decides, not a program.
      config: { access: deciders, sessionOnly: true },
      schema: {
        summary:
          'Decides on the points of an item inside the range that the rubric leaves, or takes that back',
        tags,
        params: itemParams,
        querystring: exactPeriodQuery,
        body: decisionBody,
        response: { 201: answer },
      },
    },
    async (request, reply) => {
      const { params, query, body } = request;
      const { rubricId, item } = params;
      const key = keyOf(params, query);
      const run = await measure(rubricId, { ...query, item });
      await decide(deps, run, { item, ...body, person: personOf(request) });
      bus.publish('assessment', { rubricId, evidenceIds: [] });
      return reply.code(201).send(await read(key, item));
    },
  );
}

function signOffRoute(api: Api, deps: DecisionDeps): void {
  const { db, bus, measure } = deps;
  const path = '/assessments/:rubricId/sign-offs';
  api.get(
    path,
    {
      config: { access: everyone },
      schema: {
        summary: 'Assessments that were signed, newest first',
        tags,
        params: rubricParams,
        querystring: exactPeriodQuery.partial(),
        response: { 200: z.object({ items: z.array(signOffSchema), nextCursor: z.null() }) },
      },
    },
    async ({ params: { rubricId }, query: { from, to } }) => {
      const period =
        from === undefined || to === undefined ? null : { fromMs: Date.parse(from), toMs: Date.parse(to) };
      const rows = await listSignOffs(db, { rubricId, period, limit: limits.listLimit });
      return { items: rows.map(toSignOff), nextCursor: null };
    },
  );
  api.post(
    path,
    {
      config: { access: deciders, sessionOnly: true },
      schema: {
        summary:
          'Signs the assessment of a period as it stands, and stores the evidence of every item with it',
        tags,
        params: rubricParams,
        querystring: exactPeriodQuery,
        body: signOffBodySchema,
        response: { 201: signOffSchema },
      },
    },
    async (request, reply) => {
      const { params, query, body } = request;
      const { rubricId } = params;
      const run = await measure(rubricId, query);
      const { evidenceIds } = await signOff(deps, run, { ...body, person: personOf(request) });
      bus.publish('assessment', { rubricId, evidenceIds: [...evidenceIds] });
      const [row] = await listSignOffs(db, { rubricId, period: run, limit: 1 });
      if (row === undefined) throw new Error('the sign-off is gone');
      return reply.code(201).send(toSignOff(row));
    },
  );
}
