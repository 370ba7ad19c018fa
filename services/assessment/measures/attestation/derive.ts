import type { Measurement, Score } from '#schemas/assessment.ts';
import type { ClaimContent } from '#schemas/claim.ts';
import type { Bilingual } from '#schemas/device-class.ts';
import type { Provenance } from '#schemas/reading.ts';
import type { RubricItem } from '#schemas/rubric.ts';
import { defineItemDerivation, populationOf, type ItemFacts, type Member } from '../../measure.ts';
import { score } from '../../score.ts';

/** A claim as it was when the facts were collected. */
export interface ClaimFacts {
  readonly id: string;
  readonly sha256: string;
  readonly state: 'pending' | 'approved' | 'refused' | 'withdrawn';
  readonly content: ClaimContent;
  readonly statement: string;
  readonly documents: readonly { readonly sha256: string; readonly bytes: number; readonly name: string }[];
  /** Local days, both included. */
  readonly from: string;
  readonly until: string;
  readonly author: string;
  readonly claimedAt: string;
  /** Who approved or refused it, when, and what they said. */
  readonly decider: string | null;
  readonly decidedAt: string | null;
  readonly decisionReason: string | null;
  /** Absent: `field`. */
  readonly provenance?: Provenance;
}

/** The newest claims of an item, newest first. */
export interface AttestationFacts extends ItemFacts {
  /** The last local day of the period: a claim must stand on it. */
  readonly lastDay: string;
  readonly claims: readonly ClaimFacts[];
}

const holds = ({ state, from, until }: ClaimFacts, day: string): boolean =>
  state === 'approved' && from <= day && until >= day;

/** The claim that counts: of those approved for the last day the one approved last. */
export function claimInForce({ claims, lastDay }: AttestationFacts): ClaimFacts | undefined {
  return claims
    .filter((claim) => holds(claim, lastDay))
    .toSorted((a, b) => ((a.decidedAt ?? '') < (b.decidedAt ?? '') ? 1 : -1))[0];
}

function memberOf(facts: AttestationFacts, claim: ClaimFacts): Member {
  const counts = claim === claimInForce(facts);
  return {
    deviceId: `claim/${claim.id}`,
    name: claim.statement,
    class: 'claim',
    provenance: claim.provenance ?? 'field',
    standing: counts ? 'counted' : 'excluded',
    reason: standingOf(facts, claim, counts),
    noted: false,
    point: null,
  };
}

function standingOf({ lastDay }: AttestationFacts, claim: ClaimFacts, counts: boolean): Bilingual {
  const { state, from, until, author, decider, decisionReason } = claim;
  const days = `${from} – ${until}`;
  if (counts) {
    return {
      zh: `${author} 申报，${decider} 核准（${days}）`,
      en: `Claimed by ${author}, approved by ${decider} (${days})`,
    };
  }
  if (state === 'pending') {
    return { zh: `${author} 申报，待他人核准`, en: `Claimed by ${author}, waits for a second person` };
  }
  if (state === 'refused') {
    return { zh: `${decider} 未核准：${decisionReason}`, en: `Refused by ${decider}: ${decisionReason}` };
  }
  if (state === 'withdrawn') return { zh: '已撤回', en: 'Withdrawn' };
  if (until < lastDay) return { zh: `已于 ${until} 到期`, en: `It expired on ${until}` };
  if (from > lastDay) return { zh: `自 ${from} 起才生效`, en: `It stands only from ${from} on` };
  return { zh: '已有更新的核准', en: 'A newer one was approved' };
}

/** Why nothing is attested: what the newest claim lacks. */
function whatIsMissing(facts: AttestationFacts): Bilingual[] {
  const { claims } = facts;
  const told =
    claims.find(({ state }) => state === 'pending') ??
    claims.find(({ state }) => state === 'approved') ??
    claims[0];
  if (told === undefined) {
    return [{ zh: '没有人申报，也没有核准', en: 'Nobody claimed it, and nobody approved it' }];
  }
  return [standingOf(facts, told, false)];
}

function derive(facts: AttestationFacts, item: RubricItem): Measurement {
  const claim = claimInForce(facts);
  const members = facts.claims.map((each) => memberOf(facts, each));
  const { grade, value, unit, quantities, functions = [] } = claim?.content ?? {};
  const told = item.functions.filter(({ id, role }) => role !== 'optional' || functions.includes(id));
  return {
    value: value ?? null,
    unit: unit ?? '',
    ...(quantities === undefined ? {} : { quantities: { ...quantities } }),
    ...(grade === undefined ? {} : { grade }),
    ...(claim === undefined || told.length === 0
      ? {}
      : { functions: told.map(({ id }) => stateOf(id, claim)) }),
    population: populationOf(members),
    completeness: null,
    sources: facts.claims.map(({ id }) => `claim:${id}`),
    verdict: claim === undefined ? 'insufficient' : 'sufficient',
    missing: claim === undefined ? whatIsMissing(facts) : [],
  };
}

function stateOf(id: string, { content, author }: ClaimFacts): NonNullable<Measurement['functions']>[number] {
  const claimed = content.functions.includes(id);
  return {
    id,
    state: claimed ? 'proven' : 'missing',
    reason: claimed
      ? { zh: `${author} 申报具备`, en: `${author} claims that it is there` }
      : { zh: '未申报', en: 'Not claimed' },
  };
}

/** What people claim of an item and a second person approved. */
export const attestation = defineItemDerivation<AttestationFacts>({
  id: 'attestation',
  version: 1,
  derive,
  members: (facts) => facts.claims.map((claim) => memberOf(facts, claim)),
});

/** What an item earns by its claims, whatever its own basis is. */
export function attest(
  item: RubricItem,
  facts: unknown,
): { readonly measurement: Measurement; readonly score: Score } {
  const measurement = attestation.derive(facts, item);
  const earned = score(item, measurement);
  return { measurement, score: earned.points === null ? earned : { ...earned, basis: 'attested' } };
}
