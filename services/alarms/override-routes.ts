import { z } from 'zod';
import type { RuleOverride } from '#schemas/alarm.ts';
import {
  calendarBody,
  calendarQuery,
  deviceRuleSchema,
  overrideBody,
  overrideSchema,
} from '#schemas/api/alarm-rules.ts';
import { calendarDaySchema } from '#schemas/alarm-schedule.ts';
import { pageOf } from '#schemas/api/common.ts';
import { ParkError } from '#schemas/errors.ts';
import { idSchema } from '#schemas/ids.ts';
import { engineers, everyone } from '#schemas/roles.ts';
import { appendAudit } from '#infra/journal.ts';
import { transaction } from '#infra/postgres.ts';
import { principalOf, type Api } from '#services/api/plugin.ts';
import { listCalendarDays, replaceCalendarDays } from './calendar-store.ts';
import { listOverrides, overrideHistory } from './override-store.ts';
import { overrideRule, rulesOfDevice } from './override.ts';
import { ruleParams } from './rule-routes.ts';
import type { AlarmDeps } from './service.ts';

const overrideParams = z.strictObject({ id: idSchema, deviceId: idSchema });
const tags = ['alarms'];

/** What single devices change of rules, and the calendar that schedules follow. */
export function overrideRoutes(api: Api, deps: AlarmDeps): void {
  readRoutes(api, deps);
  api.put(
    '/alarm-rules/:id/overrides/:deviceId',
    {
      config: { access: engineers },
      schema: {
        summary: 'What a device takes of a rule: inherit, override, or disable',
        tags,
        params: overrideParams,
        body: overrideBody,
        response: { 200: overrideSchema },
      },
    },
    (request) => {
      const { id: ruleId, deviceId } = request.params;
      const { reason, ...given } = request.body;
      const definition: RuleOverride | null = given.mode === 'inherit' ? null : given;
      const by = { actor: principalOf(request).actor, reason };
      return overrideRule(deps, { ruleId, deviceId, definition }, by);
    },
  );
  calendarRoutes(api, deps);
}

function readRoutes(api: Api, deps: AlarmDeps): void {
  api.get(
    '/alarm-rules/:id/overrides',
    {
      config: { access: everyone },
      schema: {
        summary: 'The devices that differ from a rule',
        tags,
        params: ruleParams,
        response: { 200: pageOf(overrideSchema) },
      },
    },
    async ({ params }) => ({ items: await listOverrides(deps.db, { ruleId: params.id }), nextCursor: null }),
  );
  api.get(
    '/alarm-rules/:id/overrides/:deviceId/versions',
    {
      config: { access: everyone },
      schema: {
        summary: 'How a device differed from a rule, newest first, with author and reason',
        tags,
        params: overrideParams,
        response: { 200: pageOf(overrideSchema) },
      },
    },
    async ({ params: { id: ruleId, deviceId } }) => ({
      items: await overrideHistory(deps.db, { ruleId, deviceId }),
      nextCursor: null,
    }),
  );
  api.get(
    '/devices/:id/alarm-rules',
    {
      config: { access: everyone },
      schema: {
        summary: 'The rules that watch a device, with what it changes of them',
        tags,
        params: ruleParams,
        response: { 200: pageOf(deviceRuleSchema) },
      },
    },
    async ({ params }) => ({ items: await rulesOfDevice(deps.db, params.id), nextCursor: null }),
  );
}

function calendarRoutes(api: Api, deps: AlarmDeps): void {
  api.get(
    '/calendar-days',
    {
      config: { access: everyone },
      schema: {
        summary: 'Days on which the park does not follow the weekday',
        tags,
        querystring: calendarQuery,
        response: { 200: pageOf(calendarDaySchema) },
      },
    },
    async ({ query }) => ({ items: await listCalendarDays(deps.db, query), nextCursor: null }),
  );
  api.put(
    '/calendar-days',
    {
      config: { access: engineers },
      schema: {
        summary: 'Set those days of a range; what stood there before is gone',
        tags,
        querystring: calendarQuery,
        body: calendarBody,
        response: { 200: pageOf(calendarDaySchema) },
      },
    },
    async (request) => {
      const { query, body } = request;
      const outside = body.days.find(({ day }) => day < query.from || day > query.to);
      if (outside !== undefined) {
        throw new ParkError('invalid-request', `${outside.day} is not between ${query.from} and ${query.to}`);
      }
      if (new Set(body.days.map(({ day }) => day)).size !== body.days.length) {
        throw new ParkError('invalid-request', 'a day stands twice');
      }
      const { actor } = principalOf(request);
      await transaction(deps.db, async (client) => {
        await replaceCalendarDays(client, query, body.days);
        await appendAudit(client, {
          actor,
          action: 'calendar.update',
          object: `calendar:${query.from}..${query.to}`,
          reason: body.reason,
          after: body.days,
        });
      });
      deps.bus.publish('registry', { changed: 'rules' });
      return { items: await listCalendarDays(deps.db, query), nextCursor: null };
    },
  );
}
