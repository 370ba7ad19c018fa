import type { Clock } from '#infra/clock.ts';
import { appendAudit, appendJournal } from '#infra/journal.ts';
import { transaction, type Database } from '#infra/postgres.ts';
import { ParkError } from '#schemas/errors.ts';
import type { Score } from '#schemas/assessment.ts';
import type { AssessmentRun, MeasuredItem } from '../assess.ts';
import { iso } from '../collect.ts';
import { mayStand } from '../score.ts';
import { insertDecision } from './store.ts';

/** Who acts, for the audit. */
export interface Assessor {
  readonly userId: string;
  readonly actor: string;
  readonly address: string;
}

export interface DecisionGround {
  readonly db: Database;
  readonly clock: Clock;
  readonly parkId: string;
}

/** The form of a decision's row in the evidence journal; docs/evidence-format.md tells it. */
export const decisionVersion = 'parkwatch-decision-v1';

/** Why so many points may not be decided on; null when they may. Pure. */
export function refusalOf(earned: Score, points: number): { path: string; message: string } | null {
  const range = earned.points;
  const fault = (message: string) => ({ path: '/points', message });
  if (range === null)
    return fault('cannot be decided on: too little is known, and nothing is earned by that');
  if (range.min === range.max) return fault(`are ${range.max}: the rubric leaves no range to decide in`);
  if (!mayStand(earned, points)) return fault(`lie between ${range.min} and ${range.max}`);
  return null;
}

/**
 * Decides on the points of an item inside the range that the rubric leaves, or takes the decision back.
 * @param run of exactly the period that is decided on, measured now
 * @throws ParkError `invalid-request` outside the range, or where none is left; `conflict` when there is nothing to take back
 */
export function decide(
  { db, clock, parkId }: DecisionGround,
  run: AssessmentRun,
  asked: {
    readonly item: string;
    /** Null takes back. */
    readonly points: number | null;
    readonly reason: string;
    readonly person: Assessor;
  },
): Promise<void> {
  const { item, points, reason, person } = asked;
  const entry = run.measured.find((measured) => measured.item.id === item);
  if (entry === undefined) {
    throw new ParkError(
      'conflict',
      `${item} has no measure: claim it, so that it leaves a range to decide in`,
    );
  }
  const range = rangeOf(entry, points);
  const { id: rubricId, edition } = run.rubric;
  const nowMs = clock.nowMs();
  const body = {
    v: decisionVersion,
    park: parkId,
    rubric: rubricId,
    edition,
    item,
    period: { from: iso(run.fromMs), to: iso(run.toMs), timeZone: run.timeZone },
    range,
    points,
    reason,
    by: person.actor,
    at: iso(nowMs),
  };
  return transaction(db, async (client) => {
    const id = await appendJournal(client, 'evidence', body);
    const { fromMs, toMs } = run;
    const by = { authorId: person.userId, author: person.actor };
    await insertDecision(client, {
      id,
      rubricId,
      edition,
      fromMs,
      toMs,
      item,
      points,
      range,
      reason,
      ...by,
      nowMs,
    });
    await appendAudit(client, {
      actor: person.actor,
      address: person.address,
      action: points === null ? 'decision.withdraw' : 'decision.make',
      object: `${rubricId}/${item}`,
      reason,
      after: { period: body.period, range, points },
    });
  });
}

function rangeOf({ score: earned, decision, item }: MeasuredItem, points: number | null) {
  if (points !== null) {
    const refusal = refusalOf(earned, points);
    if (refusal !== null) {
      throw new ParkError('invalid-request', `The points of ${item.id} ${refusal.message}`, [refusal]);
    }
  } else if ((decision?.points ?? null) === null) {
    throw new ParkError('conflict', `Nothing is decided on ${item.id} for this period`);
  }
  return earned.points ?? { min: 0, max: 0 };
}
