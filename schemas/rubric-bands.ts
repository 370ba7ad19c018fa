import { isWholeUnit } from './rubric-units.ts';

/** What the bands of an item say of one number, best first as they stand. */
interface Bounds {
  readonly unit: string;
  readonly min: number | null;
  readonly minInclusive: boolean;
  readonly max: number | null;
  readonly maxInclusive: boolean;
}

interface Gap {
  readonly unit: string;
  readonly min: number | null;
  readonly max: number | null;
}

/**
 * Where the ranges of an item's bands take a value twice, or not at all: every number must fall into exactly one band. A gap
 * that the source leaves is one only when the item marks it.
 * @returns a sentence for each place
 */
export function bandProblems(
  bands: readonly { readonly ranges: readonly Bounds[] }[],
  gap: Gap | undefined,
): string[] {
  const units = new Set(bands.flatMap(({ ranges }) => ranges.map(({ unit }) => unit)));
  return [...units].flatMap((unit) => {
    const ranges = bands
      .flatMap((band) => band.ranges.filter((range) => range.unit === unit))
      .toSorted((a, b) => (a.min ?? -Infinity) - (b.min ?? -Infinity));
    return ranges.flatMap((lower, index) => {
      const upper = ranges[index + 1];
      return upper === undefined ? topProblem(lower) : jointProblem(lower, upper, gap);
    });
  });
}

function topProblem({ unit, max }: Bounds): string[] {
  return max === null ? [] : [`no band takes more than ${max} ${unit}`];
}

function jointProblem(lower: Bounds, upper: Bounds, gap: Gap | undefined): string[] {
  const { unit } = lower;
  const high = lower.max ?? Infinity;
  const low = upper.min ?? -Infinity;
  if (high > low) return [`bands overlap between ${low} and ${high} ${unit}`];
  if (high === low) {
    if (lower.maxInclusive && upper.minInclusive) return [`two bands take ${low} ${unit}`];
    return lower.maxInclusive || upper.minInclusive ? [] : [`no band takes ${low} ${unit}`];
  }
  const isMarked = gap !== undefined && gap.unit === unit && gap.min === high && gap.max === low;
  const isNext = isWholeUnit(unit) && lower.maxInclusive && upper.minInclusive && low === high + 1;
  return isMarked || isNext ? [] : [`no band takes what lies between ${high} and ${low} ${unit}`];
}
