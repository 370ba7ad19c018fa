import type { Session, User } from '#schemas/api/people.ts';
import type { Queryable } from '#infra/postgres.ts';
import type { Role } from '#schemas/roles.ts';
import { policy, type AttemptRow } from './policy.ts';

/** A user as stored. */
export interface UserRow {
  readonly id: string;
  readonly username: string;
  readonly displayName: string;
  readonly role: Role;
  readonly passwordHash: string;
  readonly mustChangePassword: boolean;
  readonly oneTimeExpiresAt: Date | null;
  readonly disabled: boolean;
  readonly expiresAt: Date | null;
  readonly createdAt: Date;
  readonly lastLoginAt: Date | null;
}

const userColumns = `id, username, display_name as "displayName", role, password_hash as "passwordHash",
  must_change_password as "mustChangePassword", one_time_expires_at as "oneTimeExpiresAt", disabled,
  expires_at as "expiresAt", created_at as "createdAt", last_login_at as "lastLoginAt"`;

/** The user as the API shows it: nothing of the password. */
export function toUser(row: UserRow): User {
  return {
    id: row.id,
    username: row.username,
    displayName: row.displayName,
    role: row.role,
    disabled: row.disabled,
    mustChangePassword: row.mustChangePassword,
    createdAt: row.createdAt.toISOString(),
    lastLoginAt: row.lastLoginAt?.toISOString() ?? null,
    expiresAt: row.expiresAt?.toISOString() ?? null,
  };
}

/** Users in the order of their names, after `cursor`. */
export async function listUsers(db: Queryable, page: { limit: number; after: string }): Promise<UserRow[]> {
  const { rows } = await db.query<UserRow>(
    `select ${userColumns} from park_user where username > $1 order by username limit $2`,
    [page.after, page.limit],
  );
  return rows;
}

export async function findUserByName(db: Queryable, username: string): Promise<UserRow | undefined> {
  const { rows } = await db.query<UserRow>(`select ${userColumns} from park_user where username = $1`, [
    username,
  ]);
  return rows[0];
}

/** @param lock keeps the row as it is until the transaction ends */
export async function findUser(db: Queryable, id: string, lock = false): Promise<UserRow | undefined> {
  const { rows } = await db.query<UserRow>(
    lock
      ? `select ${userColumns} from park_user where id::text = $1 for update`
      : `select ${userColumns} from park_user where id::text = $1`,
    [id],
  );
  return rows[0];
}

export async function hasUsers(db: Queryable): Promise<boolean> {
  const { rows } = await db.query('select 1 from park_user limit 1');
  return rows.length > 0;
}

/** Undefined when the name is taken. */
export async function insertUser(
  db: Queryable,
  user: Pick<
    UserRow,
    'username' | 'displayName' | 'role' | 'passwordHash' | 'oneTimeExpiresAt' | 'expiresAt'
  > & {
    now: Date;
  },
): Promise<UserRow | undefined> {
  const { rows } = await db.query<UserRow>(
    `insert into park_user (username, display_name, role, password_hash, must_change_password,
       one_time_expires_at, expires_at, created_at)
     values ($1, $2, $3, $4, $5::timestamptz is not null, $5, $6, $7)
     on conflict (username) do nothing returning ${userColumns}`,
    [
      user.username,
      user.displayName,
      user.role,
      user.passwordHash,
      user.oneTimeExpiresAt,
      user.expiresAt,
      user.now,
    ],
  );
  return rows[0];
}

export async function updateUser(
  db: Queryable,
  id: string,
  next: Pick<UserRow, 'displayName' | 'role' | 'disabled' | 'expiresAt'>,
): Promise<UserRow | undefined> {
  const { rows } = await db.query<UserRow>(
    `update park_user set display_name = $2, role = $3, disabled = $4, expires_at = $5
     where id = $1 returning ${userColumns}`,
    [id, next.displayName, next.role, next.disabled, next.expiresAt],
  );
  return rows[0];
}

/** @param oneTimeExpiresAt null for a password that its owner chose */
export async function setPassword(
  db: Queryable,
  id: string,
  password: { hash: string; oneTimeExpiresAt: Date | null },
): Promise<UserRow | undefined> {
  const { rows } = await db.query<UserRow>(
    `update park_user set password_hash = $2, must_change_password = $3::timestamptz is not null,
       one_time_expires_at = $3
     where id = $1 returning ${userColumns}`,
    [id, password.hash, password.oneTimeExpiresAt],
  );
  return rows[0];
}

export async function noteLogin(db: Queryable, id: string, now: Date): Promise<void> {
  await db.query('update park_user set last_login_at = $2 where id = $1', [id, now]);
}

/** Locks every admin who can act at `now`, so that two cannot demote each other at once. */
export async function lockActiveAdmins(db: Queryable, now: Date): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `select id from park_user
     where role = 'admin' and not disabled and (expires_at is null or expires_at > $1)
     order by id for update`,
    [now],
  );
  return rows.map((row) => row.id);
}

export interface SessionRow extends Pick<UserRow, 'username' | 'role' | 'mustChangePassword'> {
  readonly sessionId: string;
  readonly userId: string;
  readonly lastSeenAt: Date;
}

/** The session of a token, when it and its user still count at `now`. */
export async function findSession(db: Queryable, hash: Buffer, now: Date): Promise<SessionRow | undefined> {
  const { rows } = await db.query<SessionRow>(
    `select s.id as "sessionId", u.id as "userId", u.username, u.role,
       u.must_change_password as "mustChangePassword", s.last_seen_at as "lastSeenAt"
     from session s join park_user u on u.id = s.user_id
     where s.token_hash = $1 and s.expires_at > $2 and s.last_seen_at > $3
       and not u.disabled and (u.expires_at is null or u.expires_at > $2)`,
    [hash, now, new Date(now.getTime() - policy.sessionIdleMs)],
  );
  return rows[0];
}

export async function touchSession(db: Queryable, id: string, now: Date): Promise<void> {
  await db.query('update session set last_seen_at = $2 where id = $1 and last_seen_at < $2', [id, now]);
}

export async function insertSession(
  db: Queryable,
  session: { userId: string; hash: Buffer; now: Date; expiresAt: Date; address: string; userAgent: string },
): Promise<string> {
  const { rows } = await db.query<{ id: string }>(
    `insert into session (user_id, token_hash, created_at, last_seen_at, expires_at, address, user_agent)
     values ($1, $2, $3, $3, $4, $5, $6) returning id`,
    [session.userId, session.hash, session.now, session.expiresAt, session.address, session.userAgent],
  );
  return rows[0]?.id ?? '';
}

/** Deletes what is over, and the oldest of a user beyond the limit. */
export async function pruneSessions(db: Queryable, userId: string, now: Date): Promise<void> {
  await db.query(
    `delete from session where expires_at <= $2 or last_seen_at <= $3 or id in (
       select id from session where user_id = $1 order by last_seen_at desc offset $4)`,
    [userId, now, new Date(now.getTime() - policy.sessionIdleMs), policy.sessionsPerUser],
  );
}

/** Sessions that still count, the latest first; of one user, or of everybody with null. */
export async function listSessions(
  db: Queryable,
  query: { userId: string | null; now: Date; currentId: string | null },
): Promise<Session[]> {
  const { rows } = await db.query<
    Omit<Session, 'createdAt' | 'lastSeenAt' | 'expiresAt'> &
      Record<'createdAt' | 'lastSeenAt' | 'expiresAt', Date>
  >(
    `select s.id, s.user_id as "userId", u.username, s.created_at as "createdAt", s.last_seen_at as "lastSeenAt",
       least(s.expires_at, s.last_seen_at + $3 * interval '1 millisecond') as "expiresAt", s.address,
       s.user_agent as "userAgent", s.id::text is not distinct from $4 as current
     from session s join park_user u on u.id = s.user_id
     where ($1::text is null or s.user_id::text = $1)
       and s.expires_at > $2 and s.last_seen_at > $2 - $3 * interval '1 millisecond'
     order by s.last_seen_at desc, s.id limit 1000`,
    [query.userId, query.now, policy.sessionIdleMs, query.currentId],
  );
  return rows.map((row) => ({
    ...row,
    createdAt: row.createdAt.toISOString(),
    lastSeenAt: row.lastSeenAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
  }));
}

/** @returns whose session it was; undefined when there is none, or it is not `ownerId`'s (null: anybody's) */
export async function deleteSession(
  db: Queryable,
  id: string,
  ownerId: string | null,
): Promise<{ userId: string } | undefined> {
  const { rows } = await db.query<{ userId: string }>(
    `delete from session where id::text = $1 and ($2::text is null or user_id::text = $2)
     returning user_id as "userId"`,
    [id, ownerId],
  );
  return rows[0];
}

/** Ends a user's sessions, all but `keepId`. @returns how many */
export async function deleteSessionsOf(
  db: Queryable,
  userId: string,
  keepId: string | null,
): Promise<number> {
  const { rowCount } = await db.query(
    'delete from session where user_id = $1 and id::text is distinct from $2',
    [userId, keepId],
  );
  return rowCount ?? 0;
}

/**
 * Counts attempts of the keys, unless one of them has to wait; the rows stay locked until the transaction ends, so
 * that attempts side by side are counted one by one.
 */
export async function lockAttempts(db: Queryable, keys: readonly string[], now: Date): Promise<AttemptRow[]> {
  const sorted = keys.toSorted();
  await db.query(
    `insert into login_attempt (key, failures, last_at) select key, 0, $2 from unnest($1::text[]) key
     on conflict do nothing`,
    [sorted, now],
  );
  const { rows } = await db.query<{ key: string; failures: number; lastAt: Date }>(
    `select key, failures, last_at as "lastAt" from login_attempt where key = any($1) order by key for update`,
    [sorted],
  );
  return rows.map((row) => ({ key: row.key, failures: row.failures, lastAtMs: row.lastAt.getTime() }));
}

export async function countAttempts(db: Queryable, keys: readonly string[], now: Date): Promise<void> {
  const oldest = new Date(now.getTime() - policy.attemptWindowMs);
  await db.query(
    `update login_attempt set failures = case when last_at < $3 then 1 else failures + 1 end, last_at = $2
     where key = any($1)`,
    [keys, now, oldest],
  );
  await db.query('delete from login_attempt where last_at < $1', [oldest]);
}

/** A login succeeded: the name starts afresh, the address gets its one attempt back. */
export async function forgiveAttempts(db: Queryable, user: string, address: string): Promise<void> {
  await db.query('delete from login_attempt where key = $1', [user]);
  await db.query('update login_attempt set failures = greatest(failures - 1, 0) where key = $1', [address]);
}
