import { z } from 'zod';
import {
  boardCalendarAnswer,
  boardCalendarQuery,
  boardEventSchema,
  boardFeedQuery,
  boardTrendAnswer,
  boardTrendQuery,
  classBoardAnswer,
  classBoardQuery,
} from '#schemas/api/class-board.ts';
import { pageOf } from '#schemas/api/common.ts';
import { ParkError } from '#schemas/errors.ts';
import { everyone } from '#schemas/roles.ts';
import { fromCursor, toPage } from '#services/api/cursor.ts';
import type { Api } from '#services/api/plugin.ts';
import { pageOfBoard, rankBoard } from './board.ts';
import { boardDevices, findBoard, keepAnswers, type BoardDeps } from './deps.ts';
import { readFeed, type FeedRow } from './store.ts';
import { readCalendar, readTrend } from './trend.ts';

const parameters = z.strictObject({ class: z.string().max(41) });
const tags = ['boards'];
/** What happened longer ago is in the list of events. */
const feedMs = 31 * 86_400_000;
/** Trends and calendars move slowly. */
const trendKeptMs = 60_000;
/** A ranking is read page by page: its pages are of one moment, and computed once for all who look. */
const rankingKeptMs = 2_000;

/** GET /class-boards/{class} and its trend, calendar and feed. */
export function classBoardRoutes(api: Api, deps: BoardDeps): void {
  const keep = keepAnswers(deps.clock, trendKeptMs);
  const keepRanking = keepAnswers(deps.clock, rankingKeptMs);
  const config = { access: everyone };
  api.get(
    '/class-boards/:class',
    {
      config,
      schema: {
        summary: 'The board of a device class: figures, and its devices worst first with their key values',
        tags,
        params: parameters,
        querystring: classBoardQuery,
        response: { 200: classBoardAnswer },
      },
    },
    async ({ params, query }) => {
      const asked = { class: params.class, space: query.space };
      const board = await keepRanking(JSON.stringify(asked), () => rankBoard(deps, asked));
      return pageOfBoard(board, { limit: query.limit, cursor: query.cursor });
    },
  );
  api.get(
    '/class-boards/:class/trend',
    {
      config,
      schema: {
        summary: 'One line of all devices of a board; sums leave out meters that another one counts',
        tags,
        params: parameters,
        querystring: boardTrendQuery,
        response: { 200: boardTrendAnswer },
      },
    },
    ({ params, query }) => {
      const asked = { class: params.class, space: query.space, period: query.period };
      return keep(JSON.stringify(['trend', asked]), () => readTrend(deps, asked));
    },
  );
  api.get(
    '/class-boards/:class/calendar',
    {
      config,
      schema: {
        summary: 'The last 35 local days against the limits of a board, by the worst station',
        tags,
        params: parameters,
        querystring: boardCalendarQuery,
        response: { 200: boardCalendarAnswer },
      },
    },
    ({ params, query }) => {
      const asked = { class: params.class, space: query.space };
      return keep(JSON.stringify(['calendar', asked]), () => readCalendar(deps, asked));
    },
  );
  feedRoute(api, deps);
}

function feedRoute(api: Api, deps: BoardDeps): void {
  api.get(
    '/class-boards/:class/feed',
    {
      config: { access: everyone },
      schema: {
        summary: 'Events that a board shows, of the last 31 days, newest first',
        tags,
        params: parameters,
        querystring: boardFeedQuery,
        response: { 200: pageOf(boardEventSchema) },
      },
    },
    async ({ params, query }) => {
      const { feed } = findBoard(params.class).board;
      if (feed === undefined) throw new ParkError('not-found', `The board of ${params.class} has no feed`);
      const shown = feed.events.map(({ type }) => type);
      const types = query.type === undefined ? shown : shown.filter((type) => type === query.type);
      const devices = await boardDevices(deps, { class: params.class, space: query.space });
      const byId = new Map(devices.map((device) => [device.id, device]));
      const rows = await readFeed(deps.db, {
        deviceIds: [...byId.keys()],
        types,
        sinceMs: deps.clock.nowMs() - feedMs,
        before: positionOf(query.cursor),
        limit: query.limit + 1,
      });
      const page = toPage(rows, query.limit, ({ timeUs, id }) => `${timeUs}/${id}`);
      const items = page.items.map((row) => {
        const { name = row.deviceId, spaceName = null } = byId.get(row.deviceId) ?? {};
        const time = new Date(row.timeUs / 1_000).toISOString();
        const { type, deviceId } = row;
        return {
          id: String(row.id),
          time,
          type,
          deviceId,
          deviceName: name,
          spaceName,
          data: factsOf(row, feed.fields),
        };
      });
      return { items, nextCursor: page.nextCursor };
    },
  );
}

/** Only facts that the board names, and only plain ones. */
function factsOf({ data }: FeedRow, fields: readonly string[]): Record<string, string | number | boolean> {
  const facts: Record<string, string | number | boolean> = {};
  for (const field of fields) {
    const fact = Object.hasOwn(data, field) ? data[field] : undefined;
    if (typeof fact === 'string' || typeof fact === 'number' || typeof fact === 'boolean')
      facts[field] = fact;
  }
  return facts;
}

function positionOf(cursor: string | undefined): { timeUs: number; id: number } | null {
  const key = fromCursor(cursor);
  if (key === '') return null;
  const [timeUs = NaN, id = NaN] = key.split('/').map(Number);
  if (Number.isSafeInteger(timeUs) && Number.isSafeInteger(id)) return { timeUs, id };
  const message = 'is not a cursor of ours';
  throw new ParkError('invalid-request', `cursor ${message}`, [{ path: 'querystring/cursor', message }]);
}
