import type { Clock } from '#infra/clock.ts';
import { appendAudit } from '#infra/journal.ts';
import { transaction, type Database } from '#infra/postgres.ts';
import { ParkError } from '#schemas/errors.ts';
import { verifyPassword } from './passwords.ts';
import { addressKey, policy, userKey, waitMs } from './policy.ts';
import {
  countAttempts,
  findUser,
  findUserByName,
  forgiveAttempts,
  insertSession,
  lockAttempts,
  noteLogin,
  pruneSessions,
  type UserRow,
} from './store.ts';
import { newToken } from './tokens.ts';

/** Too many attempts; `retryAfterS` goes into the Retry-After header. */
export class ThrottledError extends ParkError {
  readonly retryAfterS: number;

  constructor(waitForMs: number) {
    const retryAfterS = Math.ceil(waitForMs / 1_000);
    super('too-many-requests', `Too many attempts failed; try again in ${retryAfterS} s.`);
    this.retryAfterS = retryAfterS;
  }
}

export interface LoginResult {
  readonly user: UserRow;
  readonly token: string;
  readonly sessionId: string;
  readonly expiresAt: Date;
}

/**
 * Checks a password and begins a session. The answer to a wrong name and to a wrong password is the same, in words and
 * in time.
 * @throws ParkError `bad-credentials`; ThrottledError
 */
export async function login(
  deps: { db: Database; clock: Clock },
  attempt: { username: string; password: string; address: string; userAgent: string },
): Promise<LoginResult> {
  const username = attempt.username.trim().toLowerCase();
  const keys = [userKey(username), addressKey(attempt.address)] as const;
  await reserveAttempt(deps, keys);
  const user = await findUserByName(deps.db, username);
  const right = await verifyPassword(attempt.password, user?.passwordHash ?? null);
  if (!right || user === undefined || user.disabled) throw wrong();
  const now = new Date(deps.clock.nowMs());
  refuseExpired(user, now);
  const { text: token, hash } = newToken('session');
  const expiresAt = new Date(now.getTime() + policy.sessionAbsoluteMs);
  return transaction(deps.db, async (client) => {
    const locked = await findUser(client, user.id, true);
    // Disabled, or given another password, while the hash was computed.
    if (locked === undefined || locked.disabled || locked.passwordHash !== user.passwordHash) throw wrong();
    await forgiveAttempts(client, ...keys);
    const { address, userAgent } = attempt;
    const sessionId = await insertSession(client, {
      userId: user.id,
      hash,
      now,
      expiresAt,
      address,
      userAgent,
    });
    await pruneSessions(client, user.id, now);
    await noteLogin(client, user.id, now);
    await appendAudit(client, {
      actor: user.username,
      action: 'session.begin',
      object: user.username,
      address,
    });
    return { user: { ...locked, lastLoginAt: now }, token, sessionId, expiresAt };
  });
}

/**
 * Counts one attempt before it is tried, so that attempts side by side cannot all be the first.
 * @throws ThrottledError when a key has to wait
 */
export async function reserveAttempt(
  deps: { db: Database; clock: Clock },
  keys: readonly string[],
): Promise<void> {
  const now = new Date(deps.clock.nowMs());
  const wait = await transaction(deps.db, async (client) => {
    const rows = await lockAttempts(client, keys, now);
    const longest = Math.max(0, ...rows.map((row) => waitMs(row, now.getTime())));
    if (longest === 0) await countAttempts(client, keys, now);
    return longest;
  });
  if (wait > 0) throw new ThrottledError(wait);
}

function wrong(): ParkError {
  return new ParkError('bad-credentials', 'User name or password is wrong.');
}

/** Told only to who knows the password. */
function refuseExpired(user: UserRow, now: Date): void {
  if (user.expiresAt !== null && user.expiresAt <= now) {
    throw new ParkError('bad-credentials', 'The account has ended; ask an administrator.');
  }
  if (user.oneTimeExpiresAt !== null && user.oneTimeExpiresAt <= now) {
    throw new ParkError(
      'bad-credentials',
      'The one-time password is no longer good; ask an administrator for another.',
    );
  }
}
