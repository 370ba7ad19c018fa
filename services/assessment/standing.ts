import type { Score, Total } from '#schemas/assessment.ts';
import type { Bilingual } from '#schemas/device-class.ts';
import { requirementBands, vetoBands, vetoSection } from '#schemas/rubric-forms.ts';
import type { Rubric } from '#schemas/rubric.ts';

/** What an assessment comes to beside its three figures, as its rubric says it. */
export interface Standing {
  readonly form: 'points' | 'levels' | 'requirements';
  /** Grades of the points; null where the rubric has none. */
  readonly grade: {
    /** What the park has whatever the open items bring; null: none yet. */
    readonly certain: Bilingual | null;
    /** The best that is still within reach; null: none, or a veto ended it. */
    readonly possible: Bilingual | null;
  } | null;
  readonly vetoes: readonly {
    readonly item: string;
    readonly name: Bilingual;
    readonly state: 'clear' | 'occurred' | 'undetermined';
  }[];
  /** Of requirements; null for the other forms. */
  readonly counts: {
    readonly met: number;
    readonly notMet: number;
    readonly notApplicable: number;
    readonly undetermined: number;
    /** Of those that bind. */
    readonly must: { readonly met: number; readonly of: number };
  } | null;
  /** Of levels: the rows that hold the park where it is. */
  readonly lowest: readonly string[];
}

/** Pure. */
export function standingOf(rubric: Rubric, scores: readonly Score[], total: Total): Standing {
  const vetoes = vetoesOf(rubric, scores);
  return {
    form: rubric.form ?? 'points',
    grade: gradeOf(rubric, total, vetoes),
    vetoes,
    counts: rubric.form === 'requirements' ? countsOf(rubric, scores) : null,
    lowest: rubric.form === 'levels' ? lowestOf(rubric, scores, total) : [],
  };
}

function vetoesOf(rubric: Rubric, scores: readonly Score[]): Standing['vetoes'] {
  return rubric.items
    .filter(({ section }) => section === vetoSection)
    .map(({ id, name }) => {
      const band = scores.find(({ item, points }) => item === id && points !== null)?.band;
      const state =
        band === vetoBands.occurred ? 'occurred' : band === vetoBands.clear ? 'clear' : 'undetermined';
      return { item: id, name, state };
    });
}

function gradeOf(rubric: Rubric, total: Total, vetoes: Standing['vetoes']): Standing['grade'] {
  const { grades } = rubric;
  if (grades === undefined) return null;
  if (vetoes.some(({ state }) => state === 'occurred')) return { certain: null, possible: null };
  const at = (points: number) => grades.findLast(({ min }) => points >= min)?.name ?? null;
  const isClear = vetoes.every(({ state }) => state === 'clear');
  return {
    certain: isClear ? at(total.determined.min) : null,
    possible: at(total.determined.max + total.undetermined),
  };
}

function countsOf(rubric: Rubric, scores: readonly Score[]): NonNullable<Standing['counts']> {
  const bands = new Map(scores.map(({ item, points, band }) => [item, points === null ? null : band]));
  const has = (band: string) => rubric.items.filter(({ id }) => bands.get(id) === band);
  const [met, notMet, notApplicable] = [
    has(requirementBands.met),
    has(requirementBands.notMet),
    has(requirementBands.notApplicable),
  ];
  const binding = rubric.items.filter(({ obligation }) => obligation === 'must');
  const isMust = ({ obligation }: { obligation: string }) => obligation === 'must';
  return {
    met: met.length,
    notMet: notMet.length,
    notApplicable: notApplicable.length,
    undetermined: rubric.items.length - met.length - notMet.length - notApplicable.length,
    must: { met: met.filter(isMust).length, of: binding.length - notApplicable.filter(isMust).length },
  };
}

function lowestOf(rubric: Rubric, scores: readonly Score[], total: Total): string[] {
  const found = new Map(scores.map(({ item, points }) => [item, points]));
  return rubric.items
    .filter(({ id }) => (found.get(id)?.min ?? 0) <= total.determined.min)
    .map(({ id }) => id);
}
