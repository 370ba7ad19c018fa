import { appendAudit } from '#infra/journal.ts';
import { transaction } from '#infra/postgres.ts';
import type { invitationBody } from '#schemas/api/people.ts';
import { ParkError } from '#schemas/errors.ts';
import type { z } from 'zod';
import { addUser, changeUser, newOneTime, type Doing } from './accounts.ts';
import { insertInvitation, readInvitation, revokeInvitation, useInvitation } from './invitation-store.ts';
import { reserveAttempt } from './login.ts';
import { hashPassword } from './passwords.ts';
import { addressKey, policy } from './policy.ts';
import { findUser, forgiveAttempts, setPassword } from './store.ts';
import { hashToken, newToken } from './tokens.ts';

/**
 * Makes an assessor's account for a time, and the token by which the person chooses the password, once.
 * @throws ParkError `already-exists`; `invalid-request` when the account would end now, or lasts too long
 */
export async function invite(
  doing: Doing,
  body: z.output<typeof invitationBody>,
): Promise<{ readonly id: string; readonly token: string }> {
  const nowMs = doing.clock.nowMs();
  const endMs = Date.parse(body.expiresAt);
  if (endMs <= nowMs || endMs > nowMs + policy.invitedLongestMs) {
    const message = 'is in the future, and at most a year from now';
    throw new ParkError('invalid-request', `/expiresAt ${message}`, [{ path: '/expiresAt', message }]);
  }
  const { text: token, hash } = newToken('invitation');
  // Nobody is told this password: the account is opened by the link alone.
  const oneTime = await newOneTime(doing.clock);
  const { username, displayName, expiresAt, email } = body;
  const id = await transaction(doing.db, async (client) => {
    const user = await addUser(client, doing, {
      username,
      displayName,
      expiresAt,
      role: 'assessor',
      oneTime,
    });
    const linkEndsAt = new Date(Math.min(endMs, nowMs + policy.invitationMs));
    const invitation = await insertInvitation(client, {
      userId: user.id,
      hash,
      email: email ?? null,
      invitedBy: doing.actor,
      invitedAt: new Date(nowMs),
      expiresAt: linkEndsAt,
    });
    await audit(doing, client, { action: 'invitation.create', object: username });
    return invitation;
  });
  return { id, token };
}

/**
 * The person who has the link chooses the password; the link is used up. A wrong, used, revoked or ended link is told by the
 * same words.
 * @returns the user name to log in with
 * @throws ParkError `bad-credentials`; `invalid-request`; ThrottledError
 */
export async function acceptInvitation(
  doing: Omit<Doing, 'actor'>,
  { token, password }: { readonly token: string; readonly password: string },
): Promise<string> {
  const key = addressKey(doing.address ?? '');
  await reserveAttempt(doing, [key]);
  const passwordHash = await hashPassword(password);
  const now = new Date(doing.clock.nowMs());
  return transaction(doing.db, async (client) => {
    const invitation = await useInvitation(client, { hash: hashToken(token), now });
    const user = invitation === undefined ? undefined : await findUser(client, invitation.userId, true);
    const hasEnded = user === undefined || (user.expiresAt !== null && user.expiresAt <= now);
    if (hasEnded || user.disabled) {
      throw new ParkError('bad-credentials', 'This invitation is not good (any more); ask for another.');
    }
    if (password.toLowerCase() === user.username) {
      const message = 'must not be your user name';
      throw new ParkError('invalid-request', `/password ${message}`, [{ path: '/password', message }]);
    }
    await setPassword(client, user.id, { hash: passwordHash, oneTimeExpiresAt: null });
    await forgiveAttempts(client, '', key);
    await audit({ ...doing, actor: user.username }, client, {
      action: 'invitation.accept',
      object: user.username,
    });
    return user.username;
  });
}

/**
 * Ends an invitation, used or not: the link is no longer good, the account is disabled, its sessions are over.
 * @throws ParkError `not-found`; `conflict` when it was revoked before
 */
export async function revoke(doing: Doing, id: string): Promise<void> {
  const invitation = await readInvitation(doing.db, id);
  if (invitation === undefined) throw new ParkError('not-found', `There is no invitation ${id}.`);
  await transaction(doing.db, async (client) => {
    if (!(await revokeInvitation(client, id, new Date(doing.clock.nowMs())))) {
      throw new ParkError('conflict', 'This invitation was revoked before.');
    }
    await audit(doing, client, { action: 'invitation.revoke', object: invitation.username });
  });
  await changeUser(doing, invitation.userId, { disabled: true });
}

async function audit(
  { actor, address }: Pick<Doing, 'actor' | 'address'>,
  client: Parameters<typeof appendAudit>[0],
  entry: { readonly action: string; readonly object: string },
): Promise<void> {
  await appendAudit(client, { actor, ...entry, ...(address === undefined ? {} : { address }) });
}
