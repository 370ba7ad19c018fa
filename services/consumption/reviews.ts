import { appendAudit } from '#infra/journal.ts';
import { transaction, type Database, type DatabaseClient, type Queryable } from '#infra/postgres.ts';
import type { ReviewDecision, ReviewState } from '#schemas/api/consumption.ts';
import { ParkError } from '#schemas/errors.ts';
import { pointKey } from '#schemas/ids.ts';
import { insertDue } from './day-store.ts';
import type { Replacement } from './judge.ts';
import {
  closeReplacement,
  insertReplacement,
  lockReview,
  reopenReviewsOf,
  writeDecision,
  type ReplacementRow,
  type ReviewRow,
} from './review-store.ts';

/** Who acts, for the audit. */
export interface Actor {
  readonly actor: string;
  readonly address: string;
}

/** Which counter a person speaks of. */
export interface CounterRef {
  readonly pointId: number;
  readonly deviceId: string;
  readonly metric: string;
}

/**
 * Records that a meter was changed, inside the caller's transaction.
 * @throws ParkError `already-exists` when a change of exactly that time is recorded
 */
export async function recordReplacement(
  client: Queryable,
  who: Actor,
  entry: CounterRef & Replacement & { readonly reason: string },
): Promise<ReplacementRow> {
  const { deviceId, metric, reason, ...rest } = entry;
  const row = await insertReplacement(client, { ...rest, author: who.actor, reason });
  if (row === undefined) {
    throw new ParkError('already-exists', 'A replacement of exactly that time is recorded already.');
  }
  await noteReplacement(client, row);
  await appendAudit(client, {
    ...who,
    action: 'replacement.create',
    object: pointKey(deviceId, metric),
    reason,
    after: auditOf(row),
  });
  return row;
}

/**
 * Takes a recorded replacement back; it stays in the journal.
 * @throws ParkError `not-found`
 */
export async function withdrawReplacement(
  client: Queryable,
  who: Actor,
  entry: { readonly id: number; readonly deviceId: string; readonly reason: string },
): Promise<ReplacementRow> {
  const row = await closeReplacement(client, entry);
  if (row === undefined) throw new ParkError('not-found', `No replacement ${entry.id} stands.`);
  await reopenReviewsOf(client, entry);
  await noteReplacement(client, row);
  await appendAudit(client, {
    ...who,
    action: 'replacement.withdraw',
    object: entry.deviceId,
    reason: entry.reason,
    before: auditOf(row),
  });
  return row;
}

/**
 * Decides a case of the review list; a case that was decided may be decided otherwise.
 * @throws ParkError `not-found`, `invalid-request`, `conflict`, `already-exists`
 */
export function decideReview(
  db: Database,
  who: Actor,
  { id, decision }: { readonly id: number; readonly decision: ReviewDecision },
): Promise<ReviewRow> {
  return transaction(db, async (client) => {
    const before = await lockReview(client, id);
    if (before === undefined) throw new ParkError('not-found', `There is no case ${id}.`);
    if (before.state === 'superseded') {
      throw new ParkError('conflict', 'Data that came since explains this step; there is nothing to decide.');
    }
    if (before.replacementId !== null) {
      const { deviceId, replacementId } = before;
      await withdrawReplacement(client, who, { id: replacementId, deviceId, reason: decision.reason });
    }
    const outcome = await apply(client, who, { review: before, decision });
    await writeDecision(client, { id, actor: who.actor, reason: decision.reason, ...outcome });
    await insertDue(client, 'review', [before]);
    const after = await lockReview(client, id);
    if (after === undefined) throw new Error(`Case ${id} is gone`);
    await appendAudit(client, {
      ...who,
      action: 'consumption.review',
      object: pointKey(before.deviceId, before.metric),
      reason: decision.reason,
      before: { id, state: before.state, reason: before.reason },
      after: { id, fromUs: after.fromUs, toUs: after.toUs, ...outcome },
    });
    return after;
  });
}

/** What was computed with, or without, the replacement is computed again. */
function noteReplacement(client: Queryable, { pointId, timeUs }: ReplacementRow): Promise<void> {
  return insertDue(client, 'replacement', [{ pointId, fromUs: timeUs, toUs: timeUs }]);
}

interface Outcome {
  readonly state: Exclude<ReviewState, 'superseded'>;
  readonly leftOutUs: number | null;
  readonly replacementId: number | null;
}

async function apply(
  client: DatabaseClient,
  who: Actor,
  { review, decision }: { review: ReviewRow; decision: ReviewDecision },
): Promise<Outcome> {
  switch (decision.decision) {
    case 'accept':
      return { state: 'accepted', leftOutUs: null, replacementId: null };
    case 'reopen':
      return { state: 'open', leftOutUs: null, replacementId: null };
    case 'leave-out': {
      const isEarlier = decision.sample === 'earlier';
      if ((isEarlier ? review.fromOrigin : review.toOrigin) !== 'sample') {
        throw fault('/sample', 'is a register that a person recorded; withdraw that replacement instead');
      }
      const leftOutUs = isEarlier ? review.fromUs : review.toUs;
      return { state: 'left-out', leftOutUs, replacementId: null };
    }
    case 'replacement': {
      const row = await recordReplacement(client, who, replacementFor(review, decision));
      return { state: 'replacement', leftOutUs: null, replacementId: row.id };
    }
    default:
      throw new Error('There is no such decision');
  }
}

function replacementFor(
  review: ReviewRow,
  { at, closing, opening, reason }: Extract<ReviewDecision, { decision: 'replacement' }>,
): CounterRef & Replacement & { readonly reason: string } {
  const { pointId, deviceId, metric, fromUs, toUs } = review;
  const timeUs = Date.parse(at) * 1_000;
  if (timeUs <= fromUs || timeUs > toUs) {
    throw fault('/at', 'lies after the earlier sample and not after the later one');
  }
  return { pointId, deviceId, metric, timeUs, closing, opening, reason };
}

function fault(path: string, message: string): ParkError {
  return new ParkError('invalid-request', `${path} ${message}`, [{ path, message }]);
}

function auditOf({ id, timeUs, closing, opening }: ReplacementRow): object {
  return { id, at: new Date(timeUs / 1_000).toISOString(), closing, opening };
}
