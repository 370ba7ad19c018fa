import type { AssessedItem } from '#schemas/api/assessment.ts';
import { crosswalk } from '#schemas/rubrics/crosswalk.ts';
import { scoredRubrics } from '#schemas/rubrics/index.ts';

/** Items of other rubrics that rest on the same evidence, once a group. Pure. */
export function sharedWith(rubricId: string, item: string): AssessedItem['shared'] {
  const own = `${rubricId}/${item}`;
  const others = [...scoredRubrics.values()].filter(({ id }) => id !== rubricId);
  return crosswalk
    .filter(({ items }) => items.includes(own))
    .flatMap(({ id: group, evidence, items }) =>
      others.flatMap(({ id, items: known }) =>
        known
          .filter((each) => items.includes(`${id}/${each.id}`))
          .map((each) => ({ group, evidence, rubricId: id, item: each.id, name: each.name })),
      ),
    );
}
