import type { Queryable } from '#infra/postgres.ts';
import { claimFaults } from '#schemas/claim.ts';
import { localCalendar } from '#schemas/local-time.ts';
import type { RubricItem } from '#schemas/rubric.ts';
import { readNewestClaims, type ClaimRow } from '#services/claims/store.ts';
import { factsHead, remembered, type CollectRequest, type Collector } from '../../collect.ts';
import { attestation, claimInForce, type AttestationFacts, type ClaimFacts } from './derive.ts';

/** Claims that the facts of an item tell of; older ones stay in the list of claims. */
const claimsEach = 20;

export const attestationCollector: Collector = {
  id: attestation.id,
  perItem: true,
  async collect(db, request, item): Promise<AttestationFacts> {
    return factsOf(request, item, (await newestClaims(db, request)).get(item.id) ?? []);
  },
};

/** The claims in force of items that something else computes: each stands beside what was computed. */
export async function collectOverrides(
  db: Queryable,
  request: CollectRequest,
  items: readonly RubricItem[],
): Promise<Map<string, AttestationFacts>> {
  const claims = await newestClaims(db, request);
  const found = items
    .filter(({ id, measure }) => measure !== attestation.id && claims.has(id))
    .map((item) => factsOf(request, item, claims.get(item.id) ?? []))
    .filter((facts) => claimInForce(facts) !== undefined);
  return new Map(found.map((facts) => [facts.item, facts]));
}

async function newestClaims(
  db: Queryable,
  request: CollectRequest,
): Promise<ReadonlyMap<string, readonly ClaimRow[]>> {
  const { rubricId = '' } = request;
  const rows = await remembered(request, `claims ${rubricId}`, () =>
    readNewestClaims(db, { rubricId, each: claimsEach }),
  );
  return Map.groupBy(rows, ({ item }) => item);
}

function factsOf(request: CollectRequest, item: RubricItem, rows: readonly ClaimRow[]): AttestationFacts {
  const lastDay = localCalendar(request.timeZone).dayOf(request.toMs - 1);
  // A claim of an older text of the item, which it does not fit any more, says nothing of this one.
  const fitting = rows.filter(({ content }) => claimFaults(item, content).length === 0);
  return { ...factsHead(attestation, request), item: item.id, lastDay, claims: fitting.map(claimFacts) };
}

function claimFacts(row: ClaimRow): ClaimFacts {
  const { id, sha256, state, content, statement, documents, from, until } = row;
  return {
    id: String(id),
    sha256,
    state,
    content,
    statement,
    documents: [...documents],
    from,
    until,
    author: row.author,
    claimedAt: row.claimedAt.toISOString(),
    decider: row.decider,
    decidedAt: row.decidedAt?.toISOString() ?? null,
    decisionReason: row.decisionReason,
    ...(row.provenance === 'field' ? {} : { provenance: row.provenance }),
  };
}
