import { latestQuery, readingsAnswer, readingsQuery } from '#schemas/api/readings.ts';
import { latestAnswer } from '#schemas/api/registry.ts';
import { ParkError } from '#schemas/errors.ts';
import { everyone } from '#schemas/roles.ts';
import type { Api } from '#services/api/plugin.ts';
import { createLatestText } from './latest-text.ts';
import { pointsOf, queryReadings, readNewest, type HistoryDeps, type LatestDeps } from './readings.ts';

/**
 * Their answers are many thousand numbers, typed by the schema where they are made: going through them once more to check each
 * took half of the time of an answer.
 */
const serializerCompiler = () => (answer: unknown) => JSON.stringify(answer);

/** GET /readings and GET /latest. */
export function historyRoutes(api: Api, deps: HistoryDeps & LatestDeps): void {
  api.get(
    '/readings',
    {
      config: { access: everyone },
      serializerCompiler,
      schema: {
        summary: 'Readings of up to 50 points, raw or in buckets',
        tags: ['readings'],
        querystring: readingsQuery,
        response: { 200: readingsAnswer },
      },
    },
    async ({ query }) => {
      const { points, resolution, lttb, fill } = query;
      const fromMs = Date.parse(query.from);
      const toMs = Date.parse(query.to);
      if (fromMs >= toMs) {
        throw new ParkError('invalid-request', 'from is not before to', [
          { path: 'querystring/from', message: 'is before to' },
        ]);
      }
      const answer = await queryReadings(deps, { points, resolution, fromMs, toMs, lttb, fill });
      return { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString(), ...answer };
    },
  );
  const latestText = createLatestText();
  api.get(
    '/latest',
    {
      config: { access: everyone },
      schema: {
        summary: 'The newest reading of each point, by points, device or space',
        tags: ['readings'],
        querystring: latestQuery,
        response: { 200: latestAnswer },
      },
    },
    async ({ query }, reply) => {
      const text = latestText(await readNewest(deps, await pointsOf(deps, query)));
      // What goes out is the text; the items would be made only to be turned into it.
      reply.serializer(() => text);
      return { items: [], nextCursor: null };
    },
  );
}
