import chengdu2021 from './chengdu-2021.json' with { type: 'json' };
import { rubricSchema } from '../rubric.ts';
import type { Rubric } from '../rubric.ts';

/** Every rubric by its id, checked against its own sums. */
export const rubrics: ReadonlyMap<string, Rubric> = new Map(
  [chengdu2021].map((document) => {
    const rubric = rubricSchema.parse(document);
    return [rubric.id, rubric];
  }),
);
