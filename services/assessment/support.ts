import { z } from 'zod';
import type { Database } from '#infra/postgres.ts';
import { rubricIdSchema, supportSchema, type SupportAnswer } from '#schemas/api/assessment.ts';
import { ParkError } from '#schemas/errors.ts';
import { everyone } from '#schemas/roles.ts';
import { attestationMeasure } from '#schemas/rubric-forms.ts';
import type { Rubric } from '#schemas/rubric.ts';
import { crosswalk } from '#schemas/rubrics/crosswalk.ts';
import { scoredRubrics } from '#schemas/rubrics/index.ts';
import type { Api } from '#services/api/plugin.ts';
import { listSnapshots, readSnapshotItems, type SnapshotItemRow } from './snapshots/snapshot-store.ts';

/** The newest night of a rubric. */
interface Night {
  readonly rubric: Rubric;
  readonly day: string;
  readonly items: ReadonlyMap<string, SnapshotItemRow>;
}

/** GET /assessments/{rubricId}/support */
export function supportRoutes(api: Api, { db }: { db: Database }): void {
  api.get(
    '/assessments/:rubricId/support',
    {
      config: { access: everyone },
      schema: {
        summary: 'What other rubrics found by the same evidence, item by item',
        tags: ['assessment'],
        params: z.object({ rubricId: rubricIdSchema }),
        response: { 200: supportSchema },
      },
    },
    async ({ params: { rubricId } }) => {
      const rubric = scoredRubrics.get(rubricId);
      if (rubric === undefined) throw new ParkError('not-found', `There is no rubric ${rubricId}`);
      const others = [...scoredRubrics.values()].filter(({ id }) => id !== rubricId);
      const nights = await Promise.all(others.map((other) => newestNight(db, other)));
      return {
        items: supportOf(
          rubric,
          nights.filter((night) => night !== null),
        ),
      };
    },
  );
}

async function newestNight(db: Database, rubric: Rubric): Promise<Night | null> {
  const [newest] = await listSnapshots(db, { rubricId: rubric.id, fromDay: null, toDay: null, limit: 1 });
  if (newest === undefined) return null;
  const items = await readSnapshotItems(db, rubric.id, newest.day);
  return { rubric, day: newest.day, items: new Map(items.map((item) => [item.item, item])) };
}

/** Items with any support, in the order of the rubric. Pure. */
export function supportOf(rubric: Rubric, nights: readonly Night[]): SupportAnswer['items'] {
  return rubric.items.flatMap((item) => {
    const own = `${rubric.id}/${item.id}`;
    const support = crosswalk
      .filter(({ items }) => items.includes(own))
      .flatMap((group) => nights.flatMap((night) => supportOfGroup(group, night)));
    return support.length === 0 ? [] : [{ item: item.id, support }];
  });
}

/** What one rubric found of the items of a group; what people say of it is no support, and neither is no verdict. */
function supportOfGroup(
  { id, evidence, items }: (typeof crosswalk)[number],
  { rubric, day, items: found }: Night,
): SupportAnswer['items'][number]['support'] {
  return rubric.items
    .filter((item) => items.includes(`${rubric.id}/${item.id}`))
    .flatMap((item) => {
      const row = found.get(item.id);
      if (row === undefined || row.measure === attestationMeasure || row.score.points === null) return [];
      const { points, reason } = row.score;
      return [
        {
          group: id,
          evidence,
          rubricId: rubric.id,
          item: item.id,
          name: item.name,
          points,
          maximum: item.points,
          reason,
          day,
        },
      ];
    });
}
