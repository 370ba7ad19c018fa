import type { Clock } from '#infra/clock.ts';
import type { Database } from '#infra/postgres.ts';
import type { Authenticated, Authenticator } from '#services/api/plugin.ts';
import { policy } from './policy.ts';
import { findSession, touchSession } from './store.ts';
import { findToken, touchToken } from './token-store.ts';
import { hashToken, tokenKind } from './tokens.ts';

/**
 * Looks tokens up in the store, with every request: what an administrator takes away is gone with the next one.
 */
export function createAuthenticator(deps: { db: Database; clock: Clock }): Authenticator {
  return {
    async authenticate(text) {
      const now = new Date(deps.clock.nowMs());
      const kind = tokenKind(text);
      if (kind === 'session') return bySession(deps.db, text, now);
      return kind === 'api' ? byApiToken(deps.db, text, now) : null;
    },
  };
}

async function bySession(db: Database, text: string, now: Date): Promise<Authenticated | null> {
  const session = await findSession(db, hashToken(text), now);
  if (session === undefined) return null;
  if (isDue(session.lastSeenAt, now)) await touchSession(db, session.sessionId, now);
  return {
    principal: {
      userId: session.userId,
      actor: session.username,
      role: session.role,
      scopes: null,
      sessionId: session.sessionId,
    },
    mustChangePassword: session.mustChangePassword,
  };
}

async function byApiToken(db: Database, text: string, now: Date): Promise<Authenticated | null> {
  const token = await findToken(db, hashToken(text), now);
  if (token === undefined) return null;
  if (isDue(token.lastUsedAt, now)) await touchToken(db, token.id, now);
  return {
    principal: {
      userId: token.userId,
      // With its owner: anybody may give a token any name.
      actor: `token:${token.owner}/${token.name}`,
      role: token.role,
      scopes: token.scopes,
      sessionId: null,
    },
    mustChangePassword: token.mustChangePassword,
  };
}

function isDue(last: Date | null, now: Date): boolean {
  return last === null || now.getTime() - last.getTime() >= policy.sessionTouchMs;
}
