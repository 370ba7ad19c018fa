import type { Queryable } from '#infra/postgres.ts';

/** All SQL of invitations. Of a link only the SHA-256 of its token is kept. */

export interface InvitationRow {
  readonly id: string;
  readonly userId: string;
  readonly username: string;
  readonly displayName: string;
  /** When the account ends. */
  readonly accountEndsAt: Date | null;
  readonly email: string | null;
  readonly invitedBy: string;
  readonly invitedAt: Date;
  /** Of the link. */
  readonly expiresAt: Date;
  readonly usedAt: Date | null;
  readonly revokedAt: Date | null;
}

const columns = `i.id, i.user_id as "userId", u.username, u.display_name as "displayName",
  u.expires_at as "accountEndsAt", i.email, i.invited_by as "invitedBy", i.invited_at as "invitedAt",
  i.expires_at as "expiresAt", i.used_at as "usedAt", i.revoked_at as "revokedAt"`;

export async function insertInvitation(
  client: Queryable,
  invitation: Pick<InvitationRow, 'userId' | 'email' | 'invitedBy' | 'invitedAt' | 'expiresAt'> & {
    readonly hash: Buffer;
  },
): Promise<string> {
  const { userId, hash, email, invitedBy, invitedAt, expiresAt } = invitation;
  const { rows } = await client.query<{ id: string }>(
    `insert into invitation (user_id, token_hash, email, invited_by, invited_at, expires_at)
     values ($1, $2, $3, $4, $5, $6) returning id`,
    [userId, hash, email, invitedBy, invitedAt, expiresAt],
  );
  return rows[0]?.id ?? '';
}

/** Newest first. */
export async function listInvitations(client: Queryable, limit: number): Promise<InvitationRow[]> {
  const { rows } = await client.query<InvitationRow>(
    `select ${columns} from invitation i join park_user u on u.id = i.user_id
     order by i.invited_at desc, i.id limit $1`,
    [limit],
  );
  return rows;
}

export async function readInvitation(client: Queryable, id: string): Promise<InvitationRow | undefined> {
  const { rows } = await client.query<InvitationRow>(
    `select ${columns} from invitation i join park_user u on u.id = i.user_id where i.id = $1`,
    [id],
  );
  return rows[0];
}

/** Uses a link up: of two at once one gets its invitation. */
export async function useInvitation(
  client: Queryable,
  { hash, now }: { readonly hash: Buffer; readonly now: Date },
): Promise<{ readonly userId: string } | undefined> {
  const { rows } = await client.query<{ userId: string }>(
    `update invitation set used_at = $2
     where token_hash = $1 and used_at is null and revoked_at is null and expires_at > $2
     returning user_id as "userId"`,
    [hash, now],
  );
  return rows[0];
}

/** False when it was revoked before. */
export async function revokeInvitation(client: Queryable, id: string, now: Date): Promise<boolean> {
  const { rowCount } = await client.query(
    'update invitation set revoked_at = $2 where id = $1 and revoked_at is null',
    [id, now],
  );
  return rowCount === 1;
}
