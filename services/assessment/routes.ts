import { z } from 'zod';
import type { Bus } from '#infra/bus.ts';
import type { Clock } from '#infra/clock.ts';
import { createGate, type Gate } from '#infra/gate.ts';
import type { Database } from '#infra/postgres.ts';
import {
  assessedItemSchema,
  assessmentQuery,
  assessmentSchema,
  periodQuery,
  rubricIdSchema,
  rubricSummarySchema,
  signedAssessmentSchema,
  type RubricSummary,
} from '#schemas/api/assessment.ts';
import { memberDaysSchema } from '#schemas/api/member-days.ts';
import { ParkError } from '#schemas/errors.ts';
import { basesOf } from '#schemas/rubric-basis.ts';
import { engineers, everyone } from '#schemas/roles.ts';
import type { Rubric } from '#schemas/rubric.ts';
import { scoredRubrics } from '#schemas/rubrics/index.ts';
import { principalOf, type Api } from '#services/api/plugin.ts';
import type { Signer } from '#services/sealing/signing.ts';
import { assess, hasMeasure, toAssessedItem, toAssessment, type AssessmentRun } from './assess.ts';
import { storeEvidence } from './evidence.ts';
import { evidenceRoutes } from './evidence-routes.ts';
import { newestEvidence } from './evidence-store.ts';
import { decisionRoutes } from './decisions/routes.ts';
import { shownSignOff } from './decisions/sign-off-view.ts';
import { gapRoutes } from './gaps/routes.ts';
import { exclusionRoutes } from './exclusion-routes.ts';
import { derivations } from './measures/derivations.ts';
import { memberDaysOf } from './member-days/member-days.ts';
import { choosePeriod, type PeriodQuery } from './period.ts';
import { questionRoutes } from './questions/routes.ts';
import { rubricProblems } from './rubric-check.ts';
import { snapshotRoutes } from './snapshots/routes.ts';
import { supportRoutes } from './support.ts';

export interface AssessmentDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly bus: Bus;
  readonly signer: Signer;
  readonly parkId: string;
  readonly timeZone: string;
  /** Version of the program, as evidence names it. */
  readonly program: string;
  /** Content of a document by its hash; null when it is not kept (any more). */
  readonly readAttachment?: (sha256: string) => Promise<Uint8Array | null>;
}

/** Measuring a year of a park reads much and computes long: more at a time would stop everything else. */
const measuring = { running: 2, waiting: 8 } as const;

type MeasuringDeps = AssessmentDeps & { readonly gate: Gate };

const rubricParams = z.object({ rubricId: rubricIdSchema });
const itemParams = rubricParams.extend({ item: z.string().max(100) });

/** Rubrics, assessments, evidence, evidence packs and exclusions. */
export function assessmentRoutes(api: Api, deps: AssessmentDeps): void {
  const problems = rubricProblems([...scoredRubrics.values()], new Set(derivations.keys()));
  if (problems.length > 0) throw new Error(`The rubrics cannot be used: ${problems.join('; ')}`);
  const measuringDeps = { ...deps, gate: createGate(measuring) };
  rubricRoute(api);
  assessmentRoute(api, measuringDeps);
  itemRoute(api, measuringDeps);
  memberRoute(api, measuringDeps);
  storeRoute(api, measuringDeps);
  evidenceRoutes(api, deps);
  decisionRoutes(api, { ...deps, measure: (rubricId, query) => runOf(measuringDeps, rubricId, query) });
  questionRoutes(api, deps);
  gapRoutes(api, { ...deps, measure: (rubricId, query) => runOf(measuringDeps, rubricId, query) });
  exclusionRoutes(api, deps);
  snapshotRoutes(api, deps);
  supportRoutes(api, deps);
}

/** @throws ParkError `not-found` */
export function rubricOf(rubricId: string): Rubric {
  const rubric = scoredRubrics.get(rubricId);
  if (rubric === undefined) throw new ParkError('not-found', `There is no rubric ${rubricId}`);
  return rubric;
}

function rubricRoute(api: Api): void {
  api.get(
    '/rubrics',
    {
      config: { access: everyone },
      schema: {
        summary: 'Rubrics, and how many of their items have a measure',
        tags: ['assessment'],
        response: { 200: z.object({ items: z.array(rubricSummarySchema), nextCursor: z.null() }) },
      },
    },
    async () => ({
      items: [...scoredRubrics.values()].map(toSummary),
      nextCursor: null,
    }),
  );
}

function toSummary(rubric: Rubric): RubricSummary {
  const { id, edition, title, form = 'points', points, sections, items, openQuestions } = rubric;
  const headed = sections.map(({ id: section, name, indicators }) => {
    return { id: section, name, indicators: indicators.map((each) => ({ id: each.id, name: each.name })) };
  });
  const measured = items.filter(hasMeasure).length;
  const bases = basesOf(rubric);
  return {
    id,
    edition,
    title,
    form,
    sections: headed,
    maximum: points,
    openQuestions,
    bases,
    items: items.length,
    measured,
  };
}

function assessmentRoute(api: Api, deps: MeasuringDeps): void {
  const { db } = deps;
  // Measuring reads much: requests that ask for the same at the same time share one run.
  const running = new Map<string, Promise<AssessmentRun>>();
  const shared = (rubricId: string, query: PeriodQuery): Promise<AssessmentRun> => {
    const key = JSON.stringify([rubricId, query]);
    const found = running.get(key);
    if (found !== undefined) return found;
    const run = runOf(deps, rubricId, query).finally(() => running.delete(key));
    running.set(key, run);
    return run;
  };
  api.get(
    '/assessments/:rubricId',
    {
      config: { access: everyone },
      schema: {
        summary: 'The park measured against a rubric; nothing is stored',
        tags: ['assessment'],
        params: rubricParams,
        querystring: assessmentQuery,
        response: { 200: signedAssessmentSchema },
      },
    },
    async ({ params, query }) => {
      const run = await shared(params.rubricId, query);
      const stored = await newestEvidence(db, { rubricId: run.rubric.id, period: run });
      const shown = toAssessment(run, new Map(stored.map(({ item, id }) => [item, String(id)])));
      return { ...shown, signOff: await shownSignOff(db, run) };
    },
  );
}

function itemRoute(api: Api, deps: MeasuringDeps): void {
  api.get(
    '/assessments/:rubricId/items/:item',
    {
      config: { access: everyone },
      schema: {
        summary: 'One item measured now, with its functions and every member of its population',
        tags: ['assessment'],
        params: itemParams,
        querystring: assessmentQuery,
        response: { 200: assessedItemSchema },
      },
    },
    async ({ params: { rubricId, item }, query }) => {
      if (!rubricOf(rubricId).items.some(({ id }) => id === item)) {
        throw new ParkError('not-found', `${rubricId} has no item ${item}`);
      }
      const run = await runOf(deps, rubricId, { ...query, item });
      const stored = await newestEvidence(deps.db, { rubricId: run.rubric.id, period: run });
      return toAssessedItem(run, {
        item,
        evidenceIds: new Map(stored.map((row) => [row.item, String(row.id)])),
      });
    },
  );
}

function memberRoute(api: Api, deps: MeasuringDeps): void {
  api.get(
    '/assessments/:rubricId/items/:item/members/:member',
    {
      config: { access: everyone },
      schema: {
        summary: 'The days of one member of a population, each that is not good with what is known of it',
        tags: ['assessment'],
        params: itemParams.extend({ member: z.string().max(100) }),
        querystring: assessmentQuery,
        response: { 200: memberDaysSchema },
      },
    },
    async ({ params: { rubricId, item, member }, query }) => {
      const run = await runOf(deps, rubricId, { ...query, item });
      const entry = run.measured.find((measured) => measured.item.id === item);
      if (entry?.members.some(({ deviceId }) => deviceId === member) !== true) {
        throw new ParkError('not-found', `${item} has no member ${member}`);
      }
      return memberDaysOf(deps.db, run, { entry, member });
    },
  );
}

function storeRoute(api: Api, deps: MeasuringDeps): void {
  const { db, bus, parkId, program } = deps;
  api.post(
    '/assessments/:rubricId',
    {
      config: { access: engineers },
      schema: {
        summary: 'Measures the park and stores one immutable row of evidence for every measured item',
        tags: ['assessment'],
        params: rubricParams,
        querystring: periodQuery,
        body: z.strictObject({}).nullish(),
        response: { 201: assessmentSchema },
      },
    },
    async (request, reply) => {
      const { actor } = principalOf(request);
      const run = await runOf(deps, request.params.rubricId, request.query);
      const ids = await storeEvidence(db, run, { parkId, program, actor, address: request.ip });
      bus.publish('assessment', { rubricId: run.rubric.id, evidenceIds: [...ids.values()] });
      return reply.code(201).send(toAssessment(run, ids));
    },
  );
}

async function runOf(
  deps: MeasuringDeps,
  rubricId: string,
  query: PeriodQuery & { readonly item?: string },
): Promise<AssessmentRun> {
  const { db, clock, timeZone, gate } = deps;
  const rubric = rubricOf(rubricId);
  const period = choosePeriod(query, { nowMs: clock.nowMs(), timeZone });
  const only = query.item === undefined ? {} : { item: query.item };
  return gate(() => assess(db, { rubric, ...period, ...only }));
}
