import type { SignedAssessment, SignOff } from '#schemas/api/assessment.ts';
import type { Queryable } from '#infra/postgres.ts';
import type { AssessmentRun } from '../assess.ts';
import { changedSince } from './sign-off.ts';
import { listSignOffs, type SignOffRow } from './store.ts';

/** A sign-off as the API shows it. */
export function toSignOff({ id, content, seq, hash }: SignOffRow): SignOff {
  const { rubric, edition, period, total, demo, head, name, statement, by, at } = content;
  const { from, to } = period;
  return {
    id: String(id),
    rubricId: rubric,
    edition,
    from,
    to,
    ...total,
    demo,
    head,
    seq,
    hash,
    name,
    statement,
    by,
    at,
  };
}

/** The newest sign-off of exactly the run's period, with the items that earn something else now. */
export async function shownSignOff(
  client: Queryable,
  run: AssessmentRun,
): Promise<SignedAssessment['signOff']> {
  const [row] = await listSignOffs(client, { rubricId: run.rubric.id, period: run, limit: 1 });
  return row === undefined ? null : { ...toSignOff(row), changed: changedSince(row.content, run) };
}
