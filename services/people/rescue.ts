import { ParkError } from '#schemas/errors.ts';
import type { Role } from '#schemas/roles.ts';
import { changeUser, createUser, resetPassword, type Doing, type OneTime } from './accounts.ts';
import { findUserByName } from './store.ts';

/**
 * Adds an account without anybody being logged in.
 * @throws ParkError `already-exists`
 */
export function addUser(
  doing: Doing,
  user: { username: string; displayName: string; role: Role },
): Promise<OneTime> {
  return createUser(doing, { ...user, expiresAt: null });
}

/**
 * Opens an account again for somebody who is locked out: enabled, without an end, with a one-time password.
 * @param options.role undefined: as before
 * @throws ParkError `not-found`; `conflict` when the role would leave nobody who can administer
 */
export async function rescueUser(
  doing: Doing,
  options: { username: string; role: Role | undefined },
): Promise<OneTime> {
  const user = await findUserByName(doing.db, options.username);
  if (user === undefined) throw new ParkError('not-found', `There is no user ${options.username}.`);
  const patch = {
    disabled: false,
    expiresAt: null,
    ...(options.role === undefined ? {} : { role: options.role }),
  };
  await changeUser(doing, user.id, patch);
  return resetPassword(doing, user.id);
}
