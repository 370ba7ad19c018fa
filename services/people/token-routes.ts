import { z } from 'zod';
import type { Clock } from '#infra/clock.ts';
import { appendAudit } from '#infra/journal.ts';
import { transaction, type Database } from '#infra/postgres.ts';
import { pageOf, pageQuery } from '#schemas/api/common.ts';
import { tokenCreateAnswer, tokenCreateBody, tokenSchema } from '#schemas/api/people.ts';
import { ParkError } from '#schemas/errors.ts';
import { engineers } from '#schemas/roles.ts';
import { fromCursor, toPage } from '#services/api/cursor.ts';
import { principalOf, type Api, type Principal } from '#services/api/plugin.ts';
import { policy } from './policy.ts';
import { countTokens, deleteToken, insertToken, listTokens } from './token-store.ts';
import { newToken } from './tokens.ts';

/** API tokens: everybody's own; an administrator sees and ends all. */
export function tokenRoutes(api: Api, deps: { db: Database; clock: Clock }): void {
  api.get(
    '/tokens',
    {
      config: { access: 'self' },
      schema: {
        querystring: z.strictObject({ ...pageQuery, user: z.union([z.uuid(), z.literal('all')]).optional() }),
        response: { 200: pageOf(tokenSchema) },
      },
    },
    async (request) => {
      const me = principalOf(request);
      const { limit, cursor, user = me.userId } = request.query;
      if (user !== me.userId && me.role !== 'admin') {
        throw new ParkError('forbidden', 'Only an administrator sees the tokens of others.');
      }
      const ownerId = user === 'all' ? null : user;
      const items = await listTokens(deps.db, { ownerId, after: fromCursor(cursor), limit: limit + 1 });
      return toPage(items, limit, (token) => token.id);
    },
  );

  api.post(
    '/tokens',
    {
      config: { access: 'self', sessionOnly: true },
      schema: { body: tokenCreateBody, response: { 201: tokenCreateAnswer } },
    },
    async (request, reply) => {
      const me = principalOf(request);
      const answer = await createToken(deps, { me, body: request.body, address: request.ip });
      return reply.code(201).send(answer);
    },
  );

  api.delete(
    '/tokens/:id',
    { config: { access: 'self', sessionOnly: true }, schema: { params: z.object({ id: z.uuid() }) } },
    async (request, reply) => {
      const me = principalOf(request);
      await transaction(deps.db, async (client) => {
        const ended = await deleteToken(client, request.params.id, me.role === 'admin' ? null : me.userId);
        if (ended === undefined) throw new ParkError('not-found', `There is no token ${request.params.id}.`);
        const { actor } = me;
        await appendAudit(client, { actor, action: 'token.delete', object: ended.name, address: request.ip });
      });
      return reply.code(204).send();
    },
  );
}

async function createToken(
  deps: { db: Database; clock: Clock },
  asked: { me: Principal; body: z.output<typeof tokenCreateBody>; address: string },
): Promise<z.input<typeof tokenCreateAnswer>> {
  const { me, body, address } = asked;
  const now = new Date(deps.clock.nowMs());
  const expiresAt = new Date(body.expiresAt);
  const lifeMs = expiresAt.getTime() - now.getTime();
  if (lifeMs <= 0 || lifeMs > policy.tokenLongestMs) {
    const message = 'lies in the future, at most a year ahead';
    throw new ParkError('invalid-request', `/expiresAt: ${message}`, [{ path: '/expiresAt', message }]);
  }
  if (body.scopes.includes('metrics') && !engineers.includes(me.role)) {
    throw new ParkError('forbidden', `The role ${me.role} may not read the figures of the process.`);
  }
  const { text: secret, hash } = newToken('api');
  const scopes = [...new Set(body.scopes)];
  return transaction(deps.db, async (client) => {
    if ((await countTokens(client, me.userId)) >= policy.tokensPerUser) {
      throw new ParkError('conflict', `You have ${policy.tokensPerUser} tokens; end some first.`);
    }
    const token = await insertToken(client, {
      userId: me.userId,
      name: body.name,
      hash,
      scopes,
      now,
      expiresAt,
    });
    if (token === undefined) throw new Error('the token was not written');
    const after = { scopes, expiresAt: token.expiresAt };
    await appendAudit(client, { actor: me.actor, action: 'token.create', object: body.name, after, address });
    return { token, secret };
  });
}
