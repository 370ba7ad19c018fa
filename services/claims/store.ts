import type { Queryable } from '#infra/postgres.ts';
import type { ClaimContent } from '#schemas/claim.ts';
import type { DocumentRef } from '#schemas/api/registers.ts';
import type { Provenance } from '#schemas/reading.ts';

/** All SQL of claims. Days are `YYYY-MM-DD` in the park's zone, both included. */

export interface ClaimRow {
  readonly id: number;
  readonly rubricId: string;
  readonly item: string;
  readonly content: ClaimContent;
  readonly statement: string;
  readonly documents: readonly (DocumentRef & { readonly bytes: number })[];
  readonly from: string;
  readonly until: string;
  readonly sha256: string;
  readonly authorId: string;
  readonly author: string;
  readonly provenance: Provenance;
  readonly claimedAt: Date;
  readonly state: 'pending' | 'approved' | 'refused' | 'withdrawn';
  readonly decider: string | null;
  readonly decidedAt: Date | null;
  readonly decisionReason: string | null;
  readonly withdrawnBy: string | null;
  readonly withdrawnAt: Date | null;
  readonly withdrawalReason: string | null;
}

const columns = `c.id, c.rubric_id as "rubricId", c.item, c.content, c.statement,
  coalesce((select jsonb_agg(jsonb_build_object('sha256', a.sha256, 'bytes', a.bytes, 'name', d.name)
              order by a.sha256)
            from jsonb_to_recordset(c.documents) d(sha256 text, name text)
            join attachment a on a.sha256 = d.sha256), '[]') as documents,
  c.valid_from::text as "from", c.valid_until::text as until, c.sha256, c.author_id as "authorId", c.author, c.provenance,
  c.claimed_at as "claimedAt", c.state, c.decider, c.decided_at as "decidedAt",
  c.decision_reason as "decisionReason", c.withdrawn_by as "withdrawnBy", c.withdrawn_at as "withdrawnAt",
  c.withdrawal_reason as "withdrawalReason"`;

export async function insertClaim(
  client: Queryable,
  claim: {
    readonly rubricId: string;
    readonly item: string;
    readonly content: ClaimContent;
    readonly statement: string;
    readonly documents: readonly DocumentRef[];
    readonly from: string;
    readonly until: string;
    readonly sha256: string;
    readonly authorId: string;
    readonly author: string;
    readonly provenance: Provenance;
    readonly nowMs: number;
  },
): Promise<number | undefined> {
  const { rows } = await client.query<{ id: number }>(
    `insert into claim (rubric_id, item, content, statement, documents, valid_from, valid_until, sha256,
       author_id, author, claimed_at, provenance)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
     on conflict (rubric_id, item) where state = 'pending' do nothing returning id`,
    [
      claim.rubricId,
      claim.item,
      JSON.stringify(claim.content),
      claim.statement,
      JSON.stringify(claim.documents),
      claim.from,
      claim.until,
      claim.sha256,
      claim.authorId,
      claim.author,
      new Date(claim.nowMs),
      claim.provenance,
    ],
  );
  return rows[0]?.id;
}

export async function readClaim(client: Queryable, id: number): Promise<ClaimRow | undefined> {
  const { rows } = await client.query<ClaimRow>(`select ${columns} from claim c where c.id = $1`, [id]);
  return rows[0];
}

/** Newest first. */
export async function listClaims(
  db: Queryable,
  query: {
    readonly rubricId: string | null;
    readonly item: string | null;
    readonly state: string | null;
    readonly beforeId: number | null;
    readonly limit: number;
  },
): Promise<ClaimRow[]> {
  const { rows } = await db.query<ClaimRow>(
    `select ${columns} from claim c
     where ($1::text is null or c.rubric_id = $1) and ($2::text is null or c.item = $2)
       and ($3::text is null or c.state = $3) and ($4::int8 is null or c.id < $4)
     order by c.id desc limit $5`,
    [query.rubricId, query.item, query.state, query.beforeId, query.limit],
  );
  return rows;
}

/** A pending claim gets its decision, once. @returns false when it is not pending any more */
export async function decideClaim(
  client: Queryable,
  decision: {
    readonly id: number;
    readonly state: 'approved' | 'refused';
    readonly deciderId: string;
    readonly decider: string;
    readonly reason: string | null;
    readonly nowMs: number;
  },
): Promise<boolean> {
  const { rowCount } = await client.query(
    `update claim set state = $2, decider_id = $3, decider = $4, decision_reason = $5, decided_at = $6
     where id = $1 and state = 'pending'`,
    [
      decision.id,
      decision.state,
      decision.deciderId,
      decision.decider,
      decision.reason,
      new Date(decision.nowMs),
    ],
  );
  return rowCount === 1;
}

/** @returns false when it is neither pending nor approved */
export async function withdrawClaim(
  client: Queryable,
  withdrawal: {
    readonly id: number;
    readonly actor: string;
    readonly reason: string;
    readonly nowMs: number;
  },
): Promise<boolean> {
  const { rowCount } = await client.query(
    `update claim set state = 'withdrawn', withdrawn_by = $2, withdrawal_reason = $3, withdrawn_at = $4
     where id = $1 and state in ('pending', 'approved')`,
    [withdrawal.id, withdrawal.actor, withdrawal.reason, new Date(withdrawal.nowMs)],
  );
  return rowCount === 1;
}

/** The newest claims of each item of a rubric, newest first. */
export async function readNewestClaims(
  db: Queryable,
  query: { readonly rubricId: string; readonly each: number },
): Promise<ClaimRow[]> {
  const { rows } = await db.query<ClaimRow>(
    `select ${columns}
     from (select *, row_number() over (partition by item order by id desc) as place
           from claim where rubric_id = $1) c
     where c.place <= $2 order by c.item, c.id desc`,
    [query.rubricId, query.each],
  );
  return rows;
}
