import { appendAudit } from '#infra/journal.ts';
import { transaction } from '#infra/postgres.ts';
import { pageOf } from '#schemas/api/common.ts';
import { reasonBody } from '#schemas/api/alarms.ts';
import {
  maintenanceBody,
  maintenanceQuery,
  maintenanceWindowSchema,
  type MaintenanceBody,
  type MaintenanceWindow,
} from '#schemas/api/maintenance.ts';
import { ParkError } from '#schemas/errors.ts';
import { localCalendar, type LocalCalendar } from '#schemas/local-time.ts';
import { engineers, everyone } from '#schemas/roles.ts';
import { deviceClasses } from '#schemas/device-classes/index.ts';
import { fromIdCursor, toPage } from '#services/api/cursor.ts';
import { principalOf, type Api } from '#services/api/plugin.ts';
import { alarmParams } from './detail.ts';
import { endOf, occurrenceAt } from './maintenance.ts';
import {
  endMaintenance,
  insertMaintenance,
  listMaintenance,
  loadMaintenance,
  targetExists,
  type ListedMaintenance,
} from './maintenance-store.ts';
import type { AlarmDeps, AlarmRouteDeps } from './service.ts';

const tags = ['alarms'];

/** Planned work: everyone sees it, engineers plan it and end it. */
export function maintenanceRoutes(api: Api, deps: AlarmRouteDeps): void {
  const { db, clock } = deps;
  const calendar = localCalendar(deps.timeZone);
  api.get(
    '/maintenance-windows',
    {
      config: { access: everyone },
      schema: {
        summary: 'Planned work, newest first; what is over only when all are asked for',
        tags,
        querystring: maintenanceQuery,
        response: { 200: pageOf(maintenanceWindowSchema) },
      },
    },
    async ({ query }) => {
      const nowMs = clock.nowMs();
      const rows = await listMaintenance(db, {
        currentAtMs: query.state === 'current' ? nowMs : null,
        before: fromIdCursor(query.cursor),
        limit: query.limit + 1,
      });
      const { items, nextCursor } = toPage(rows, query.limit, (row) => row.id);
      return { items: items.map((row) => toWindow(row, calendar, nowMs)), nextCursor };
    },
  );
  api.post(
    '/maintenance-windows',
    {
      config: { access: engineers },
      schema: {
        summary: 'Plan work: alarms of what it covers are recorded as suppressed meanwhile',
        tags,
        body: maintenanceBody,
        response: { 201: maintenanceWindowSchema },
      },
    },
    async (request, reply) => {
      const id = await plan(deps, { body: request.body, calendar, actor: principalOf(request).actor });
      return reply.code(201).send(await readWindow(deps, calendar, id));
    },
  );
  api.post(
    '/maintenance-windows/:id/end',
    {
      config: { access: engineers },
      schema: {
        summary: 'End planned work now, or call it off before it began',
        tags,
        params: alarmParams,
        body: reasonBody,
        response: { 200: maintenanceWindowSchema },
      },
    },
    async (request) => {
      const id = Number(request.params.id);
      const { actor } = principalOf(request);
      const { reason } = request.body;
      const before = await readWindow(deps, calendar, id);
      await transaction(db, async (client) => {
        if (!(await endMaintenance(client, { id, nowMs: clock.nowMs(), actor, reason }))) {
          throw new ParkError('conflict', `Maintenance window ${id} is over`);
        }
        await appendAudit(client, {
          actor,
          action: 'maintenance.end',
          object: `maintenance:${id}`,
          reason,
          before,
        });
      });
      return readWindow(deps, calendar, id);
    },
  );
}

async function plan(
  { db, clock }: AlarmDeps,
  asked: { readonly body: MaintenanceBody; readonly calendar: LocalCalendar; readonly actor: string },
): Promise<number> {
  const { body, calendar, actor } = asked;
  const nowMs = clock.nowMs();
  if (occurrenceAt(body.schedule, calendar, nowMs) === null) throw refused('/schedule', 'lies in the past');
  const { deviceClass } = body.target;
  if (deviceClass !== undefined && !deviceClasses.has(deviceClass)) {
    throw refused('/target/deviceClass', `There is no device class ${deviceClass}`);
  }
  return transaction(db, async (client) => {
    if (!(await targetExists(client, body.target)))
      throw refused('/target', 'names no device or space there is');
    const endsMs = endOf(body.schedule, calendar);
    const id = await insertMaintenance(client, { ...body, actor, nowMs, endsMs });
    const { reason } = body;
    await appendAudit(client, {
      actor,
      action: 'maintenance.plan',
      object: `maintenance:${id}`,
      reason,
      after: body,
    });
    return id;
  });
}

function refused(path: string, message: string): ParkError {
  return new ParkError('invalid-request', `${path} ${message}`, [{ path, message }]);
}

async function readWindow(
  { db, clock }: AlarmDeps,
  calendar: LocalCalendar,
  id: number,
): Promise<MaintenanceWindow> {
  const row = await loadMaintenance(db, id);
  if (row === undefined) throw new ParkError('not-found', `There is no maintenance window ${id}`);
  return toWindow(row, calendar, clock.nowMs());
}

function toWindow(row: ListedMaintenance, calendar: LocalCalendar, nowMs: number): MaintenanceWindow {
  const { createdAt, endsAt, ...rest } = row;
  const isOver = endsAt !== null && endsAt.getTime() <= nowMs;
  const next = isOver ? null : occurrenceAt(row.schedule, calendar, nowMs);
  return {
    ...rest,
    createdAt: createdAt.toISOString(),
    occurrence:
      next === null
        ? null
        : { from: new Date(next.fromMs).toISOString(), to: new Date(next.toMs).toISOString() },
    inForce: next !== null && next.fromMs <= nowMs,
  };
}
