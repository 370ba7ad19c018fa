import { z } from 'zod';
import type { Database } from '#infra/postgres.ts';
import { inTurns } from '#infra/turns.ts';
import { periodQuery, rubricIdSchema } from '#schemas/api/assessment.ts';
import { gapsSchema, whatIfBody, whatIfSchema } from '#schemas/api/gaps.ts';
import { localCalendar } from '#schemas/local-time.ts';
import { everyone } from '#schemas/roles.ts';
import type { Api } from '#services/api/plugin.ts';
import type { AssessmentRun } from '../assess.ts';
import type { PeriodQuery } from '../period.ts';
import { missedEvents } from './function-gaps.ts';
import type { Places } from './gap.ts';
import { gapsOf, whatIf, type GapContext } from './gaps.ts';
import { endingRecords, soonOf } from './lapse-gaps.ts';
import { helpfulRegisters } from './record-gaps.ts';
import { readLastSeen, readNewestDays, readPlaces, readRenewed } from './store.ts';

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
        summary: 'What is missing, and what soon will be, most points for the least effort first',
        tags,
        params,
        querystring: periodQuery,
        response: { 200: gapsSchema },
      },
    },
    async (request) => {
      const run = await measure(request.params.rubricId, request.query);
      return { items: await inTurns(gapsOf(run, await contextOf(db, run))) };
    },
  );
  api.post(
    '/assessments/:rubricId/what-if',
    {
      config: { access: everyone },
      schema: {
        summary: 'The assessment as if these members and gaps were mended; nothing is stored',
        tags,
        params,
        querystring: periodQuery,
        body: whatIfBody,
        response: { 200: whatIfSchema },
      },
    },
    async (request) => {
      const run = await measure(request.params.rubricId, request.query);
      const { members, gaps } = request.body;
      return inTurns(whatIf(run, { members, gaps, places: await placesOf(db, run) }));
    },
  );
}

/** Each of these is one statement, whatever is missing. */
async function contextOf(db: Database, run: AssessmentRun): Promise<GapContext> {
  const { asOfMs, timeZone, measured } = run;
  const calendar = localCalendar(timeZone);
  const soon = soonOf(asOfMs, timeZone);
  const endings = measured.flatMap((entry) => endingRecords(entry, soon));
  return {
    places: await placesOf(db, run),
    lastSeen: await readLastSeen(db, {
      events: missedEvents(measured),
      beforeMs: run.toMs,
      dayOf: (timeMs) => calendar.dayOf(timeMs),
    }),
    newest: await readNewestDays(db, {
      kinds: helpfulRegisters(measured),
      toDay: calendar.dayOf(run.toMs - 1),
    }),
    soon: { ...soon, renewed: await readRenewed(db, { endings }) },
  };
}

function placesOf(db: Database, { measured, toMs }: AssessmentRun): Promise<Places> {
  const deviceIds = measured.flatMap(({ members }) =>
    members.filter(({ standing }) => standing === 'not-counted').map(({ deviceId }) => deviceId),
  );
  return readPlaces(db, { deviceIds: [...new Set(deviceIds)], atMs: toMs });
}
