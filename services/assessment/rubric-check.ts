import type { Rubric, RubricItem } from '#schemas/rubric.ts';

/** What a rubric's own form cannot tell: whether its measures exist, and whether its editions follow one another. */

/** What a measure needs of the item that it serves, so that all its points can be earned by it. */
const demands: Readonly<Record<string, (item: RubricItem) => string | null>> = {
  functions: ({ functions, graded }) => {
    const unproven = functions.filter(({ role, proofs }) => role !== 'optional' && proofs === undefined);
    if (functions.every(({ proofs }) => proofs === undefined)) return 'no function names what proves it';
    return graded || unproven.length === 0
      ? null
      : `nothing is named that proves ${unproven.map(({ id }) => id).join(', ')}`;
  },
  'space-coverage': ({ coverage }) => (coverage === undefined ? 'it names no spaces to be covered' : null),
  records: ({ records }) => (records === undefined ? 'it names no records' : null),
  registry: ({ registry }) =>
    registry === undefined ? 'it does not say what the registry has to show' : null,
  parts: partsProblem,
};

/** Parameters of an item, and the measure that each belongs to. */
const parameters = {
  coverage: 'space-coverage',
  records: 'records',
  registry: 'registry',
  sharedKey: 'functions',
} as const;

/** What the item says that its measure does not know: it would be ignored in silence. */
function strangeParameter(item: RubricItem): string | null {
  const { measure, functions, bands } = item;
  for (const [name, owner] of Object.entries(parameters) as [keyof typeof parameters, string][]) {
    if (item[name] !== undefined && measure !== owner) return `the measure ${measure} does not know ${name}`;
  }
  if (measure === 'parts') return null;
  if (bands.some((band) => band.needs !== undefined)) return `the measure ${measure} does not know needs`;
  if (functions.some(({ role }) => role === 'condition')) return `the measure ${measure} knows no condition`;
  const proofs = functions.flatMap((entry) => entry.proofs ?? []);
  if (proofs.length > 0 && measure !== 'functions') return `the measure ${measure} does not know proofs`;
  return proofs.some(({ kind }) => kind === 'found')
    ? `the measure ${measure} does not know proofs of the kind found`
    : null;
}

/** Why parts cannot decide the item. */
function partsProblem({ graded, bands, functions }: RubricItem): string | null {
  if (!graded) return 'an item of parts is graded';
  const unproven = functions.filter(({ role, proofs }) => role !== 'optional' && proofs === undefined);
  if (unproven.length > 0) return `nothing is named that proves ${unproven.map(({ id }) => id).join(', ')}`;
  if (functions.every(({ proofs }) => proofs === undefined)) return 'no part names what proves it';
  const last = bands.findLastIndex((band) => band.needs !== undefined);
  if (last < 0 && functions.every(({ role }) => role !== 'required')) return 'no band needs any part';
  return bands[Math.max(0, last) + 1] === undefined
    ? 'there is no band below the last that needs parts'
    : null;
}

/** Why the item cannot be measured in full by the measure that it names; null when it can, or names none. */
export function measureProblem(item: RubricItem, known: ReadonlySet<string>): string | null {
  const { measure } = item;
  if (measure === undefined) return null;
  if (!known.has(measure)) return `it names the measure ${measure}, which does not exist`;
  return demands[measure]?.(item) ?? strangeParameter(item);
}

/** One sentence for each thing that keeps the rubrics from being used together. */
export function rubricProblems(rubrics: readonly Rubric[], known: ReadonlySet<string>): string[] {
  const measures = rubrics.flatMap(({ id, items }) =>
    items.flatMap((item) => {
      const problem = measureProblem(item, known);
      return problem === null ? [] : [`${id} ${item.id}: ${problem}`];
    }),
  );
  return [...measures, ...editionProblems(rubrics)];
}

/** An edition comes into force when the one before it ends, and not earlier: a day has one edition. */
function editionProblems(rubrics: readonly Rubric[]): string[] {
  return rubrics.flatMap(({ id, effective, supersedes }) => {
    if (effective?.to !== undefined && effective.to !== null && effective.to <= effective.from) {
      return [`${id}: it ends on ${effective.to}, before it begins on ${effective.from}`];
    }
    if (supersedes === undefined) return [];
    const former = rubrics.find((rubric) => rubric.id === supersedes);
    if (former === undefined) return [`${id}: it follows ${supersedes}, which is not there`];
    const ends = former.effective?.to ?? null;
    const begins = effective?.from ?? null;
    if (begins === null) return [`${id}: it follows ${supersedes} and does not say from when`];
    if (ends === null) return [`${id}: it begins on ${begins}, and ${supersedes} does not end`];
    return begins < ends ? [`${id}: it begins on ${begins}, before ${supersedes} ends on ${ends}`] : [];
  });
}
