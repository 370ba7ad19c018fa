import type { Handover, HandoverState } from '#schemas/api/handover.ts';
import type { Queryable } from '#infra/postgres.ts';

/** All SQL of hand-overs of a shift. */

type Row = Omit<Handover, 'signedAt' | 'acceptedAt'> & {
  readonly signedAt: Date;
  readonly acceptedAt: Date | null;
};

const columns = `id::text as id, signed_at as "signedAt", signed_by as "signedBy", notes, state,
  accepted_at as "acceptedAt", accepted_by as "acceptedBy", accept_comment as "acceptComment"`;

function toHandover(row: Row): Handover {
  return {
    ...row,
    signedAt: row.signedAt.toISOString(),
    acceptedAt: row.acceptedAt?.toISOString() ?? null,
  };
}

export async function insertHandover(
  client: Queryable,
  row: {
    readonly atMs: number;
    readonly actor: string;
    readonly notes: Handover['notes'];
    readonly state: HandoverState;
  },
): Promise<Handover> {
  const { rows } = await client.query<Row>(
    `insert into shift_handover (signed_at, signed_by, notes, state)
     values (to_timestamp($1::float8 / 1000), $2, $3::jsonb, $4::jsonb) returning ${columns}`,
    [row.atMs, row.actor, JSON.stringify(row.notes), JSON.stringify(row.state)],
  );
  const [written] = rows;
  if (written === undefined) throw new Error('A hand-over was not written');
  return toHandover(written);
}

/** Newest first. */
export async function listHandovers(
  db: Queryable,
  request: { readonly before: number | null; readonly limit: number },
): Promise<Handover[]> {
  const { rows } = await db.query<Row>(
    `select ${columns} from shift_handover where $1::int8 is null or id < $1 order by id desc limit $2`,
    [request.before, request.limit],
  );
  return rows.map(toHandover);
}

/** Locks it for this transaction. */
export async function lockHandover(client: Queryable, id: number): Promise<Handover | undefined> {
  const { rows } = await client.query<Row>(
    `select ${columns} from shift_handover where id = $1 for no key update`,
    [id],
  );
  return rows.map(toHandover)[0];
}

export async function acceptHandover(
  client: Queryable,
  row: { readonly id: number; readonly atMs: number; readonly actor: string; readonly comment: string },
): Promise<Handover> {
  const { rows } = await client.query<Row>(
    `update shift_handover set accepted_at = to_timestamp($2::float8 / 1000), accepted_by = $3, accept_comment = $4
     where id = $1 returning ${columns}`,
    [row.id, row.atMs, row.actor, row.comment],
  );
  const [written] = rows;
  if (written === undefined) throw new Error(`Hand-over ${row.id} vanished while it was locked`);
  return toHandover(written);
}
