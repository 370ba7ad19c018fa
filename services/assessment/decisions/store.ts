import type { Queryable } from '#infra/postgres.ts';
import type { PointRange } from '#schemas/rubric.ts';
import type { SignOffBody } from './sign-off.ts';

/** All SQL of what assessors decide and sign. Ids are those of the journal `evidence`. */

export interface DecisionRow {
  readonly id: number;
  readonly item: string;
  /** Null takes back the one before. */
  readonly points: number | null;
  /** What was computed when it was decided. */
  readonly rangeMin: number;
  readonly rangeMax: number;
  readonly reason: string;
  readonly author: string;
  readonly decidedAt: Date;
}

export interface PeriodKey {
  readonly rubricId: string;
  readonly edition: string;
  readonly fromMs: number;
  readonly toMs: number;
}

const columns = `id, item, points, range_min as "rangeMin", range_max as "rangeMax", reason, author,
  decided_at as "decidedAt"`;

/** The newest decision of each item of exactly this period, as it was known at `asOfMs`. */
export async function readDecisions(
  client: Queryable,
  { rubricId, edition, fromMs, toMs, asOfMs }: PeriodKey & { readonly asOfMs: number },
): Promise<Map<string, DecisionRow>> {
  const { rows } = await client.query<DecisionRow>(
    `select distinct on (item) ${columns} from assessor_decision
     where rubric_id = $1 and edition = $2 and from_time = $3 and to_time = $4 and decided_at <= $5
     order by item, id desc`,
    [rubricId, edition, new Date(fromMs), new Date(toMs), new Date(asOfMs)],
  );
  return new Map(rows.map((row) => [row.item, row]));
}

/** Every decision of an item for exactly this period, newest first. */
export async function listDecisions(
  client: Queryable,
  {
    rubricId,
    edition,
    fromMs,
    toMs,
    item,
    limit,
  }: PeriodKey & { readonly item: string; readonly limit: number },
): Promise<DecisionRow[]> {
  const { rows } = await client.query<DecisionRow>(
    `select ${columns} from assessor_decision
     where rubric_id = $1 and edition = $2 and from_time = $3 and to_time = $4 and item = $5
     order by id desc limit $6`,
    [rubricId, edition, new Date(fromMs), new Date(toMs), item, limit],
  );
  return rows;
}

export async function insertDecision(
  client: Queryable,
  decision: PeriodKey & {
    readonly id: number;
    readonly item: string;
    readonly points: number | null;
    readonly range: PointRange;
    readonly reason: string;
    readonly authorId: string;
    readonly author: string;
    readonly nowMs: number;
  },
): Promise<void> {
  const { id, rubricId, edition, fromMs, toMs, item, points, range, reason } = decision;
  await client.query(
    `insert into assessor_decision (id, rubric_id, edition, item, from_time, to_time, points, range_min, range_max,
       reason, author_id, author, decided_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
    [
      id,
      rubricId,
      edition,
      item,
      new Date(fromMs),
      new Date(toMs),
      points,
      range.min,
      range.max,
      reason,
      decision.authorId,
      decision.author,
      new Date(decision.nowMs),
    ],
  );
}

export interface SignOffRow {
  readonly id: number;
  readonly content: SignOffBody;
  readonly seq: number | null;
  readonly hash: string | null;
}

/** Sign-offs of a rubric, newest first: of exactly one period, or of any. */
export async function listSignOffs(
  client: Queryable,
  query: {
    readonly rubricId: string;
    readonly period: { readonly fromMs: number; readonly toMs: number } | null;
    readonly limit: number;
  },
): Promise<SignOffRow[]> {
  const { rubricId, period, limit } = query;
  const { rows } = await client.query<SignOffRow>(
    `select s.id, s.content, j.seq, j.hash
     from assessment_sign_off s join journal j on j.journal = 'evidence' and j.id = s.id
     where s.rubric_id = $1 and ($2::timestamptz is null or (s.from_time = $2 and s.to_time = $3::timestamptz))
     order by s.id desc limit $4`,
    [
      rubricId,
      period === null ? null : new Date(period.fromMs),
      period === null ? null : new Date(period.toMs),
      limit,
    ],
  );
  return rows;
}

export async function insertSignOff(
  client: Queryable,
  { id, body, signerId }: { readonly id: number; readonly body: SignOffBody; readonly signerId: string },
): Promise<void> {
  const { rubric, edition, period, by, at } = body;
  await client.query(
    `insert into assessment_sign_off (id, rubric_id, edition, from_time, to_time, content, signer_id, signer, signed_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [id, rubric, edition, period.from, period.to, JSON.stringify(body), signerId, by, at],
  );
}
