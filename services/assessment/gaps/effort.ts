import type { Gap } from '#schemas/api/gaps.ts';

/**
 * How much work a gap is, so that the list can put most points for the least of it first. The unit is one thing that one
 * person does on one way: everything else is that many of them. docs/gaps.md tells the rule; people who know better still
 * see points and number apart.
 */
const weights = {
  /** Something that delivered before: looked at, switched on, its line repaired. */
  mend: 1,
  /** Nothing was ever heard of it in the period: it has to be connected first. */
  connect: 2,
  /** Nothing is there: it has to be bought and put up. */
  install: 3,
  /** A function is exercised, and confirmed from outside. */
  exercise: 1,
  /** A record is written with its document. */
  record: 1,
  /** A claim is written, with documents, and a second person looks at it. */
  claim: 3,
  /** A second person looks at a claim that is there. */
  decide: 1,
  /** Something that ends is renewed, or done again. */
  renew: 1,
} as const;

/** Of a number of members, by what they lack. */
export function memberEffort(kind: 'silent' | 'never' | 'gaps' | 'empty' | 'other', count: number): number {
  const each = { silent: weights.mend, gaps: weights.mend, other: weights.mend };
  if (kind === 'never') return count * weights.connect;
  if (kind === 'empty') return count * weights.install;
  return count * each[kind];
}

/** @param isReportable whether anything in service could report the function */
export function functionEffort(isReportable: boolean): number {
  return isReportable ? weights.exercise : weights.install;
}

export function recordEffort(count: number): number {
  return count * weights.record;
}

export function claimEffort(isPending: boolean): number {
  return isPending ? weights.decide : weights.claim;
}

export function lapseEffort(count: number): number {
  return count * weights.renew;
}

/** Most points for the least effort first; of equals the one with more points, then by name, so that the order stands. */
export function byWorth(a: Gap, b: Gap): number {
  return b.gain / b.effort - a.gain / a.effort || b.gain - a.gain || (a.item < b.item ? -1 : 1);
}
