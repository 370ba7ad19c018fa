import type { z } from 'zod';
import type { AuditEntry } from '#infra/journal.ts';
import type { Queryable } from '#infra/postgres.ts';
import type { auditEntrySchema } from '#schemas/api/people.ts';

/** Audit entries below `before` (an id), newest first. */
export async function listAudit(
  db: Queryable,
  query: {
    before: number | null;
    limit: number;
    actor: string | null;
    action: string | null;
    object: string | null;
  },
): Promise<z.infer<typeof auditEntrySchema>[]> {
  const { rows } = await db.query<{ id: number; at: Date; body: AuditEntry; seq: number | null }>(
    `select id, at, body::json as body, seq from journal
     where journal = 'audit' and ($1::bigint is null or id < $1)
       and ($3::text is null or body::json ->> 'actor' = $3)
       and ($4::text is null or body::json ->> 'action' = $4)
       and ($5::text is null or body::json ->> 'object' = $5)
     order by id desc limit $2`,
    [query.before, query.limit, query.actor, query.action, query.object],
  );
  return rows.map(({ id, at, body, seq }) => ({
    id: String(id),
    at: at.toISOString(),
    actor: body.actor,
    action: body.action,
    object: body.object,
    reason: body.reason ?? null,
    before: body.before ?? null,
    after: body.after ?? null,
    seq,
  }));
}
