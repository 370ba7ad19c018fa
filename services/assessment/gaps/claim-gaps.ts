import type { Gap } from '#schemas/api/gaps.ts';
import type { Score } from '#schemas/assessment.ts';
import type { MeasuredItem } from '../assess.ts';
import { attestation, claimInForce, type AttestationFacts } from '../measures/attestation/derive.ts';
import { claimEffort } from './effort.ts';
import { emptyGap } from './gap.ts';

/** Items that people decide, and nobody has: pure. */

/** The claims of an item that nothing else measures; null of other items. */
export function claimsOf(entry: MeasuredItem): AttestationFacts | null {
  return entry.derivation.id === attestation.id ? (entry.facts as AttestationFacts) : null;
}

/** What a claim may bring: people decide how much of it. */
export function supposedClaim({ item, score }: MeasuredItem): Score {
  return { ...score, points: { min: 0, max: item.points }, conventionPoints: null, basis: 'attested' };
}

export function claimGaps(entry: MeasuredItem): Gap[] {
  const facts = claimsOf(entry);
  if (facts === null || claimInForce(facts) !== undefined) return [];
  const isPending = facts.claims.some(({ state }) => state === 'pending');
  const ended = facts.claims.filter(({ state }) => state === 'approved').map(({ until }) => until);
  return [
    {
      ...emptyGap(entry, supposedClaim(entry)),
      kind: 'claim',
      isPending,
      lastSeen: ended.toSorted().at(-1) ?? null,
      effort: claimEffort(isPending),
      gain: entry.item.points,
      isAtMost: true,
    },
  ];
}
