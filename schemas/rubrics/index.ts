import { attestedPoints, fromLevels, fromRequirements } from '../rubric-forms.ts';
import { levelRubricSchema } from '../rubric-levels.ts';
import type { LevelRubric } from '../rubric-levels.ts';
import { requirementRubricSchema } from '../rubric-requirements.ts';
import type { RequirementRubric } from '../rubric-requirements.ts';
import { rubricSchema } from '../rubric.ts';
import type { Rubric } from '../rubric.ts';
import chengdu2021 from './chengdu-2021.json' with { type: 'json' };
import microParkStars from './micro-park-stars.json' with { type: 'json' };
import shenzhenDbxx from './shenzhen-dbxx.json' with { type: 'json' };
import shenzhenSelf2025 from './shenzhen-self-2025.json' with { type: 'json' };
import techParkOps from './tech-park-ops.json' with { type: 'json' };

/** Every rubric that counts points by its id, checked against its own sums. */
export const rubrics: ReadonlyMap<string, Rubric> = new Map(
  [chengdu2021, shenzhenSelf2025, shenzhenDbxx].map((document) => {
    const rubric = rubricSchema.parse(document);
    return [rubric.id, rubric];
  }),
);

/** Every rubric whose items reach levels, by its id. */
export const levelRubrics: ReadonlyMap<string, LevelRubric> = new Map(
  [microParkStars].map((document) => [document.id, levelRubricSchema.parse(document)]),
);

/** Every rubric of requirements that are met or not, by its id. */
export const requirementRubrics: ReadonlyMap<string, RequirementRubric> = new Map(
  [techParkOps].map((document) => [document.id, requirementRubricSchema.parse(document)]),
);

/** Chengdu's names a measure for each item by itself. */
const withOwnMeasures = chengdu2021.id;

/** Every rubric as it is scored, whatever its form, by its id (schemas/rubric-forms.ts). */
export const scoredRubrics: ReadonlyMap<string, Rubric> = new Map(
  [
    ...[...rubrics.values()].map((rubric) =>
      rubric.id === withOwnMeasures ? rubric : attestedPoints(rubric),
    ),
    ...[...levelRubrics.values()].map(fromLevels),
    ...[...requirementRubrics.values()].map(fromRequirements),
  ].map((rubric) => [rubric.id, rubric]),
);
