import { appendAudit, appendJournal } from '#infra/journal.ts';
import { transaction } from '#infra/postgres.ts';
import type { Total } from '#schemas/assessment.ts';
import { ParkError } from '#schemas/errors.ts';
import type { PointRange } from '#schemas/rubric.ts';
import { readChainEnd } from '#services/sealing/store.ts';
import { decidedOf, type AssessmentRun } from '../assess.ts';
import { iso } from '../collect.ts';
import { storeEvidenceIn } from '../evidence.ts';
import type { Assessor, DecisionGround } from './decide.ts';
import { insertSignOff } from './store.ts';

/** The form of a sign-off's row in the evidence journal; docs/evidence-format.md tells it field by field. */
export const signOffVersion = 'parkwatch-sign-off-v1';

export interface SignedItem {
  readonly item: string;
  /** As computed: exact, a range, or null when undetermined. */
  readonly points: PointRange | null;
  readonly decided: number | null;
  /** Of the body of the row of evidence that was stored with the signature. */
  readonly evidence: string;
}

export interface SignOffBody {
  readonly v: typeof signOffVersion;
  readonly park: string;
  readonly rubric: string;
  readonly edition: string;
  readonly period: { readonly from: string; readonly to: string; readonly timeZone: string };
  readonly total: Total;
  readonly demo: boolean;
  /** The head of the evidence journal when it was signed; null before its first row. */
  readonly head: { readonly seq: number; readonly hash: string } | null;
  readonly items: readonly SignedItem[];
  /** As the person signs. */
  readonly name: string;
  readonly statement: string;
  readonly by: string;
  readonly at: string;
}

/**
 * Signs a whole assessment: every item is stored as evidence and the signature names each, all or nothing, so that what was
 * signed can be computed anew for ever.
 * @param run of the whole rubric, measured now
 * @throws ParkError `conflict` when nothing is measured
 */
export function signOff(
  ground: DecisionGround & { readonly program: string },
  run: AssessmentRun,
  asked: { readonly name: string; readonly statement: string; readonly person: Assessor },
): Promise<{ readonly evidenceIds: readonly string[] }> {
  const { db, clock, parkId, program } = ground;
  const { name, statement, person } = asked;
  const { actor, address } = person;
  if (run.measured.length === 0) throw new ParkError('conflict', `No item of ${run.rubric.id} is measured`);
  return transaction(db, async (client) => {
    const { seq, hash } = await readChainEnd(client, 'evidence');
    const stored = await storeEvidenceIn(client, run, { parkId, program, actor, address });
    const hashes = new Map(stored.map((row) => [row.item, row.sha256]));
    const body: SignOffBody = {
      v: signOffVersion,
      park: parkId,
      rubric: run.rubric.id,
      edition: run.rubric.edition,
      period: { from: iso(run.fromMs), to: iso(run.toMs), timeZone: run.timeZone },
      total: run.total,
      demo: run.demo,
      head: seq === 0 ? null : { seq, hash },
      items: run.measured.map((entry) => ({
        item: entry.item.id,
        points: entry.score.points,
        decided: decidedOf(entry)?.points ?? null,
        evidence: hashes.get(entry.item.id) ?? '',
      })),
      name,
      statement,
      by: actor,
      at: iso(clock.nowMs()),
    };
    const id = await appendJournal(client, 'evidence', body);
    await insertSignOff(client, { id, body, signerId: person.userId });
    await appendAudit(client, {
      actor,
      address,
      action: 'assessment.sign-off',
      object: run.rubric.id,
      ...(statement === '' ? {} : { reason: statement }),
      after: { period: body.period, total: body.total, head: body.head, name },
    });
    return { evidenceIds: stored.map((row) => row.id) };
  });
}

/** Ids of the items that earn something else now than what was signed. Pure. */
export function changedSince(signed: Pick<SignOffBody, 'items'>, run: AssessmentRun): string[] {
  const before = new Map(signed.items.map((entry) => [entry.item, entry]));
  const now = run.measured.map((entry) => {
    const { points } = entry.score;
    return { item: entry.item.id, points, decided: decidedOf(entry)?.points ?? null };
  });
  const gone = signed.items.filter(({ item }) => !now.some((entry) => entry.item === item));
  const changed = now.filter(({ item, points, decided }) => {
    const was = before.get(item);
    return (
      was === undefined ||
      was.decided !== decided ||
      was.points?.min !== points?.min ||
      was.points?.max !== points?.max
    );
  });
  return [...changed, ...gone].map(({ item }) => item);
}
