import { pageOf } from '#schemas/api/common.ts';
import {
  handoverAcceptBody,
  handoverBody,
  handoverSchema,
  handoversQuery,
  handoverStateSchema,
} from '#schemas/api/handover.ts';
import { localCalendar } from '#schemas/local-time.ts';
import { alarmHandlers, everyone } from '#schemas/roles.ts';
import { fromIdCursor, toPage } from '#services/api/cursor.ts';
import { principalOf, type Api } from '#services/api/plugin.ts';
import { alarmParams } from './detail.ts';
import { readHandoverState, signHandover, takeHandover } from './handover.ts';
import { listHandovers } from './handover-store.ts';
import type { AlarmRouteDeps } from './service.ts';

const tags = ['alarms'];

/** Hand-over of a shift: people sign, no token does. */
export function handoverRoutes(api: Api, deps: AlarmRouteDeps): void {
  const calendar = localCalendar(deps.timeZone);
  api.get(
    '/handovers',
    {
      config: { access: everyone },
      schema: {
        summary: 'Hand-overs of shifts, newest first',
        tags,
        querystring: handoversQuery,
        response: { 200: pageOf(handoverSchema) },
      },
    },
    async ({ query }) => {
      const rows = await listHandovers(deps.db, {
        before: fromIdCursor(query.cursor),
        limit: query.limit + 1,
      });
      return toPage(rows, query.limit, (row) => row.id);
    },
  );
  api.get(
    '/handovers/state',
    {
      config: { access: everyone },
      schema: {
        summary: 'How the alarms stand, as a hand-over signed now would tell',
        tags,
        response: { 200: handoverStateSchema },
      },
    },
    () => readHandoverState(deps.db, calendar, deps.clock.nowMs()),
  );
  api.post(
    '/handovers',
    {
      config: { access: alarmHandlers, sessionOnly: true },
      schema: {
        summary: 'Sign a hand-over as who leaves',
        tags,
        body: handoverBody,
        response: { 201: handoverSchema },
      },
    },
    async (request, reply) => {
      const { actor } = principalOf(request);
      return reply.code(201).send(await signHandover(deps, { ...request.body, actor, calendar }));
    },
  );
  api.post(
    '/handovers/:id/accept',
    {
      config: { access: alarmHandlers, sessionOnly: true },
      schema: {
        summary: 'Accept a hand-over as who comes: another person than who signed it',
        tags,
        params: alarmParams,
        body: handoverAcceptBody,
        response: { 200: handoverSchema },
      },
    },
    (request) => {
      const { actor } = principalOf(request);
      return takeHandover(deps, { id: Number(request.params.id), actor, comment: request.body.comment });
    },
  );
}
