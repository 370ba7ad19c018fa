import type { Mark } from './judge.ts';
import type { Unrolled } from './unroll.ts';

/** A step that counts 0 until a person has looked at it. */
export interface Suspect {
  readonly from: Mark;
  readonly to: Mark;
  /** What it adds when it is accepted. */
  readonly claimed: number;
}

/**
 * The implausible steps of a line that end within a range. The last mark is left aside: the next sample may still show
 * that it is an outlier.
 */
export function suspectsOf(
  { marks, steps }: Pick<Unrolled, 'marks' | 'steps'>,
  range: { readonly fromUs: number; readonly toUs: number },
): Suspect[] {
  return steps.slice(0, Math.max(0, marks.length - 2)).flatMap(({ kind, claimed, isAccepted }, at) => {
    const [from, to] = [marks[at], marks[at + 1]];
    if (kind !== 'implausible' || isAccepted || from === undefined || to === undefined) return [];
    return to.timeUs >= range.fromUs && to.timeUs < range.toUs ? { from, to, claimed } : [];
  });
}

/** What the review list lacks, and which of its open cases the line no longer has. */
export function compareSuspects(
  suspects: readonly Suspect[],
  open: readonly { readonly fromUs: number; readonly toUs: number }[],
): { readonly fresh: Suspect[]; readonly gone: { fromUs: number; toUs: number }[] } {
  const keyOf = (fromUs: number, toUs: number) => `${fromUs} ${toUs}`;
  const known = new Set(open.map((one) => keyOf(one.fromUs, one.toUs)));
  const found = new Set(suspects.map((one) => keyOf(one.from.timeUs, one.to.timeUs)));
  return {
    fresh: suspects.filter((one) => !known.has(keyOf(one.from.timeUs, one.to.timeUs))),
    gone: open.filter((one) => !found.has(keyOf(one.fromUs, one.toUs))),
  };
}
