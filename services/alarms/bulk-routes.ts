import { bulkAnswerSchema, bulkBody, bulkPreviewSchema, bulkQuery } from '#schemas/api/alarms.ts';
import { limits } from '#schemas/limits.ts';
import { alarmHandlers } from '#schemas/roles.ts';
import { principalOf, type Api } from '#services/api/plugin.ts';
import { previewBulk } from './alarm-store.ts';
import { actInBulk } from './bulk.ts';
import { toFilter } from './filter.ts';
import type { AlarmDeps } from './service.ts';

const tags = ['alarms'];

/**
 * First what a filter finds, then an act on exactly those: what comes in between is not touched. Taking out of
 * service is not among the acts: planned work has maintenance windows.
 */
export function bulkRoutes(api: Api, deps: AlarmDeps): void {
  api.get(
    '/alarms/bulk',
    {
      config: { access: alarmHandlers },
      schema: {
        summary: 'What an act in bulk would be done with: the exact number, and the first of them',
        tags,
        querystring: bulkQuery,
        response: { 200: bulkPreviewSchema },
      },
    },
    async ({ query }) => {
      const request = { ...toFilter(query), act: query.act, limit: limits.bulkAlarms };
      const { count, alarms } = await previewBulk(deps.db, request);
      return { count, items: [...alarms] };
    },
  );
  api.post(
    '/alarms/bulk',
    {
      config: { access: alarmHandlers },
      schema: {
        summary: 'Acts on the alarms of a preview, each by itself; what was refused is told',
        tags,
        body: bulkBody,
        response: { 200: bulkAnswerSchema },
      },
    },
    (request) => actInBulk(deps, { ...request.body, actor: principalOf(request).actor }),
  );
}
