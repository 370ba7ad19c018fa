import {
  alarmDetailSchema,
  alarmHandlersSchema,
  assignBody,
  commentBody,
  confirmBody,
  reasonBody,
  shelveBody,
} from '#schemas/api/alarms.ts';
import { limits } from '#schemas/limits.ts';
import { alarmHandlers, engineers } from '#schemas/roles.ts';
import { principalOf, type Api } from '#services/api/plugin.ts';
import type { FastifyRequest } from 'fastify';
import {
  assignAlarm,
  commentAlarm,
  confirmAlarm,
  returnToService,
  shelveAlarm,
  takeOutOfService,
  unshelveAlarm,
  type Handling,
} from './handling.ts';
import { listHandlers } from './alarm-store.ts';
import { alarmParams, readDetail } from './detail.ts';
import type { AlarmDeps } from './service.ts';

const tags = ['alarms'];
const response = { 200: alarmDetailSchema };

/** What is done with one alarm; each answers with the alarm as it is then. */
export function handlingRoutes(api: Api, deps: AlarmDeps): void {
  commentRoutes(api, deps);
  shelveRoutes(api, deps);
  serviceRoutes(api, deps);
}

function handlingOf(request: FastifyRequest, id: string, reason: string): Handling {
  return { id: Number(id), actor: principalOf(request).actor, reason };
}

function commentRoutes(api: Api, deps: AlarmDeps): void {
  api.post(
    '/alarms/:id/comment',
    {
      config: { access: alarmHandlers },
      schema: { summary: 'Comment on an alarm', tags, params: alarmParams, body: commentBody, response },
    },
    async (request) => {
      const handling = handlingOf(request, request.params.id, request.body.comment);
      await commentAlarm(deps, handling);
      return readDetail(deps.db, handling.id);
    },
  );
  api.post(
    '/alarms/:id/confirm',
    {
      config: { access: alarmHandlers },
      schema: {
        summary: 'Say that what the alarm asked for was done, where its rule wants to be told',
        tags,
        params: alarmParams,
        body: confirmBody,
        response,
      },
    },
    async (request) => {
      const handling = handlingOf(request, request.params.id, request.body.comment);
      await confirmAlarm(deps, handling);
      return readDetail(deps.db, handling.id);
    },
  );
  api.get(
    '/alarm-handlers',
    {
      config: { access: alarmHandlers },
      schema: { summary: 'Whom an alarm can be given to', tags, response: { 200: alarmHandlersSchema } },
    },
    async () => ({ items: await listHandlers(deps.db, limits.listLimit) }),
  );
  api.post(
    '/alarms/:id/assign',
    {
      config: { access: alarmHandlers },
      schema: {
        summary: 'Give an alarm to a user who handles alarms, or with null to nobody',
        tags,
        params: alarmParams,
        body: assignBody,
        response,
      },
    },
    async (request) => {
      const handling = handlingOf(request, request.params.id, request.body.reason);
      await assignAlarm(deps, handling, request.body.assignee);
      return readDetail(deps.db, handling.id);
    },
  );
}

function shelveRoutes(api: Api, deps: AlarmDeps): void {
  api.post(
    '/alarms/:id/shelve',
    {
      config: { access: alarmHandlers },
      schema: {
        summary:
          'Shelve an alarm for a time that ends by itself: 1 h critical, 8 h high, 24 h medium, 7 days low',
        tags,
        params: alarmParams,
        body: shelveBody,
        response,
      },
    },
    async (request) => {
      const { reason, oneShot, minutes } = request.body;
      const handling = handlingOf(request, request.params.id, reason);
      const forMs = minutes === undefined ? undefined : minutes * 60_000;
      await shelveAlarm(deps, handling, { oneShot, forMs });
      return readDetail(deps.db, handling.id);
    },
  );
  api.post(
    '/alarms/:id/unshelve',
    {
      config: { access: alarmHandlers },
      schema: { summary: 'End shelving', tags, params: alarmParams, body: reasonBody, response },
    },
    async (request) => {
      const handling = handlingOf(request, request.params.id, request.body.reason);
      await unshelveAlarm(deps, handling);
      return readDetail(deps.db, handling.id);
    },
  );
}

function serviceRoutes(api: Api, deps: AlarmDeps): void {
  api.post(
    '/alarms/:id/out-of-service',
    {
      config: { access: engineers },
      schema: {
        summary: 'Take the rule of an alarm out of service at its point, until it is returned',
        tags,
        params: alarmParams,
        body: reasonBody,
        response,
      },
    },
    async (request) => {
      const handling = handlingOf(request, request.params.id, request.body.reason);
      await takeOutOfService(deps, handling);
      return readDetail(deps.db, handling.id);
    },
  );
  api.post(
    '/alarms/:id/return-to-service',
    {
      config: { access: engineers },
      schema: {
        summary: 'Return the rule of an alarm to service at its point',
        tags,
        params: alarmParams,
        body: reasonBody,
        response,
      },
    },
    async (request) => {
      const handling = handlingOf(request, request.params.id, request.body.reason);
      await returnToService(deps, handling);
      return readDetail(deps.db, handling.id);
    },
  );
}
