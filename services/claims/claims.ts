import type { z } from 'zod';
import type { Clock } from '#infra/clock.ts';
import { appendAudit } from '#infra/journal.ts';
import { transaction, type Database, type Queryable } from '#infra/postgres.ts';
import { claimLimits, type claimBody } from '#schemas/api/claims.ts';
import { claimFaults } from '#schemas/claim.ts';
import { ParkError, type FieldError } from '#schemas/errors.ts';
import type { Provenance } from '#schemas/reading.ts';
import { scoredRubrics } from '#schemas/rubrics/index.ts';
import { knownAttachments } from '#services/attachments/store.ts';
import { canonicalText, sha256Hex } from '#services/sealing/chain.ts';
import { decideClaim, insertClaim, readClaim, withdrawClaim, type ClaimRow } from './store.ts';

export interface ClaimGround {
  readonly db: Database;
  readonly clock: Clock;
}

/** Who acts: decisions are told apart by the person, not by the token they came with. */
export interface Person {
  readonly userId: string;
  readonly actor: string;
  readonly address: string;
}

export const claimVersion = 'parkwatch-claim-v1';
const dayMs = 86_400_000;

/**
 * Claims an item. It counts for nothing until a second person approved it.
 * @returns its id
 * @throws ParkError `not-found`; `invalid-request`; `conflict` when another claim of the item waits
 */
export function makeClaim(
  { db, clock }: ClaimGround,
  body: z.output<typeof claimBody>,
  person: Person & {
    /** What they speak of, when that is not the park; absent: `field`. */
    readonly provenance?: Provenance;
  },
): Promise<number> {
  const { rubric: rubricId, item, content, statement, documents, from, until } = body;
  refuseWrong(body);
  const sha256 = sha256Hex(canonicalText({ v: claimVersion, ...body }));
  return transaction(db, async (client) => {
    await refuseUnknownFiles(client, documents);
    const id = await insertClaim(client, {
      rubricId,
      item,
      content,
      statement,
      documents,
      from,
      until,
      sha256,
      authorId: person.userId,
      author: person.actor,
      provenance: person.provenance ?? 'field',
      nowMs: clock.nowMs(),
    });
    if (id === undefined)
      throw new ParkError('conflict', `A claim of ${item} waits for its decision already`);
    await audit(client, { person, action: 'claim.make', id, after: { rubricId, item, content, sha256 } });
    return id;
  });
}

function refuseWrong({ rubric, item, content, from, until }: z.output<typeof claimBody>): void {
  const scored = scoredRubrics.get(rubric)?.items.find(({ id }) => id === item);
  if (scored === undefined) throw new ParkError('not-found', `${rubric} has no item ${item}`);
  const faults: FieldError[] = claimFaults(scored, content);
  if (until < from) faults.push({ path: '/until', message: 'is not before from' });
  if (Date.parse(until) - Date.parse(from) > claimLimits.longestDays * dayMs) {
    faults.push({ path: '/until', message: `is at most ${claimLimits.longestDays} days after from` });
  }
  refuse(faults);
}

async function refuseUnknownFiles(
  client: Queryable,
  documents: readonly { readonly sha256: string }[],
): Promise<void> {
  const uploaded = await knownAttachments(
    client,
    documents.map(({ sha256 }) => sha256),
  );
  refuse(
    documents.flatMap(({ sha256 }, index) =>
      uploaded.has(sha256)
        ? []
        : [{ path: `/documents/${index}/sha256`, message: 'no such file was uploaded' }],
    ),
  );
}

function refuse(faults: readonly FieldError[]): void {
  const [first] = faults;
  if (first !== undefined) throw new ParkError('invalid-request', `${first.path} ${first.message}`, faults);
}

/**
 * Approves or refuses a claim: a second person does, never who made it.
 * @throws ParkError `not-found`; `forbidden` for its author; `conflict` when it is decided already
 */
export function decide(
  { db, clock }: ClaimGround,
  decision: { readonly id: number; readonly state: 'approved' | 'refused'; readonly reason: string | null },
  person: Person,
): Promise<void> {
  const { id, state, reason } = decision;
  return transaction(db, async (client) => {
    const claim = await known(client, id);
    if (claim.authorId === person.userId) {
      throw new ParkError('forbidden', 'Nobody decides on their own claim: a second person does');
    }
    const decided = await decideClaim(client, {
      id,
      state,
      deciderId: person.userId,
      decider: person.actor,
      reason,
      nowMs: clock.nowMs(),
    });
    if (!decided) throw new ParkError('conflict', `Claim ${id} is ${claim.state}, and decided no more`);
    const action = state === 'approved' ? 'claim.approve' : 'claim.refuse';
    await audit(client, { person, action, id, reason, after: { item: claim.item, sha256: claim.sha256 } });
  });
}

/** Takes back a claim, approved or not. @throws ParkError `not-found`; `conflict` when it is refused or taken back */
export function withdraw(
  { db, clock }: ClaimGround,
  { id, reason }: { readonly id: number; readonly reason: string },
  person: Person,
): Promise<void> {
  return transaction(db, async (client) => {
    const claim = await known(client, id);
    const nowMs = clock.nowMs();
    if (!(await withdrawClaim(client, { id, actor: person.actor, reason, nowMs }))) {
      throw new ParkError('conflict', `Claim ${id} is ${claim.state}`);
    }
    await audit(client, {
      person,
      action: 'claim.withdraw',
      id,
      reason,
      after: { item: claim.item, sha256: claim.sha256 },
    });
  });
}

/** @throws ParkError `not-found` */
export async function known(client: Queryable, id: number): Promise<ClaimRow> {
  const claim = await readClaim(client, id);
  if (claim === undefined) throw new ParkError('not-found', `There is no claim ${id}`);
  return claim;
}

async function audit(
  client: Queryable,
  entry: {
    readonly person: Person;
    readonly action: string;
    readonly id: number;
    readonly reason?: string | null;
    readonly after: object;
  },
): Promise<void> {
  const { person, action, id, reason = null, after } = entry;
  await appendAudit(client, {
    actor: person.actor,
    address: person.address,
    action,
    object: `claim:${id}`,
    ...(reason === null ? {} : { reason }),
    after,
  });
}
