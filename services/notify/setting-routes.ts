import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  onCallQuery,
  onCallSchema,
  onCallSpanSchema,
  previewQuery,
  previewSchema,
  type OnCallNow,
} from '#schemas/api/notify.ts';
import { pageOf } from '#schemas/api/common.ts';
import { ParkError } from '#schemas/errors.ts';
import { idSchema } from '#schemas/ids.ts';
import { rosterBodySchema, routeBodySchema, teamBodySchema } from '#schemas/notify.ts';
import { alarmHandlers, engineers } from '#schemas/roles.ts';
import { wallClock } from '#schemas/wall-clock.ts';
import { principalOf, type Api } from '#services/api/plugin.ts';
import type { Book } from './book.ts';
import { refuseOtherId } from './channel-routes.ts';
import { factsAsked, previewOf } from './preview.ts';
import { onCall, onCallSpans, type OnCall } from './roster.ts';
import type { NotifyDeps } from './routes.ts';
import { listSettings, loadBook, type SettingKind, type Settings } from './setting-store.ts';
import { removeSetting, writeSetting } from './settings.ts';

const tags = ['notification'];
const params = z.strictObject({ id: idSchema });
const dayMs = 86_400_000;
/** A calendar shows a few weeks at a time. */
const longestRangeMs = 62 * dayMs;

type Plain = Exclude<SettingKind, 'channel'>;

export function settingRoutes(api: Api, deps: NotifyDeps): void {
  crudRoutes(api, deps, { kind: 'team', path: '/notify/teams', schema: teamBodySchema });
  crudRoutes(api, deps, { kind: 'roster', path: '/notify/rosters', schema: rosterBodySchema });
  crudRoutes(api, deps, { kind: 'route', path: '/notify/routes', schema: routeBodySchema });
  onCallRoutes(api, deps);
  previewRoute(api, deps);
}

/** The four routes of one kind of setting: they differ in nothing but what they carry. */
export function crudRoutes(
  api: Api,
  deps: NotifyDeps,
  of: { readonly kind: Plain; readonly path: string; readonly schema: z.ZodType<Settings[Plain]> },
): void {
  const { kind, path, schema } = of;
  const write = (body: Settings[Plain], request: FastifyRequest, isNew: boolean) =>
    writeSetting(deps, { kind, body }, { actor: principalOf(request).actor, isNew });
  api.get(
    path,
    {
      config: { access: alarmHandlers },
      schema: { summary: `Every ${kind}`, tags, response: { 200: pageOf(schema) } },
    },
    async () => ({ items: await listSettings(deps.db, kind), nextCursor: null }),
  );
  api.post(
    path,
    {
      config: { access: engineers },
      schema: { summary: `Add a ${kind}`, tags, body: schema, response: { 201: schema } },
    },
    async (request, reply) => reply.code(201).send(await write(request.body, request, true)),
  );
  api.put(
    `${path}/:id`,
    {
      config: { access: engineers },
      schema: { summary: `Change a ${kind}`, tags, params, body: schema, response: { 200: schema } },
    },
    async (request) => {
      refuseOtherId(request.params.id, request.body.id);
      return write(request.body, request, false);
    },
  );
  api.delete(
    `${path}/:id`,
    {
      config: { access: engineers },
      schema: { summary: `Delete a ${kind} that nothing uses`, tags, params },
    },
    async (request, reply) => {
      await removeSetting(deps, { kind, id: request.params.id }, principalOf(request).actor);
      return reply.code(204).send();
    },
  );
}

function onCallRoutes(api: Api, deps: NotifyDeps): void {
  api.get(
    '/notify/on-call',
    {
      config: { access: alarmHandlers },
      schema: {
        summary: 'Who is on call now, roster by roster',
        tags,
        response: { 200: pageOf(onCallSchema) },
      },
    },
    async () => {
      const nowMs = deps.clock.nowMs();
      const book = await loadBook(deps.db, wallClock(deps.timeZone), nowMs);
      const items = [...book.rosters.values()].map((roster) => ({
        roster: roster.id,
        name: roster.name,
        ...named(onCall(roster, nowMs, book), book),
      }));
      return { items, nextCursor: null };
    },
  );
  api.get(
    '/notify/rosters/:id/on-call',
    {
      config: { access: alarmHandlers },
      schema: {
        summary: 'Who is on call from one instant to another, cut where it changes; two months at most',
        tags,
        params,
        querystring: onCallQuery,
        response: { 200: pageOf(onCallSpanSchema) },
      },
    },
    async ({ params: { id }, query }) => {
      const range = { fromMs: Date.parse(query.from), toMs: Date.parse(query.to) };
      if (range.fromMs >= range.toMs || range.toMs - range.fromMs > longestRangeMs) {
        const message = 'lies after from, at most 62 days';
        throw new ParkError('invalid-request', `to ${message}`, [{ path: 'querystring/to', message }]);
      }
      const book = await loadBook(deps.db, wallClock(deps.timeZone), deps.clock.nowMs());
      const roster = book.rosters.get(id);
      if (roster === undefined) throw new ParkError('not-found', `There is no roster ${id}.`);
      const items = onCallSpans(roster, range, book).map((span) => ({
        from: new Date(span.fromMs).toISOString(),
        to: new Date(span.toMs).toISOString(),
        ...named(span, book),
      }));
      return { items, nextCursor: null };
    },
  );
}

function named({ people, by }: OnCall, book: Book): Pick<OnCallNow, 'people' | 'by'> {
  return {
    by,
    people: people.map((username) => {
      const person = book.people.get(username);
      return { username, displayName: person?.displayName ?? username, isActive: person?.isActive ?? false };
    }),
  };
}

function previewRoute(api: Api, deps: NotifyDeps): void {
  api.get(
    '/notify/preview',
    {
      config: { access: alarmHandlers },
      schema: {
        summary: 'Who would be told of an alarm now: one that is there, or one as it could be',
        tags,
        querystring: previewQuery,
        response: { 200: previewSchema },
      },
    },
    async ({ query }) => {
      const nowMs = deps.clock.nowMs();
      const book = await loadBook(deps.db, wallClock(deps.timeZone), nowMs);
      return previewOf(book, await factsAsked(deps.db, query, nowMs), nowMs);
    },
  );
}
