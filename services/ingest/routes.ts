import { z } from 'zod';
import type { Bus } from '#infra/bus.ts';
import type { Clock } from '#infra/clock.ts';
import { appendAudit } from '#infra/journal.ts';
import { transaction, type Database, type Queryable } from '#infra/postgres.ts';
import { pageOf } from '#schemas/api/common.ts';
import {
  adoptAnswer,
  adoptBody,
  adoptManyBody,
  adoptMetricBody,
  discoveriesQuery,
  discoverySchema,
  eventSchema,
  eventsQuery,
  lateBookQuery,
  lateEntrySchema,
  rejectionSchema,
  rejectionsQuery,
  sourceSchema,
} from '#schemas/api/ingest.ts';
import { deviceCreateBody } from '#schemas/api/registry.ts';
import { ParkError } from '#schemas/errors.ts';
import type { GatewayStatus } from '#schemas/gateway.ts';
import { idSchema, metricSchema } from '#schemas/ids.ts';
import { maskPersonalData, maskPersonalText, personalReaders } from '#schemas/personal.ts';
import type { FieldEvent } from '#schemas/reading.ts';
import type { PointDirectory } from '#schemas/registry.ts';
import { engineers, everyone } from '#schemas/roles.ts';
import { fromCursor, toPage } from '#services/api/cursor.ts';
import type { Api, Principal } from '#services/api/plugin.ts';
import { notifyRegistry } from '#services/registry/directory-store.ts';
import { guessClass, type Discoveries } from './discoveries.ts';
import { listLateBook } from './late-store.ts';
import { readSources } from './read-sources.ts';
import { shownBytes } from './sources.ts';
import {
  countKept,
  countKeptEach,
  listDiscoveries,
  listEvents,
  listRejections,
  upsertPoint,
} from './store-lists.ts';
import type { WriterStatus } from './writer.ts';

/** Who changes something, as the audit journal names them. */
interface Editor {
  readonly actor: string;
  readonly address: string;
}

export interface IngestDeps {
  readonly db: Database;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly directory: Pick<PointDirectory, 'hasDevice'> & { reload(): Promise<void> };
  /** The gateways of this process. */
  readonly gateways: () => readonly GatewayStatus[];
  /** Null where this process has no writer. */
  readonly writer: { status(): WriterStatus } | null;
  /** Null where this process has no writer: whoever has one stores the discoveries after the registry changed. */
  readonly discoveries: Pick<Discoveries, 'replay'> | null;
  /** Adds devices inside the transaction (services/registry). */
  readonly createDevices: (
    client: Queryable,
    editor: Editor,
    bodies: readonly z.output<typeof deviceCreateBody>[],
  ) => Promise<void>;
}

/** Sources, rejections, discoveries and events: reading for everyone, adopting for engineers. */
export function ingestRoutes(api: Api, deps: IngestDeps): void {
  sourceRoutes(api, deps);
  rejectionRoutes(api, deps);
  lateBookRoutes(api, deps);
  discoveryRoutes(api, deps);
  metricRoutes(api, deps);
  eventRoutes(api, deps);
}

function sourceRoutes(api: Api, deps: IngestDeps): void {
  api.get(
    '/sources',
    {
      config: { access: everyone },
      schema: {
        summary: 'Every gateway with its ledger',
        tags: ['ingest'],
        response: { 200: z.object({ items: z.array(sourceSchema), nextCursor: z.null() }) },
      },
    },
    async () => ({ items: await readSources(deps), nextCursor: null }),
  );
}

function rejectionRoutes(api: Api, deps: IngestDeps): void {
  api.get(
    '/rejections',
    {
      config: { access: everyone },
      schema: {
        summary: 'What was refused, newest first, with what was received',
        tags: ['ingest'],
        querystring: rejectionsQuery,
        response: { 200: pageOf(rejectionSchema) },
      },
    },
    async ({ query, principal }) => {
      const shown = personalView(principal);
      const rows = await listRejections(deps.db, {
        deviceId: query.device ?? null,
        reason: query.reason ?? null,
        source: query.source ?? null,
        before: positions(query.cursor, 1)?.[0] ?? null,
        limit: query.limit + 1,
      });
      const page = toPage(rows, query.limit, (row) => String(row.id));
      const items = page.items.map(({ id, at, payload, ...row }) => ({
        ...row,
        knownDevice: row.deviceId !== null && deps.directory.hasDevice(row.deviceId),
        id: String(id),
        at: at.toISOString(),
        payload: shown.text(shownBytes(payload)),
      }));
      return { items, nextCursor: page.nextCursor };
    },
  );
}

function lateBookRoutes(api: Api, deps: IngestDeps): void {
  api.get(
    '/late-book',
    {
      config: { access: everyone },
      schema: {
        summary: 'What came when it was older than the horizon, newest first, and what was done with it',
        tags: ['ingest'],
        querystring: lateBookQuery,
        response: { 200: pageOf(lateEntrySchema) },
      },
    },
    async ({ query }) => {
      const rows = await listLateBook(deps.db, {
        deviceId: query.device ?? null,
        outcome: query.outcome ?? null,
        before: positions(query.cursor, 1)?.[0] ?? null,
        limit: query.limit + 1,
      });
      const page = toPage(rows, query.limit, (row) => String(row.id));
      const items = page.items.map(({ id, at, from, to, ...row }) => ({
        ...row,
        id: String(id),
        at: at.toISOString(),
        from: from.toISOString(),
        to: to.toISOString(),
      }));
      return { items, nextCursor: page.nextCursor };
    },
  );
}

const deviceParams = z.strictObject({ deviceId: idSchema });
const metricParams = z.strictObject({ deviceId: idSchema, metric: metricSchema });

function discoveryRoutes(api: Api, deps: IngestDeps): void {
  api.get(
    '/discoveries',
    {
      config: { access: everyone },
      schema: {
        summary: 'Devices and metrics that send and are not known',
        tags: ['ingest'],
        querystring: discoveriesQuery,
        response: { 200: pageOf(discoverySchema) },
      },
    },
    async ({ query, principal }) => {
      const shown = personalView(principal);
      const rows = await listDiscoveries(deps.db, {
        after: fromCursor(query.cursor),
        limit: query.limit + 1,
        deviceId: query.device ?? null,
      });
      const page = toPage(rows, query.limit, (row) => row.deviceId);
      const items = page.items.map(({ deviceId, packets, metrics, ...row }) => ({
        deviceId,
        packets,
        metrics,
        knownDevice: deps.directory.hasDevice(deviceId),
        guessedClass: guessClass(metrics),
        firstSeen: row.firstSeen.toISOString(),
        lastSeen: row.lastSeen.toISOString(),
        sample: shown.text(shownBytes(row.sample)),
      }));
      return { items, nextCursor: page.nextCursor };
    },
  );
  api.post(
    '/discoveries/:deviceId/adopt',
    {
      config: { access: engineers },
      schema: {
        summary: 'Make an unknown device one of the park and store what it has sent',
        tags: ['ingest'],
        params: deviceParams,
        body: adoptBody,
        response: { 200: adoptAnswer },
      },
    },
    ({ params: { deviceId }, body, principal, ip }) =>
      adopt(deps, { actor: principal?.actor ?? 'system', address: ip }, [{ deviceId, ...body }]),
  );
  api.post(
    '/discoveries/adopt',
    {
      config: { access: engineers },
      schema: {
        summary:
          'Make many unknown devices ones of the park, all of them or none, and store what they have sent',
        tags: ['ingest'],
        body: adoptManyBody,
        response: { 200: adoptAnswer },
      },
    },
    ({ body, principal, ip }) =>
      adopt(deps, { actor: principal?.actor ?? 'system', address: ip }, body.items),
  );
}

/** @throws ParkError `not-found` when nothing was discovered of one of them; and what createDevices throws */
async function adopt(
  deps: IngestDeps,
  editor: Editor,
  items: z.output<typeof adoptManyBody>['items'],
): Promise<Kept> {
  const ids = items.map(({ deviceId }) => deviceId);
  const kept = await countKeptEach(deps.db, ids);
  const nothing = ids.find((id) => !kept.has(id));
  if (nothing !== undefined) throw new ParkError('not-found', `Nothing was discovered of ${nothing}`);
  const devices = items.map(({ deviceId: id, class: deviceClass, name = id, spaceId = null }) =>
    deviceCreateBody.parse({ id, name, class: deviceClass, spaceId }),
  );
  await transaction(deps.db, (client) => deps.createDevices(client, editor, devices));
  const stored = { packets: 0, values: 0 };
  await announce(deps);
  for (const [id, before] of kept) {
    const { packets, values } = await replayDiscovered(deps, id, before);
    stored.packets += packets;
    stored.values += values;
  }
  return stored;
}

function metricRoutes(api: Api, deps: IngestDeps): void {
  api.post(
    '/discoveries/:deviceId/metrics/:metric/adopt',
    {
      config: { access: engineers },
      schema: {
        summary: 'Make an unknown metric of a known device a point and store what it has sent',
        tags: ['ingest'],
        params: metricParams,
        body: adoptMetricBody,
        response: { 200: adoptAnswer },
      },
    },
    async ({ params, body, principal, ip }) => {
      const editor = { actor: principal?.actor ?? 'system', address: ip };
      return settleMetric(deps, editor, { ...params, definition: body });
    },
  );
  api.post(
    '/discoveries/:deviceId/metrics/:metric/ignore',
    {
      config: { access: engineers },
      schema: {
        summary: 'Ignore a metric of a known device: its values are counted and not kept',
        tags: ['ingest'],
        params: metricParams,
        response: { 200: adoptAnswer },
      },
    },
    async ({ params, principal, ip }) => {
      const editor = { actor: principal?.actor ?? 'system', address: ip };
      return settleMetric(deps, editor, { ...params, definition: null });
    },
  );
}

/** Adopts a metric by its definition, or ignores it where there is none. */
async function settleMetric(
  deps: IngestDeps,
  editor: Editor,
  settled: { deviceId: string; metric: string; definition: z.output<typeof adoptMetricBody> | null },
): Promise<z.output<typeof adoptAnswer>> {
  const { deviceId, metric, definition } = settled;
  if (!deps.directory.hasDevice(deviceId)) throw new ParkError('not-found', `There is no device ${deviceId}`);
  const kept = await countKept(deps.db, deviceId);
  await transaction(deps.db, async (client) => {
    const { kind, unit } = definition ?? {};
    // A pure number has no unit to show.
    const stored = definition === null ? null : { kind, ...(unit === '1' ? {} : { unit }) };
    await upsertPoint(client, { deviceId, metric, ignored: definition === null, definition: stored });
    await appendAudit(client, {
      ...editor,
      action: definition === null ? 'metric.ignore' : 'metric.adopt',
      object: `${deviceId}.${metric}`,
      after: definition,
    });
    await notifyRegistry(client);
  });
  return storeDiscovered(deps, deviceId, kept);
}

type Kept = z.output<typeof adoptAnswer>;

/** After the registry changed: everybody learns of it, and what was kept is stored. Returns what left the book. */
async function storeDiscovered(deps: IngestDeps, deviceId: string, kept: Kept): Promise<Kept> {
  await announce(deps);
  return replayDiscovered(deps, deviceId, kept);
}

async function announce(deps: IngestDeps): Promise<void> {
  await deps.directory.reload();
  deps.bus.publish('registry', { changed: 'points' });
}

async function replayDiscovered(deps: IngestDeps, deviceId: string, kept: Kept): Promise<Kept> {
  if (deps.discoveries === null) return kept;
  await deps.discoveries.replay(deviceId);
  const left = await countKept(deps.db, deviceId);
  return {
    packets: Math.max(kept.packets - left.packets, 0),
    values: Math.max(kept.values - left.values, 0),
  };
}

function eventRoutes(api: Api, deps: IngestDeps): void {
  api.get(
    '/events',
    {
      config: { access: everyone },
      schema: {
        summary: 'Events of the field, newest first',
        tags: ['ingest'],
        querystring: eventsQuery,
        response: { 200: pageOf(eventSchema) },
      },
    },
    async ({ query, principal }) => {
      const shown = personalView(principal);
      const [timeUs, id] = positions(query.cursor, 2) ?? [];
      const rows = await listEvents(deps.db, {
        deviceId: query.device ?? null,
        type: query.type ?? null,
        from: query.from ?? null,
        to: query.to ?? null,
        before: timeUs === undefined || id === undefined ? null : { timeUs, id },
        limit: query.limit + 1,
      });
      const page = toPage(rows, query.limit, (row) => `${row.timeUs}/${row.id}`);
      const items = page.items.map(({ id: eventId, timeUs: us, ...row }) => ({
        ...row,
        id: String(eventId),
        time: new Date(us / 1000).toISOString(),
        data: shown.data(row.data),
      }));
      return { items, nextCursor: page.nextCursor };
    },
  );
}

/** How much of what the field sent about persons is shown to who asks. */
function personalView(principal: Principal | null): {
  data(data: FieldEvent['data']): FieldEvent['data'];
  text(text: string): string;
} {
  if (principal !== null && personalReaders.includes(principal.role)) {
    return { data: (data) => data, text: (text) => text };
  }
  return { data: maskPersonalData, text: maskPersonalText };
}

/** The numbers of a cursor of ours. */
function positions(cursor: string | undefined, count: number): number[] | null {
  if (cursor === undefined) return null;
  const numbers = fromCursor(cursor).split('/').map(Number);
  if (numbers.length === count && numbers.every((number) => Number.isSafeInteger(number))) return numbers;
  const message = 'is not a cursor of ours';
  throw new ParkError('invalid-request', `cursor ${message}`, [{ path: 'querystring/cursor', message }]);
}
