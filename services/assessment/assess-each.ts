import type { Database } from '#infra/postgres.ts';
import type { Rubric } from '#schemas/rubric.ts';
import { assessIn, inSnapshot, type AssessmentRun } from './assess.ts';
import type { CollectRequest } from './collect.ts';

/**
 * The rubrics one after the other, from one snapshot of the store: what several of them ask is asked once. Only one run is in
 * memory at a time.
 */
export async function assessEach(
  db: Database,
  { rubrics, ...request }: CollectRequest & { readonly rubrics: readonly Rubric[] },
  take: (run: AssessmentRun) => Promise<void>,
): Promise<void> {
  await inSnapshot(db, async (client) => {
    const memory = new Map<string, Promise<unknown>>();
    for (const rubric of rubrics) await take(await assessIn(client, { ...request, rubric, memory }));
  });
}
