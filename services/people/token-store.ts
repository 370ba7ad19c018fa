import type { Queryable } from '#infra/postgres.ts';
import type { Token } from '#schemas/api/people.ts';
import type { Role, TokenScope } from '#schemas/roles.ts';

type TokenRow = Omit<Token, 'createdAt' | 'expiresAt' | 'lastUsedAt'> & {
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly lastUsedAt: Date | null;
};

const tokenColumns = `t.id, t.name, u.username as owner, t.scopes, t.created_at as "createdAt",
  t.expires_at as "expiresAt", t.last_used_at as "lastUsedAt"`;

function toToken(row: TokenRow): Token {
  return {
    ...row,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
  };
}

/** API tokens by id after `after`; of one owner, or of everybody with null. Expired ones are listed too. */
export async function listTokens(
  db: Queryable,
  query: { ownerId: string | null; after: string; limit: number },
): Promise<Token[]> {
  const { rows } = await db.query<TokenRow>(
    `select ${tokenColumns} from api_token t join park_user u on u.id = t.user_id
     where ($1::text is null or t.user_id::text = $1) and t.id::text > $2 order by t.id::text limit $3`,
    [query.ownerId, query.after, query.limit],
  );
  return rows.map(toToken);
}

export async function countTokens(db: Queryable, ownerId: string): Promise<number> {
  const { rows } = await db.query<{ count: number }>('select count(*) from api_token where user_id = $1', [
    ownerId,
  ]);
  return rows[0]?.count ?? 0;
}

export async function insertToken(
  db: Queryable,
  token: {
    userId: string;
    name: string;
    hash: Buffer;
    scopes: readonly TokenScope[];
    now: Date;
    expiresAt: Date;
  },
): Promise<Token | undefined> {
  const { rows } = await db.query<TokenRow>(
    `with t as (insert into api_token (user_id, name, secret_hash, scopes, created_at, expires_at)
       values ($1, $2, $3, $4, $5, $6) returning *)
     select ${tokenColumns} from t join park_user u on u.id = t.user_id`,
    [token.userId, token.name, token.hash, token.scopes, token.now, token.expiresAt],
  );
  return rows[0] === undefined ? undefined : toToken(rows[0]);
}

/** @param ownerId null: anybody's */
export async function deleteToken(
  db: Queryable,
  id: string,
  ownerId: string | null,
): Promise<{ name: string; userId: string } | undefined> {
  const { rows } = await db.query<{ name: string; userId: string }>(
    `delete from api_token where id::text = $1 and ($2::text is null or user_id::text = $2)
     returning name, user_id as "userId"`,
    [id, ownerId],
  );
  return rows[0];
}

export interface TokenPrincipalRow {
  readonly id: string;
  readonly name: string;
  /** User name. */
  readonly owner: string;
  readonly userId: string;
  readonly role: Role;
  readonly mustChangePassword: boolean;
  readonly scopes: readonly TokenScope[];
  readonly lastUsedAt: Date | null;
}

/** The token of a secret, when it and its owner still count at `now`. */
export async function findToken(
  db: Queryable,
  hash: Buffer,
  now: Date,
): Promise<TokenPrincipalRow | undefined> {
  const { rows } = await db.query<TokenPrincipalRow>(
    `select t.id, t.name, u.username as owner, u.id as "userId", u.role, u.must_change_password as "mustChangePassword", t.scopes,
       t.last_used_at as "lastUsedAt"
     from api_token t join park_user u on u.id = t.user_id
     where t.secret_hash = $1 and t.expires_at > $2 and not u.disabled
       and (u.expires_at is null or u.expires_at > $2)`,
    [hash, now],
  );
  return rows[0];
}

export async function touchToken(db: Queryable, id: string, now: Date): Promise<void> {
  await db.query('update api_token set last_used_at = $2 where id = $1', [id, now]);
}
