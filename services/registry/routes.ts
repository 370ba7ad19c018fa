import { z } from 'zod';
import { transaction, type DatabaseClient } from '#infra/postgres.ts';
import { asOfOnly, pageOf } from '#schemas/api/common.ts';
import {
  deviceClassSummarySchema,
  deviceCreateBody,
  deviceDetailSchema,
  devicePatchBody,
  deviceSchema,
  devicesQuery,
  overviewSchema,
  pointSchema,
  pointsQuery,
  spaceCreateBody,
  spacePatchBody,
  spaceSchema,
  spacesQuery,
  type Space,
} from '#schemas/api/registry.ts';
import { deviceClasses } from '#schemas/device-classes/index.ts';
import { ParkError } from '#schemas/errors.ts';
import { idSchema } from '#schemas/ids.ts';
import { limits } from '#schemas/limits.ts';
import { engineers, everyone } from '#schemas/roles.ts';
import { fromCursor, toPage } from '#services/api/cursor.ts';
import { principalOf, type Api } from '#services/api/plugin.ts';
import type { FastifyRequest } from 'fastify';
import { changeDevice, createDevice, removeDevice } from './devices.ts';
import type { RegistryDeps } from './deps.ts';
import { exportRoute } from './export-route.ts';
import { importRoute } from './import-route.ts';
import { countByClass, countDevices, listDevices, listPoints, listSpaces } from './list-store.ts';
import { byDisplayOrder, toPoint } from './points.ts';
import { changeSpace, createSpace, removeSpace, type Editor } from './spaces.ts';
import type { SpaceFacts, Standing } from './store.ts';

const idParams = z.object({ id: idSchema });

/** Spaces, devices, points, device classes, import and overview. */
export async function registryRoutes(api: Api, deps: RegistryDeps): Promise<void> {
  spaceRoutes(api, deps);
  deviceReadRoutes(api, deps);
  deviceWriteRoutes(api, deps);
  pointRoutes(api, deps);
  overviewRoute(api, deps);
  exportRoute(api, deps);
  await importRoute(api, deps);
}

/** For the audit. */
export function editorOf(request: FastifyRequest): Editor {
  return { actor: principalOf(request).actor, address: request.ip };
}

/** Commits a change of the registry and returns when this process knows of it. */
async function commit<T>(deps: RegistryDeps, work: (client: DatabaseClient) => Promise<T>): Promise<T> {
  const result = await transaction(deps.db, work);
  deps.bus.publish('registry', { changed: 'points' });
  await deps.directory.reload();
  return result;
}

function toSpace(row: Standing<SpaceFacts>): Space {
  return { ...row, tags: [...row.tags], validFrom: row.validFrom.toISOString() };
}

function spaceRoutes(api: Api, deps: RegistryDeps): void {
  api.get(
    '/spaces',
    {
      config: { access: everyone },
      schema: { querystring: spacesQuery, response: { 200: pageOf(spaceSchema) } },
    },
    async ({ query: { cursor, ...query } }) => {
      const rows = await listSpaces(deps.db, { ...query, limit: query.limit + 1, after: fromCursor(cursor) });
      return toPage(rows.map(toSpace), query.limit, (space) => space.id);
    },
  );
  api.post(
    '/spaces',
    { config: { access: engineers }, schema: { body: spaceCreateBody, response: { 201: spaceSchema } } },
    async (request, reply) => {
      const made = await commit(deps, (client) => createSpace(client, editorOf(request), request.body));
      return reply.code(201).send(toSpace(made));
    },
  );
  api.patch(
    '/spaces/:id',
    {
      config: { access: engineers },
      schema: { params: idParams, body: spacePatchBody, response: { 200: spaceSchema } },
    },
    async (request) => {
      const change = { id: request.params.id, patch: request.body };
      return toSpace(await commit(deps, (client) => changeSpace(client, editorOf(request), change)));
    },
  );
  api.delete(
    '/spaces/:id',
    { config: { access: engineers }, schema: { params: idParams } },
    async (request, reply) => {
      await commit(deps, (client) => removeSpace(client, editorOf(request), request.params.id));
      return reply.code(204).send();
    },
  );
}

/** @throws ParkError `not-found` */
async function deviceDetail(
  deps: RegistryDeps,
  id: string,
  asOf?: string,
): Promise<z.output<typeof deviceDetailSchema>> {
  const now = new Date(deps.clock.nowMs());
  const [device] = await listDevices(deps.db, { id, now, after: '', limit: 1, asOf });
  if (device === undefined) throw new ParkError('not-found', `There is no device ${id}.`);
  const rows = await listPoints(deps.db, { device: id, after: ['', ''], limit: limits.listLimit, asOf });
  return { ...device, points: rows.toSorted(byDisplayOrder).map(toPoint) };
}

function deviceReadRoutes(api: Api, deps: RegistryDeps): void {
  api.get(
    '/devices',
    {
      config: { access: everyone },
      schema: { querystring: devicesQuery, response: { 200: pageOf(deviceSchema) } },
    },
    async ({ query: { cursor, ...query } }) => {
      if (query.asOf !== undefined && query.status !== undefined) {
        const message = 'is known of the present only; leave asOf out';
        throw new ParkError('invalid-request', `status ${message}`, [
          { path: 'querystring/status', message },
        ]);
      }
      const now = new Date(deps.clock.nowMs());
      const rows = await listDevices(deps.db, {
        ...query,
        now,
        limit: query.limit + 1,
        after: fromCursor(cursor),
      });
      return toPage(rows, query.limit, (device) => device.id);
    },
  );
  api.get(
    '/devices/:id',
    {
      config: { access: everyone },
      schema: { params: idParams, querystring: asOfOnly, response: { 200: deviceDetailSchema } },
    },
    ({ params, query }) => deviceDetail(deps, params.id, query.asOf),
  );
  api.get(
    '/device-classes',
    {
      config: { access: everyone },
      schema: { querystring: asOfOnly, response: { 200: pageOf(deviceClassSummarySchema) } },
    },
    async ({ query }) => {
      const counts = await countByClass(deps.db, query.asOf);
      const items = [...deviceClasses.values()].map(({ id, name, attributes, events, metrics }) => ({
        id,
        name,
        deviceCount: counts.get(id) ?? 0,
        attributes,
        events,
        metrics: Object.fromEntries(
          Object.entries(metrics).map(([metric, { name: metricName, unit = '', states = [] }]) => [
            metric,
            { name: metricName, unit, states },
          ]),
        ),
      }));
      return { items, nextCursor: null };
    },
  );
}

function deviceWriteRoutes(api: Api, deps: RegistryDeps): void {
  const announce = (deviceId: string) =>
    deps.bus.publish('device', { deviceId, status: 'changed', timeMs: deps.clock.nowMs() });
  api.post(
    '/devices',
    {
      config: { access: engineers },
      schema: { body: deviceCreateBody, response: { 201: deviceDetailSchema } },
    },
    async (request, reply) => {
      await commit(deps, (client) => createDevice(client, editorOf(request), request.body));
      announce(request.body.id);
      return reply.code(201).send(await deviceDetail(deps, request.body.id));
    },
  );
  api.patch(
    '/devices/:id',
    {
      config: { access: engineers },
      schema: { params: idParams, body: devicePatchBody, response: { 200: deviceDetailSchema } },
    },
    async (request) => {
      const { id } = request.params;
      const editor = { ...editorOf(request), role: principalOf(request).role };
      await commit(deps, (client) => changeDevice(client, editor, { id, patch: request.body }));
      announce(id);
      return deviceDetail(deps, id);
    },
  );
  api.delete(
    '/devices/:id',
    { config: { access: engineers }, schema: { params: idParams } },
    async (request, reply) => {
      await commit(deps, (client) => removeDevice(client, editorOf(request), request.params.id));
      announce(request.params.id);
      return reply.code(204).send();
    },
  );
}

function pointRoutes(api: Api, deps: RegistryDeps): void {
  api.get(
    '/points',
    {
      config: { access: everyone },
      schema: { querystring: pointsQuery, response: { 200: pageOf(pointSchema) } },
    },
    async ({ query: { cursor, ...query } }) => {
      const [deviceId = '', metric = ''] = fromCursor(cursor).split('.', 2);
      const rows = await listPoints(deps.db, { ...query, after: [deviceId, metric], limit: query.limit + 1 });
      return toPage(rows.map(toPoint), query.limit, (point) => point.key);
    },
  );
}

function overviewRoute(api: Api, deps: RegistryDeps): void {
  api.get(
    '/overview',
    { config: { access: everyone }, schema: { response: { 200: overviewSchema } } },
    async () => {
      const [counts, alarms] = await Promise.all([
        countDevices(deps.db, new Date(deps.clock.nowMs())),
        deps.countAlarms(),
      ]);
      return { ...counts, alarms, readingsPerMinute: deps.readingsPerMinute() };
    },
  );
}
