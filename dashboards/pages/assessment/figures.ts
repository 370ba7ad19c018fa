import type { Assessment, AssessmentItem } from '../../app/api.ts';
import { formatLoose } from '../../app/format.ts';

type Points = NonNullable<AssessmentItem['points']>;

/** `4`, or `2–4` where the rubric leaves a range. */
export function pointsText({ min, max }: Points): string {
  return min === max ? formatLoose(max, 2) : `${formatLoose(min, 2)}–${formatLoose(max, 2)}`;
}

/** What an item adds to the sums: what was decided inside its range, else what was computed. */
export function countedPoints({
  points,
  decision,
}: Pick<AssessmentItem, 'points' | 'decision'>): Points | null {
  return decision?.counts === true ? { min: decision.points, max: decision.points } : points;
}

/** What was determined and not earned: a range where the score is one. */
export function lostPoints({
  determined,
  undetermined,
  maximum,
}: Pick<Assessment, 'determined' | 'undetermined' | 'maximum'>): Points {
  const most = maximum - undetermined;
  return { min: most - determined.max, max: most - determined.min };
}

/** How the maximum is made up, in parts of 1. */
export interface Shares {
  readonly certain: number;
  readonly range: number;
  readonly undetermined: number;
  readonly lost: number;
}

export function shares({
  determined,
  undetermined,
  maximum,
}: Pick<Assessment, 'determined' | 'undetermined' | 'maximum'>): Shares {
  const of = (points: number) => (maximum === 0 ? 0 : points / maximum);
  return {
    certain: of(determined.min),
    range: of(determined.max - determined.min),
    undetermined: of(undetermined),
    lost: of(maximum - determined.max - undetermined),
  };
}

export interface Section {
  readonly id: string;
  readonly items: readonly AssessmentItem[];
  readonly maximum: number;
  readonly determined: Points;
  readonly undetermined: number;
}

/** Items by section, in the order of the document, with the three figures of each. */
export function sectionsOf(items: readonly AssessmentItem[]): readonly Section[] {
  return grouped(items, ({ section }) => section);
}

/** The same by indicator. */
export function indicatorsOf(items: readonly AssessmentItem[]): readonly Section[] {
  return grouped(items, ({ indicator }) => indicator);
}

function grouped(items: readonly AssessmentItem[], by: (item: AssessmentItem) => string): Section[] {
  return [...Map.groupBy(items, by)].map(([id, members]) => ({
    id,
    items: members,
    maximum: sum(members, ({ maximum }) => maximum),
    determined: {
      min: sum(members, (item) => countedPoints(item)?.min ?? 0),
      max: sum(members, (item) => countedPoints(item)?.max ?? 0),
    },
    undetermined: sum(members, ({ points, maximum }) => (points === null ? maximum : 0)),
  }));
}

/** Points determined by what they rest on, most first, with their share of all that is determined (of its upper end). */
export function basisShares(
  items: readonly AssessmentItem[],
): readonly { readonly basis: AssessmentItem['basis']; readonly points: Points; readonly share: number }[] {
  const known = items.filter(({ points }) => points !== null);
  const all = sum(known, (item) => countedPoints(item)?.max ?? 0);
  return [...Map.groupBy(known, ({ basis }) => basis)]
    .map(([basis, own]) => {
      const points = {
        min: sum(own, (item) => countedPoints(item)?.min ?? 0),
        max: sum(own, (item) => countedPoints(item)?.max ?? 0),
      };
      return { basis, points, share: all === 0 ? 0 : points.max / all };
    })
    .toSorted((a, b) => b.points.max - a.points.max);
}

function sum(items: readonly AssessmentItem[], of: (item: AssessmentItem) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
