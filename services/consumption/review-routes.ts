import { z } from 'zod';
import { transaction } from '#infra/postgres.ts';
import { pageOf } from '#schemas/api/common.ts';
import {
  replacementBody,
  replacementSchema,
  reviewBody,
  reviewSchema,
  reviewsQuery,
  withdrawBody,
  type Review,
} from '#schemas/api/consumption.ts';
import { ParkError } from '#schemas/errors.ts';
import { idSchema, pointKey } from '#schemas/ids.ts';
import { limits } from '#schemas/limits.ts';
import type { PointDirectory } from '#schemas/registry.ts';
import { engineers, everyone } from '#schemas/roles.ts';
import { knownPointsOf, knownUnits } from '#services/registry/known-points.ts';
import { fromCursor, toPage } from '#services/api/cursor.ts';
import { principalOf, type Api } from '#services/api/plugin.ts';
import type { FastifyRequest } from 'fastify';
import { isoOf } from './consumption.ts';
import { findCounter, type ConsumptionDeps } from './counters.ts';
import { listReviews, readReplacements, type ReplacementRow, type ReviewRow } from './review-store.ts';
import { decideReview, recordReplacement, withdrawReplacement, type Actor } from './reviews.ts';

const tags = ['consumption'];
const numberId = z.string().regex(/^[1-9]\d{0,14}$/, 'is a number');

/** What people record and decide about counters; engineers only, each with a reason in the audit. */
export function reviewRoutes(api: Api, deps: ConsumptionDeps): void {
  caseRoutes(api, deps);
  replacementRoutes(api, deps);
}

function actorOf(request: FastifyRequest): Actor {
  return { actor: principalOf(request).actor, address: request.ip };
}

function caseRoutes(api: Api, { db, directory }: ConsumptionDeps): void {
  api.get(
    '/consumption/reviews',
    {
      config: { access: everyone },
      schema: {
        summary: 'Implausible steps of counters, newest first; an open one counts 0',
        tags,
        querystring: reviewsQuery,
        response: { 200: pageOf(reviewSchema) },
      },
    },
    async ({ query }) => {
      const { state, device, limit } = query;
      const beforeId = Number(fromCursor(query.cursor)) || null;
      const rows = await listReviews(db, { state, device, beforeId, limit: limit + 1 });
      const unitOf = await knownUnits({ db, directory }, rows);
      return toPage(
        rows.map((row) => toReview(row, unitOf)),
        limit,
        (review) => review.id,
      );
    },
  );
  api.post(
    '/consumption/reviews/:id',
    {
      config: { access: engineers },
      schema: {
        summary: 'Accept an implausible step, leave one of its samples out, or record a replacement',
        tags,
        params: z.strictObject({ id: numberId }),
        body: reviewBody,
        response: { 200: reviewSchema },
      },
    },
    async (request) => {
      const id = Number(request.params.id);
      const row = await decideReview(db, actorOf(request), { id, decision: request.body });
      return toReview(row, await knownUnits({ db, directory }, [row]));
    },
  );
}

function replacementRoutes(api: Api, { db, directory, clock }: ConsumptionDeps): void {
  const params = z.strictObject({ id: idSchema });
  api.get(
    '/devices/:id/replacements',
    {
      config: { access: everyone },
      schema: {
        summary: 'Recorded replacements of a meter, in order of time',
        tags,
        params,
        response: { 200: pageOf(replacementSchema) },
      },
    },
    async (request) => {
      const { id } = request.params;
      const points = await knownPointsOf({ db, directory }, id);
      const rows = await readReplacements(
        db,
        points.map((point) => point.pointId),
      );
      return { items: rows.map((row) => toReplacement(directory, row)), nextCursor: null };
    },
  );
  api.post(
    '/devices/:id/replacements',
    {
      config: { access: engineers },
      schema: {
        summary: 'Record that a meter was changed: its closing and the new opening register',
        tags,
        params,
        body: replacementBody,
        response: { 201: replacementSchema },
      },
    },
    async (request, reply) => {
      const { at, metric, closing, opening, reason } = request.body;
      const { pointId, deviceId } = findCounter(directory, request.params.id, metric);
      const timeMs = Date.parse(at);
      if (timeMs < limits.earliestMs || timeMs > clock.nowMs() + limits.futureMs) {
        const message = 'lies between the year 2000 and now';
        throw new ParkError('invalid-request', `at ${message}`, [{ path: '/at', message }]);
      }
      const entry = { pointId, deviceId, metric, timeUs: timeMs * 1_000, closing, opening, reason };
      const row = await transaction(db, (client) => recordReplacement(client, actorOf(request), entry));
      return reply.code(201).send(toReplacement(directory, row));
    },
  );
  api.post(
    '/devices/:id/replacements/:replacementId/withdraw',
    {
      config: { access: engineers },
      schema: {
        summary: 'Take a recorded replacement back; the journal keeps it',
        tags,
        params: z.strictObject({ id: idSchema, replacementId: numberId }),
        body: withdrawBody,
        response: { 200: replacementSchema },
      },
    },
    async (request) => {
      const { id: deviceId, replacementId } = request.params;
      const entry = { id: Number(replacementId), deviceId, reason: request.body.reason };
      const row = await transaction(db, (client) => withdrawReplacement(client, actorOf(request), entry));
      return toReplacement(directory, row);
    },
  );
}

function toReplacement(
  directory: PointDirectory,
  { id, pointId, timeUs, closing, opening, author, reason, recordedAt }: ReplacementRow,
): z.infer<typeof replacementSchema> {
  const point = directory.byId(pointId);
  return {
    id: String(id),
    point: point === undefined ? '' : pointKey(point.deviceId, point.metric),
    unit: point?.unit ?? '',
    at: isoOf(timeUs),
    closing,
    opening,
    author,
    reason,
    recordedAt: recordedAt.toISOString(),
  };
}

function toReview(row: ReviewRow, unitOf: (pointId: number) => string): Review {
  return {
    id: String(row.id),
    point: pointKey(row.deviceId, row.metric),
    unit: unitOf(row.pointId),
    earlier: { time: isoOf(row.fromUs), value: row.fromValue, origin: row.fromOrigin },
    later: { time: isoOf(row.toUs), value: row.toValue, origin: row.toOrigin },
    claimed: row.claimed,
    state: row.state,
    leftOut: row.leftOutUs === null ? null : row.leftOutUs === row.fromUs ? 'earlier' : 'later',
    foundAt: row.foundAt.toISOString(),
    decidedAt: row.decidedAt?.toISOString() ?? null,
    decidedBy: row.decidedBy,
    reason: row.reason,
  };
}
