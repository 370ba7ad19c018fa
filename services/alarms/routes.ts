import {
  acknowledgeBody,
  alarmContextSchema,
  alarmDetailSchema,
  alarmsAnswer,
  alarmsQuery,
} from '#schemas/api/alarms.ts';
import { ParkError } from '#schemas/errors.ts';
import { localCalendar } from '#schemas/local-time.ts';
import { alarmHandlers, everyone } from '#schemas/roles.ts';
import { fromCursor, toPage } from '#services/api/cursor.ts';
import { principalOf, type Api } from '#services/api/plugin.ts';
import { countHiddenCritical, listAlarms, type AlarmPosition } from './alarm-store.ts';
import { bulkRoutes } from './bulk-routes.ts';
import { loadContext } from './context-store.ts';
import { alarmParams, readDetail } from './detail.ts';
import { dryRunRoutes } from './dry-run-routes.ts';
import { figuresRoutes } from './figures-routes.ts';
import { toFilter } from './filter.ts';
import { handlingRoutes } from './handling-routes.ts';
import { handoverRoutes } from './handover-routes.ts';
import { maintenanceRoutes } from './maintenance-routes.ts';
import { overrideRoutes } from './override-routes.ts';
import { ruleFileRoutes } from './rule-file-routes.ts';
import { ruleRoutes } from './rule-routes.ts';
import { muteRoutes } from './mute-routes.ts';
import { acknowledgeAlarm, type AlarmDeps, type AlarmRouteDeps } from './service.ts';

/** Alarms: reading for everyone, acknowledging for alarm handlers. Rules: changing for engineers. */
export function alarmRoutes(api: Api, deps: AlarmRouteDeps): void {
  alarmListRoutes(api, deps);
  bulkRoutes(api, deps);
  maintenanceRoutes(api, deps);
  figuresRoutes(api, deps);
  handoverRoutes(api, deps);
  muteRoutes(api, deps);
  handlingRoutes(api, deps);
  ruleRoutes(api, deps);
  overrideRoutes(api, deps);
  ruleFileRoutes(api, deps);
  dryRunRoutes(api, { ...deps, calendar: localCalendar(deps.timeZone) });
}

function alarmListRoutes(api: Api, deps: AlarmDeps): void {
  api.get(
    '/alarms',
    {
      config: { access: everyone },
      schema: {
        summary: 'Alarms, newest first; active ones are never hidden by from and to',
        tags: ['alarms'],
        querystring: alarmsQuery,
        response: { 200: alarmsAnswer },
      },
    },
    async ({ query }) => {
      const filter = toFilter(query);
      const listed = await listAlarms(deps.db, {
        ...filter,
        order: query.order,
        before: parsePosition(fromCursor(query.cursor)),
        limit: query.limit + 1,
      });
      const { items, nextCursor } = toPage(
        listed,
        query.limit,
        ({ position }) => `${position.urgency} ${position.raisedUs} ${position.id}`,
      );
      const hiddenCritical = await countHiddenCritical(deps.db, filter);
      return { items: items.map((row) => row.alarm), nextCursor, hiddenCritical };
    },
  );
  api.get(
    '/alarms/:id',
    {
      config: { access: everyone },
      schema: {
        summary: 'One alarm with its journal',
        tags: ['alarms'],
        params: alarmParams,
        response: { 200: alarmDetailSchema },
      },
    },
    ({ params }) => readDetail(deps.db, Number(params.id)),
  );
  api.get(
    '/alarms/:id/context',
    {
      config: { access: everyone },
      schema: {
        summary: 'The same alarm before, and the cameras of the place',
        tags: ['alarms'],
        params: alarmParams,
        response: { 200: alarmContextSchema },
      },
    },
    async ({ params }) => {
      const context = await loadContext(deps.db, Number(params.id));
      if (context === undefined) throw new ParkError('not-found', `There is no alarm ${params.id}`);
      return context;
    },
  );
  api.post(
    '/alarms/:id/acknowledge',
    {
      config: { access: alarmHandlers },
      schema: {
        summary: 'Acknowledge an alarm; a second person’s words are kept as a comment',
        tags: ['alarms'],
        params: alarmParams,
        body: acknowledgeBody,
        response: { 200: alarmDetailSchema },
      },
    },
    async (request) => {
      const id = Number(request.params.id);
      const { actor } = principalOf(request);
      await acknowledgeAlarm(deps, { id, actor, comment: request.body.comment });
      return readDetail(deps.db, id);
    },
  );
}

/** Undefined on the first page. */
function parsePosition(key: string): AlarmPosition | undefined {
  if (key === '') return undefined;
  const match = /^(\d{1,3}) (-?\d{1,16}) (\d{1,15})$/.exec(key);
  if (match === null) throw new ParkError('invalid-request', 'cursor is not one of this list');
  return { urgency: Number(match[1]), raisedUs: Number(match[2]), id: Number(match[3]) };
}
