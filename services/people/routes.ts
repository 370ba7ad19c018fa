import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Clock } from '#infra/clock.ts';
import type { HttpConfig } from '#infra/config.ts';
import { appendAudit } from '#infra/journal.ts';
import { transaction, type Database } from '#infra/postgres.ts';
import { pageOf, pageQuery } from '#schemas/api/common.ts';
import {
  auditEntrySchema,
  auditQuery,
  loginAnswer,
  loginBody,
  meAnswer,
  oneTimePasswordAnswer,
  passwordAnswer,
  passwordBody,
  sessionSchema,
  userCreateBody,
  userPatchBody,
  userSchema,
} from '#schemas/api/people.ts';
import { ParkError } from '#schemas/errors.ts';
import { admins } from '#schemas/roles.ts';
import { fromCursor, fromIdCursor, toPage } from '#services/api/cursor.ts';
import { principalOf, sessionCookieName, type Api, type Principal } from '#services/api/plugin.ts';
import {
  changeOwnPassword,
  changeUser,
  createUser,
  resetPassword,
  type Doing,
  type OneTime,
} from './accounts.ts';
import { listAudit } from './audit-store.ts';
import { login, ThrottledError } from './login.ts';
import { deleteSession, findUser, listSessions, listUsers, toUser } from './store.ts';
import { tokenRoutes } from './token-routes.ts';

export interface PeopleDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly parkId: string;
  readonly timeZone: string;
  readonly http: HttpConfig;
  /** Called after a user, session or token may have changed: whoever is connected should be asked about again. */
  readonly onChange?: () => void;
}

const idParams = z.object({ id: z.uuid() });

/** Login, own account, user administration, sessions, API tokens and the audit. */
export function peopleRoutes(api: Api, deps: PeopleDeps): void {
  api.addHook('onResponse', async (request, reply) => {
    const { access } = request.routeOptions.config;
    if (request.method !== 'GET' && access !== 'public' && reply.statusCode < 400) deps.onChange?.();
  });
  authRoutes(api, deps);
  userRoutes(api, deps);
  passwordRoute(api, deps);
  sessionRoutes(api, deps);
  tokenRoutes(api, deps);
  auditRoute(api, deps);
}

function doing(deps: PeopleDeps, request: FastifyRequest): Doing {
  return { db: deps.db, clock: deps.clock, actor: principalOf(request).actor, address: request.ip };
}

function authRoutes(api: Api, deps: PeopleDeps): void {
  const https = deps.http.tls !== undefined || (deps.http.publicUrl?.startsWith('https://') ?? false);
  const cookie = { httpOnly: true, sameSite: 'strict', secure: https, path: '/' } as const;

  api.post(
    '/auth/login',
    { config: { access: 'public' }, schema: { body: loginBody, response: { 200: loginAnswer } } },
    async (request, reply) => {
      const { user, token, expiresAt } = await noted(request, reply, () =>
        login(deps, {
          ...request.body,
          address: request.ip,
          userAgent: (request.headers['user-agent'] ?? '').slice(0, 200),
        }),
      );
      void reply.setCookie(sessionCookieName, token, { ...cookie, expires: expiresAt });
      return { token, expiresAt: expiresAt.toISOString(), user: toUser(user) };
    },
  );

  api.post(
    '/auth/logout',
    { config: { access: 'self', sessionOnly: true, pendingPassword: true } },
    async (request, reply) => {
      const { sessionId, actor, userId } = principalOf(request);
      await transaction(deps.db, async (client) => {
        await deleteSession(client, sessionId ?? '', userId);
        await appendAudit(client, { actor, action: 'session.end', object: actor, address: request.ip });
      });
      return reply.clearCookie(sessionCookieName, cookie).code(204).send();
    },
  );

  api.get(
    '/auth/me',
    { config: { access: 'self', pendingPassword: true }, schema: { response: { 200: meAnswer } } },
    async (request) => {
      const user = await findUser(deps.db, principalOf(request).userId);
      if (user === undefined) throw new ParkError('not-found', 'The user is gone.');
      return { user: toUser(user), parkId: deps.parkId, timeZone: deps.timeZone };
    },
  );
}

/** Guessing shall be seen. Without the name: people type passwords there, too. */
async function noted<T>(request: FastifyRequest, reply: FastifyReply, work: () => Promise<T>): Promise<T> {
  try {
    return await throttled(reply, work);
  } catch (error) {
    if (error instanceof ParkError)
      request.log.warn({ address: request.ip, code: error.code }, 'a login was refused');
    throw error;
  }
}

async function throttled<T>(reply: FastifyReply, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ThrottledError) void reply.header('retry-after', String(error.retryAfterS));
    throw error;
  }
}

function toOneTimeAnswer({ user, oneTimePassword, expiresAt }: OneTime) {
  return { user: toUser(user), oneTimePassword, expiresAt: expiresAt.toISOString() };
}

function userRoutes(api: Api, deps: PeopleDeps): void {
  api.get(
    '/users',
    {
      config: { access: admins },
      schema: { querystring: z.strictObject(pageQuery), response: { 200: pageOf(userSchema) } },
    },
    async ({ query }) => {
      const rows = await listUsers(deps.db, { limit: query.limit + 1, after: fromCursor(query.cursor) });
      return toPage(rows.map(toUser), query.limit, (user) => user.username);
    },
  );

  api.post(
    '/users',
    {
      config: { access: admins, sessionOnly: true },
      schema: { body: userCreateBody, response: { 201: oneTimePasswordAnswer } },
    },
    async (request, reply) => {
      const made = await createUser(doing(deps, request), request.body);
      return reply.code(201).send(toOneTimeAnswer(made));
    },
  );

  api.patch(
    '/users/:id',
    {
      config: { access: admins, sessionOnly: true },
      schema: { params: idParams, body: userPatchBody, response: { 200: userSchema } },
    },
    async (request) => toUser(await changeUser(doing(deps, request), request.params.id, request.body)),
  );
}

function passwordRoute(api: Api, deps: PeopleDeps): void {
  api.post(
    '/users/:id/password',
    {
      config: { access: 'self', sessionOnly: true, pendingPassword: true },
      schema: { params: idParams, body: passwordBody, response: { 200: passwordAnswer } },
    },
    async (request, reply) => {
      const { params, body } = request;
      const me = principalOf(request);
      if (params.id === me.userId) {
        const { current, next } = bothPasswords(body);
        const user = await throttled(reply, () =>
          changeOwnPassword(doing(deps, request), {
            userId: me.userId,
            sessionId: me.sessionId,
            current,
            next,
          }),
        );
        return { user: toUser(user) };
      }
      await refuseUnlessAdmin(deps, me);
      if (body.current !== undefined || body.next !== undefined) {
        throw new ParkError('invalid-request', "Somebody else's password is made by the server: send {}.");
      }
      return toOneTimeAnswer(await resetPassword(doing(deps, request), params.id));
    },
  );
}

/** The route is open to everyone with a one-time password, so that the admin's half asks again. */
async function refuseUnlessAdmin(deps: PeopleDeps, { userId, role }: Principal): Promise<void> {
  if (role !== 'admin') throw new ParkError('forbidden', 'Only an administrator may reset another password.');
  const me = await findUser(deps.db, userId);
  if (me === undefined || me.mustChangePassword) {
    throw new ParkError('password-change-required', 'Replace the one-time password by one of your own.');
  }
}

function bothPasswords(body: z.output<typeof passwordBody>): { current: string; next: string } {
  const { current, next } = body;
  if (current !== undefined && next !== undefined) return { current, next };
  const missing = Object.entries({ current, next }).filter(([, value]) => value === undefined);
  throw new ParkError(
    'invalid-request',
    'Your own password is changed by {current, next}.',
    missing.map(([field]) => ({ path: `/${field}`, message: 'is needed' })),
  );
}

function sessionRoutes(api: Api, deps: PeopleDeps): void {
  const querystring = z.strictObject({ user: z.union([z.uuid(), z.literal('all')]).optional() });
  api.get(
    '/sessions',
    {
      config: { access: 'self' },
      schema: { querystring, response: { 200: pageOf(sessionSchema) } },
    },
    async (request) => {
      const me = principalOf(request);
      const wanted = request.query.user ?? me.userId;
      if (wanted !== me.userId && me.role !== 'admin') {
        throw new ParkError('forbidden', 'Only an administrator sees the sessions of others.');
      }
      const items = await listSessions(deps.db, {
        userId: wanted === 'all' ? null : wanted,
        now: new Date(deps.clock.nowMs()),
        currentId: me.sessionId,
      });
      return { items, nextCursor: null };
    },
  );

  api.delete(
    '/sessions/:id',
    { config: { access: 'self', sessionOnly: true }, schema: { params: idParams } },
    async (request, reply) => {
      const me = principalOf(request);
      await transaction(deps.db, async (client) => {
        const owner = me.role === 'admin' ? null : me.userId;
        const ended = await deleteSession(client, request.params.id, owner);
        if (ended === undefined)
          throw new ParkError('not-found', `There is no session ${request.params.id}.`);
        const user = await findUser(client, ended.userId);
        await appendAudit(client, {
          actor: me.actor,
          action: 'session.end',
          object: user?.username ?? ended.userId,
          address: request.ip,
        });
      });
      return reply.code(204).send();
    },
  );
}

function auditRoute(api: Api, deps: PeopleDeps): void {
  api.get(
    '/audit',
    {
      config: { access: admins },
      schema: { querystring: auditQuery, response: { 200: pageOf(auditEntrySchema) } },
    },
    async ({ query }) => {
      const items = await listAudit(deps.db, {
        before: fromIdCursor(query.cursor),
        limit: query.limit + 1,
        actor: query.actor ?? null,
        action: query.action ?? null,
        object: query.object ?? null,
      });
      return toPage(items, query.limit, (entry) => entry.id);
    },
  );
}
