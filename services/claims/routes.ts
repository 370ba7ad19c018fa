import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Clock } from '#infra/clock.ts';
import type { Database } from '#infra/postgres.ts';
import {
  approveBody,
  claimBody,
  claimFormQuery,
  claimFormSchema,
  claimReasonBody,
  claimSchema,
  claimsQuery,
  type Claim,
  type ClaimForm,
} from '#schemas/api/claims.ts';
import { pageOf } from '#schemas/api/common.ts';
import { claimShape, type ClaimContent } from '#schemas/claim.ts';
import { conventionOf } from '#schemas/convention.ts';
import { ParkError } from '#schemas/errors.ts';
import { localCalendar } from '#schemas/local-time.ts';
import { engineers, everyone } from '#schemas/roles.ts';
import type { RubricItem } from '#schemas/rubric.ts';
import { scoredRubrics } from '#schemas/rubrics/index.ts';
import { fromIdCursor, toPage } from '#services/api/cursor.ts';
import { principalOf, type Api, type Principal } from '#services/api/plugin.ts';
import { soonDay } from '#services/registers/views.ts';
import { decide, known, makeClaim, withdraw, type Person } from './claims.ts';
import { listClaims, type ClaimRow } from './store.ts';

export interface ClaimDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly timeZone: string;
}

const tags = ['claims'];
const claimParams = z.object({ id: z.string().regex(/^\d{1,15}$/) });

/** What people vouch for: everyone reads it, an engineer or administrator claims, another one decides. */
export function claimRoutes(api: Api, deps: ClaimDeps): void {
  const views = claimViews(deps);
  readRoutes(api, deps, views);
  formRoute(api);
  decisionRoutes(api, deps, views);
}

type Views = ReturnType<typeof claimViews>;

function claimViews({ db, clock, timeZone }: ClaimDeps) {
  const calendar = localCalendar(timeZone);
  const toClaim = (row: ClaimRow, principal: Principal): Claim => {
    const today = calendar.dayOf(clock.nowMs());
    const { authorId, ...shown } = row;
    const inForce = row.state === 'approved' && row.from <= today && row.until >= today;
    const item = scoredRubrics.get(row.rubricId)?.items.find(({ id }) => id === row.item);
    return {
      ...shown,
      id: String(row.id),
      name: item?.name ?? null,
      names: item === undefined ? {} : namesOf(item, row.content),
      documents: row.documents.map(({ sha256, name }) => ({ sha256, name })),
      claimedAt: row.claimedAt.toISOString(),
      decidedAt: row.decidedAt?.toISOString() ?? null,
      withdrawnAt: row.withdrawnAt?.toISOString() ?? null,
      inForce,
      expiresSoon: inForce && row.until <= soonDay(today),
      mayDecide:
        row.state === 'pending' && engineers.includes(principal.role) && principal.userId !== authorId,
    };
  };
  return {
    toClaim,
    read: async (id: number, request: FastifyRequest) => toClaim(await known(db, id), principalOf(request)),
  };
}

function namesOf(item: RubricItem, { grade, quantities = {} }: ClaimContent): Claim['names'] {
  const named = [
    ...item.bands.filter(({ id }) => id === grade),
    ...item.perUnit.filter(({ id }) => id in quantities),
  ];
  return Object.fromEntries(named.map(({ id, condition }) => [id, condition]));
}

function personOf(request: FastifyRequest): Person {
  const { userId, actor } = principalOf(request);
  return { userId, actor, address: request.ip };
}

function readRoutes(api: Api, deps: ClaimDeps, views: Views): void {
  api.get(
    '/claims',
    {
      config: { access: everyone },
      schema: {
        summary:
          'Claims of items that no data prove, and of computed ones that somebody overrides; newest first',
        tags,
        querystring: claimsQuery,
        response: { 200: pageOf(claimSchema) },
      },
    },
    async (request) => {
      const { rubric, item, state, limit, cursor } = request.query;
      const rows = await listClaims(deps.db, {
        rubricId: rubric ?? null,
        item: item ?? null,
        state: state ?? null,
        beforeId: fromIdCursor(cursor),
        limit: limit + 1,
      });
      const { items, nextCursor } = toPage(rows, limit, ({ id }) => String(id));
      const principal = principalOf(request);
      return { items: items.map((row) => views.toClaim(row, principal)), nextCursor };
    },
  );
  api.post(
    '/claims',
    {
      config: { access: engineers },
      schema: {
        summary: 'Claims an item, with the documents it rests on; a second person decides',
        tags,
        body: claimBody,
        response: { 201: claimSchema },
      },
    },
    async (request, reply) => {
      const id = await makeClaim(deps, request.body, personOf(request));
      return reply.code(201).send(await views.read(id, request));
    },
  );
}

function formRoute(api: Api): void {
  api.get(
    '/claims/form',
    {
      config: { access: everyone },
      schema: {
        summary: 'What of an item is claimed: its bands, or its number, and its functions',
        tags,
        querystring: claimFormQuery,
        response: { 200: claimFormSchema },
      },
    },
    async ({ query: { rubric: rubricId, item: id } }): Promise<ClaimForm> => {
      const rubric = scoredRubrics.get(rubricId);
      const item = rubric?.items.find((each) => each.id === id);
      if (rubric === undefined || item === undefined) {
        throw new ParkError('not-found', `${rubricId} has no item ${id}`);
      }
      const shape = claimShape(item);
      return {
        item: id,
        name: item.name,
        maximum: item.points,
        convention: conventionOf(rubric, item),
        shape: shape.kind,
        units: shape.kind === 'value' ? [...shape.units] : [],
        whole: shape.kind === 'value' && shape.whole,
        quantity: item.quantity ?? null,
        bands: item.bands.map(({ id: band, condition, points }) => ({ id: band, name: condition, points })),
        counts: item.perUnit.map(({ id: unit, condition }) => ({ id: unit, name: condition })),
        functions: item.functions.map(({ id: own, name }) => ({ id: own, name })),
      };
    },
  );
}

function decisionRoutes(api: Api, deps: ClaimDeps, views: Views): void {
  api.post(
    '/claims/:id/approve',
    {
      // A person decides: an API token may belong to who made the claim.
      config: { access: engineers, sessionOnly: true },
      schema: {
        summary: 'Approves a claim of somebody else',
        tags,
        params: claimParams,
        body: approveBody,
        response: { 200: claimSchema },
      },
    },
    async (request) => {
      const id = Number(request.params.id);
      const reason = request.body.note ?? null;
      await decide(deps, { id, state: 'approved', reason }, personOf(request));
      return views.read(id, request);
    },
  );
  api.post(
    '/claims/:id/refuse',
    {
      config: { access: engineers, sessionOnly: true },
      schema: {
        summary: 'Refuses a claim of somebody else, with the reason',
        tags,
        params: claimParams,
        body: claimReasonBody,
        response: { 200: claimSchema },
      },
    },
    async (request) => {
      const id = Number(request.params.id);
      await decide(deps, { id, state: 'refused', reason: request.body.reason }, personOf(request));
      return views.read(id, request);
    },
  );
  api.post(
    '/claims/:id/withdraw',
    {
      config: { access: engineers },
      schema: {
        summary: 'Takes back a claim, approved or not',
        tags,
        params: claimParams,
        body: claimReasonBody,
        response: { 200: claimSchema },
      },
    },
    async (request) => {
      const id = Number(request.params.id);
      await withdraw(deps, { id, reason: request.body.reason }, personOf(request));
      return views.read(id, request);
    },
  );
}
