import type { Gap } from '#schemas/api/gaps.ts';
import type { Score } from '#schemas/assessment.ts';
import type { MeasuredItem } from '../assess.ts';
import { attestation, claimInForce, type AttestationFacts } from '../measures/attestation/derive.ts';
import { claimEffort } from './effort.ts';
import { emptyGap } from './gap.ts';
import { worth } from './suppose.ts';

/** Items that people decide, and nobody has: pure. */

/** The claims of an item that nothing else measures; null of other items. */
export function claimsOf(entry: MeasuredItem): AttestationFacts | null {
  return entry.derivation.id === attestation.id ? (entry.facts as AttestationFacts) : null;
}

/** What a claim may bring: people decide how much of it. */
export function supposedClaim({ item, score }: MeasuredItem): Score {
  // What is earned already is not lost by asking for more.
  const min = score.points?.min ?? 0;
  const { points } = item;
  return {
    ...score,
    points: { min, max: points },
    conventionPoints: null,
    basis: 'attested',
    reason: { zh: `由人核准，最多 ${points} 分`, en: `People approve it: at most ${points} points` },
  };
}

export function claimGaps(entry: MeasuredItem): Gap[] {
  const facts = claimsOf(entry);
  if (facts === null) return [];
  if (claimInForce(facts) !== undefined) return lesserClaim(entry, facts);
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

/** A claim that leaves out functions, or was made of a lesser band: people decide whether there is more to claim. */
function lesserClaim(entry: MeasuredItem, { claims }: AttestationFacts): Gap[] {
  const { item, measurement } = entry;
  const missing = new Set(
    (measurement.functions ?? []).filter(({ state }) => state === 'missing').map(({ id }) => id),
  );
  const named = item.functions.filter(({ id }) => missing.has(id));
  if (named.length === 0) return [];
  const after = supposedClaim(entry);
  const isPending = claims.some(({ state }) => state === 'pending');
  return [
    {
      ...emptyGap(entry, after),
      kind: 'claim',
      functionName: {
        zh: named.map(({ name }) => name.zh).join('、'),
        en: named.map(({ name }) => name.en).join(', '),
      },
      isPending,
      effort: claimEffort(isPending),
      gain: Math.round((item.points - worth(entry.score)) * 100) / 100,
      isAtMost: true,
    },
  ];
}
