import type { z } from 'zod';
import type { Clock } from '#infra/clock.ts';
import { appendAudit } from '#infra/journal.ts';
import { transaction, type Database, type Queryable } from '#infra/postgres.ts';
import type { userCreateBody, userPatchBody } from '#schemas/api/people.ts';
import { ParkError } from '#schemas/errors.ts';
import { reserveAttempt } from './login.ts';
import { hashPassword, readablePassword, verifyPassword } from './passwords.ts';
import {
  deleteSessionsOf,
  findUser,
  forgiveAttempts,
  hasUsers,
  insertUser,
  lockActiveAdmins,
  setPassword,
  toUser,
  updateUser as updateUserRow,
  type UserRow,
} from './store.ts';
import { addressKey, policy, userKey } from './policy.ts';

/** What every change of an account stands on; `actor` and `address` go into the audit. */
export interface Doing {
  readonly db: Database;
  readonly clock: Clock;
  readonly actor: string;
  readonly address?: string;
}

/** A password to hand over once; it is good until `expiresAt` and only for choosing an own one. */
export interface OneTime {
  readonly user: UserRow;
  readonly oneTimePassword: string;
  readonly expiresAt: Date;
}

/** @throws ParkError `already-exists` */
export async function createUser(doing: Doing, body: z.output<typeof userCreateBody>): Promise<OneTime> {
  const oneTime = await newOneTime(doing.clock);
  const { oneTimePassword, expiresAt } = oneTime;
  const user = await transaction(doing.db, (client) => addUser(client, doing, { ...body, oneTime }));
  return { user, oneTimePassword, expiresAt };
}

/**
 * Makes an account inside the caller's transaction.
 * @throws ParkError `already-exists`
 */
export async function addUser(
  client: Queryable,
  doing: Doing,
  wanted: z.output<typeof userCreateBody> & { readonly oneTime: Awaited<ReturnType<typeof newOneTime>> },
): Promise<UserRow> {
  const { username, displayName, role, expiresAt, oneTime } = wanted;
  const user = await insertUser(client, {
    username,
    displayName,
    role,
    passwordHash: oneTime.passwordHash,
    oneTimeExpiresAt: oneTime.expiresAt,
    expiresAt: parseInstant(expiresAt),
    now: new Date(doing.clock.nowMs()),
  });
  if (user === undefined) throw new ParkError('already-exists', `The user name ${username} is taken.`);
  await audit(client, doing, { action: 'user.create', object: user.username, after: auditable(user) });
  return user;
}

/**
 * Changes name, role, state or end of an account. Who is disabled loses the sessions at once; a role counts from the
 * next request on, since it is read with every one.
 * @throws ParkError `not-found`; `conflict` when nobody would be left who can administer
 */
export async function changeUser(
  doing: Doing,
  id: string,
  patch: z.output<typeof userPatchBody>,
): Promise<UserRow> {
  const now = new Date(doing.clock.nowMs());
  return transaction(doing.db, async (client) => {
    const admins = await lockActiveAdmins(client, now);
    const before = await mustFindUser(client, id, true);
    const expiresAt = patch.expiresAt === undefined ? before.expiresAt : parseInstant(patch.expiresAt);
    const after = await updateUserRow(client, id, {
      displayName: patch.displayName ?? before.displayName,
      role: patch.role ?? before.role,
      disabled: patch.disabled ?? before.disabled,
      expiresAt,
    });
    if (after === undefined) throw new ParkError('not-found', `There is no user ${id}.`);
    if (admins.includes(id) && admins.length === 1 && !isActiveAdmin(after, now)) {
      throw new ParkError('conflict', 'This is the last administrator; make another one first.');
    }
    if (after.disabled || hasEnded(after, now)) await deleteSessionsOf(client, id, null);
    await audit(client, doing, {
      action: actionOf(before, after),
      object: after.username,
      before: auditable(before),
      after: auditable(after),
    });
    return after;
  });
}

function actionOf(before: UserRow, after: UserRow): string {
  if (before.disabled !== after.disabled) return after.disabled ? 'user.disable' : 'user.enable';
  return 'user.update';
}

/**
 * Gives somebody a new one-time password and ends all their sessions.
 * @throws ParkError `not-found`
 */
export async function resetPassword(doing: Doing, id: string): Promise<OneTime> {
  const { oneTimePassword, passwordHash, expiresAt } = await newOneTime(doing.clock);
  return transaction(doing.db, async (client) => {
    const found = await mustFindUser(client, id, true);
    const user = await setPassword(client, found.id, { hash: passwordHash, oneTimeExpiresAt: expiresAt });
    if (user === undefined) throw new ParkError('not-found', `There is no user ${id}.`);
    await deleteSessionsOf(client, id, null);
    await forgiveAttempts(client, userKey(user.username), '');
    await audit(client, doing, { action: 'user.reset-password', object: user.username });
    return { user, oneTimePassword, expiresAt };
  });
}

/**
 * Replaces one's own password; every other session of the user ends.
 * @param options.sessionId the session that stays
 * @throws ParkError `invalid-request` when the present password is wrong or the new one no better
 */
export async function changeOwnPassword(
  doing: Doing,
  options: { userId: string; sessionId: string | null; current: string; next: string },
): Promise<UserRow> {
  const user = await mustFindUser(doing.db, options.userId, false);
  if (options.next === options.current || options.next.toLowerCase() === user.username) {
    throw fieldError('next', 'must be another one than before, and not your user name');
  }
  // Whoever found an unlocked screen must not guess on faster than at the login.
  const keys = [userKey(user.username), addressKey(doing.address ?? '')] as const;
  await reserveAttempt(doing, keys);
  if (!(await verifyPassword(options.current, user.passwordHash)))
    throw fieldError('current', 'is not your password');
  const hash = await hashPassword(options.next);
  return transaction(doing.db, async (client) => {
    const locked = await mustFindUser(client, options.userId, true);
    if (locked.passwordHash !== user.passwordHash) {
      throw new ParkError('conflict', 'The password was changed by somebody else at the same moment.');
    }
    await forgiveAttempts(client, ...keys);
    const changed = await setPassword(client, user.id, { hash, oneTimeExpiresAt: null });
    await deleteSessionsOf(client, user.id, options.sessionId);
    await audit(client, doing, { action: 'user.change-password', object: user.username });
    return changed ?? locked;
  });
}

/**
 * Makes the first administrator when there are no users at all. Two processes that start at once make one.
 * @param options.password the administrator's, when it was configured
 * @returns the generated password, to be shown once; null when there was a user, or the password was given
 */
export async function bootstrapAdmin(options: {
  db: Database;
  clock: Clock;
  password: string | undefined;
}): Promise<{ readonly username: string; readonly password: string } | null> {
  const { db, clock } = options;
  if (await hasUsers(db)) return null;
  const password = options.password ?? readablePassword();
  const passwordHash = await hashPassword(password);
  const made = await transaction(db, async (client) => {
    const user = await insertUser(client, {
      username: 'admin',
      displayName: 'Administrator',
      role: 'admin',
      passwordHash,
      oneTimeExpiresAt: null,
      expiresAt: null,
      now: new Date(clock.nowMs()),
    });
    if (user === undefined) return false;
    await appendAudit(client, {
      actor: 'system',
      action: 'user.create',
      object: 'admin',
      after: auditable(user),
    });
    return true;
  });
  return made && options.password === undefined ? { username: 'admin', password } : null;
}

/** A password that is good until it expires, and only for choosing an own one. */
export async function newOneTime(clock: Clock) {
  const oneTimePassword = readablePassword();
  const passwordHash = await hashPassword(oneTimePassword);
  return { oneTimePassword, passwordHash, expiresAt: new Date(clock.nowMs() + policy.oneTimePasswordMs) };
}

async function mustFindUser(db: Queryable, id: string, lock: boolean): Promise<UserRow> {
  const user = await findUser(db, id, lock);
  if (user === undefined) throw new ParkError('not-found', `There is no user ${id}.`);
  return user;
}

function parseInstant(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}

function hasEnded(user: UserRow, now: Date): boolean {
  return user.expiresAt !== null && user.expiresAt <= now;
}

function isActiveAdmin(user: UserRow, now: Date): boolean {
  return user.role === 'admin' && !user.disabled && !hasEnded(user, now);
}

function auditable(user: UserRow): object {
  const { displayName, role, disabled, expiresAt } = toUser(user);
  return { displayName, role, disabled, expiresAt };
}

async function audit(
  client: Queryable,
  doing: Doing,
  entry: { action: string; object: string; before?: object; after?: object },
): Promise<void> {
  const { actor, address } = doing;
  await appendAudit(client, { actor, ...entry, ...(address === undefined ? {} : { address }) });
}

function fieldError(field: string, message: string): ParkError {
  return new ParkError('invalid-request', `/${field}: ${message}`, [{ path: `/${field}`, message }]);
}
