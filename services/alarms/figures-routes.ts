import { appendAudit } from '#infra/journal.ts';
import { transaction, type Queryable } from '#infra/postgres.ts';
import {
  alarmFiguresSchema,
  figuresQuery,
  floodSchema,
  positionsBody,
  positionsSchema,
  type OperatorPosition,
} from '#schemas/api/alarm-figures.ts';
import { pageOf } from '#schemas/api/common.ts';
import { deviceClasses } from '#schemas/device-classes/index.ts';
import { ParkError } from '#schemas/errors.ts';
import { localCalendar } from '#schemas/local-time.ts';
import { engineers, everyone } from '#schemas/roles.ts';
import { principalOf, type Api } from '#services/api/plugin.ts';
import { mainPosition } from './facts.ts';
import { listFloods } from './flood-store.ts';
import { loadPositions, savePositions, unknownNames } from './position-store.ts';
import { readFigures } from './read-figures.ts';
import type { AlarmDeps, AlarmRouteDeps } from './service.ts';

const tags = ['alarms'];
const floodsMost = 50;

/** What the alarms ask of people: figures, floods, and who sits where. */
export function figuresRoutes(api: Api, deps: AlarmRouteDeps): void {
  const calendar = localCalendar(deps.timeZone);
  api.get(
    '/alarm-figures',
    {
      config: { access: everyone },
      schema: {
        summary: 'Rate, peaks, floods, priorities, most frequent, chattering, standing, times, by local days',
        tags,
        querystring: figuresQuery,
        response: { 200: alarmFiguresSchema },
      },
    },
    ({ query }) =>
      readFigures(deps.db, {
        calendar,
        nowMs: deps.clock.nowMs(),
        range: { ...query, position: query.position },
      }),
  );
  api.get(
    '/alarm-floods',
    {
      config: { access: everyone },
      schema: {
        summary: 'Floods with their causes: those that go on, then the last ones',
        tags,
        response: { 200: pageOf(floodSchema) },
      },
    },
    async () => ({ items: await listFloods(deps.db, floodsMost), nextCursor: null }),
  );
  positionRoutes(api, deps);
}

function positionRoutes(api: Api, { db }: AlarmDeps): void {
  api.get(
    '/operator-positions',
    {
      config: { access: everyone },
      schema: { summary: 'Who takes which alarms', tags, response: { 200: positionsSchema } },
    },
    async () => ({ items: await loadPositions(db) }),
  );
  api.put(
    '/operator-positions',
    {
      config: { access: engineers },
      schema: {
        summary: 'Says anew who takes which alarms, from the next one on',
        tags,
        body: positionsBody,
        response: { 200: positionsSchema },
      },
    },
    async (request) => {
      const { items, reason } = request.body;
      const ids = items.map((each) => each.id);
      if (new Set(ids).size < ids.length || ids.includes(mainPosition)) {
        const message = `names each position once, and not ${mainPosition}, which takes the rest`;
        throw new ParkError('invalid-request', `items ${message}`, [{ path: '/items', message }]);
      }
      const { actor } = principalOf(request);
      return transaction(db, async (client) => {
        await refuseUnknown(client, items);
        const before = await loadPositions(client);
        await savePositions(client, items);
        await appendAudit(client, {
          actor,
          action: 'operator-positions.update',
          object: 'operator-positions',
          reason,
          before,
          after: items,
        });
        return { items };
      });
    },
  );
}

/** @throws ParkError invalid-request where a position names a class, a space or a user that there is not */
async function refuseUnknown(client: Queryable, items: readonly OperatorPosition[]): Promise<void> {
  const unknown = await unknownNames(client, items);
  const faults = items.flatMap((item, i) =>
    (
      [
        ['spaces', (id: string) => !unknown.spaces.has(id), 'there is no space'],
        ['deviceClasses', (id: string) => deviceClasses.has(id), 'there is no device class'],
        ['people', (id: string) => !unknown.people.has(id), 'there is no user'],
      ] as const
    ).flatMap(([field, isKnown, message]) =>
      item[field].flatMap((id, j) =>
        isKnown(id) ? [] : [{ path: `/items/${i}/${field}/${j}`, message: `${message} ${id}` }],
      ),
    ),
  );
  if (faults.length === 0) return;
  throw new ParkError('invalid-request', faults.map(({ message }) => message).join('; '), faults);
}
