import { z } from 'zod';
import type { Database } from '#infra/postgres.ts';
import { periodQuery, rubricIdSchema } from '#schemas/api/assessment.ts';
import { gapsSchema, whatIfBody, whatIfSchema } from '#schemas/api/gaps.ts';
import { everyone } from '#schemas/roles.ts';
import type { Api } from '#services/api/plugin.ts';
import type { AssessmentRun } from '../assess.ts';
import type { PeriodQuery } from '../period.ts';
import { gapsOf, whatIf } from './gaps.ts';
import { readPlaces } from './store.ts';

export interface GapDeps {
  readonly db: Database;
  readonly measure: (rubricId: string, query: PeriodQuery) => Promise<AssessmentRun>;
}

const tags = ['assessment'];
const params = z.object({ rubricId: rubricIdSchema });

/** For the park: what is missing and what it would bring, and what would be if some of it were mended. */
export function gapRoutes(api: Api, { db, measure }: GapDeps): void {
  api.get(
    '/assessments/:rubricId/gaps',
    {
      config: { access: everyone },
      schema: {
        summary: 'What is missing by building and reason, most points for the least effort first',
        tags,
        params,
        querystring: periodQuery,
        response: { 200: gapsSchema },
      },
    },
    async (request) => {
      const run = await measure(request.params.rubricId, request.query);
      const deviceIds = run.measured.flatMap(({ members }) =>
        members.filter(({ standing }) => standing === 'not-counted').map(({ deviceId }) => deviceId),
      );
      const places = await readPlaces(db, { deviceIds: [...new Set(deviceIds)], atMs: run.toMs });
      return { items: gapsOf(run, places) };
    },
  );
  api.post(
    '/assessments/:rubricId/what-if',
    {
      config: { access: everyone },
      schema: {
        summary: 'The assessment as if these members had delivered all the time; nothing is stored',
        tags,
        params,
        querystring: periodQuery,
        body: whatIfBody,
        response: { 200: whatIfSchema },
      },
    },
    async (request) => whatIf(await measure(request.params.rubricId, request.query), request.body.members),
  );
}
