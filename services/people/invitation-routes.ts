import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Clock } from '#infra/clock.ts';
import type { Database } from '#infra/postgres.ts';
import {
  invitationAcceptBody,
  invitationAnswer,
  invitationBody,
  invitationSchema,
  type Invitation,
} from '#schemas/api/people.ts';
import { limits } from '#schemas/limits.ts';
import { admins } from '#schemas/roles.ts';
import { principalOf, type Api } from '#services/api/plugin.ts';
import type { Doing } from './accounts.ts';
import { listInvitations, readInvitation, type InvitationRow } from './invitation-store.ts';
import { acceptInvitation, invite, revoke } from './invitations.ts';
import { ThrottledError } from './login.ts';

export interface InvitationDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly parkId: string;
  /** Of the park: letters tell its time. */
  readonly timeZone: string;
  /** Where links lead, without a slash at the end. */
  readonly base: string;
  /** Sends an e-mail at once; false when none is set up, or it was not taken. */
  readonly mail: (mail: { to: string; title: string; text: string }) => Promise<boolean>;
  readonly onChange: () => void;
}

const tags = ['people'];

/** Assessors are invited for a time; by the link they choose their password, once. */
export function invitationRoutes(api: Api, deps: InvitationDeps): void {
  listRoute(api, deps);
  inviteRoute(api, deps);
  acceptRoute(api, deps);
  revokeRoute(api, deps);
}

function doing({ db, clock }: InvitationDeps, request: FastifyRequest): Doing {
  return { db, clock, actor: principalOf(request).actor, address: request.ip };
}

function listRoute(api: Api, deps: InvitationDeps): void {
  api.get(
    '/invitations',
    {
      config: { access: admins },
      schema: {
        summary: 'Assessors who were invited, newest first',
        tags,
        response: { 200: z.object({ items: z.array(invitationSchema), nextCursor: z.null() }) },
      },
    },
    async () => {
      const rows = await listInvitations(deps.db, limits.listLimit);
      return { items: rows.map((row) => toInvitation(row, deps.clock.nowMs())), nextCursor: null };
    },
  );
}

function inviteRoute(api: Api, deps: InvitationDeps): void {
  api.post(
    '/invitations',
    {
      config: { access: admins, sessionOnly: true },
      schema: {
        summary: 'Invites an assessor: an account for a time, and a link that is good once',
        tags,
        body: invitationBody,
        response: { 201: invitationAnswer },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const { id, token } = await invite(doing(deps, request), body);
      deps.onChange();
      const row = await readInvitation(deps.db, id);
      if (row === undefined) throw new Error('the invitation is gone');
      // Behind the #: what browsers send to no server stands in no log.
      const link = `${deps.base}/invitation#${token}`;
      const { email } = body;
      const mailed = email !== undefined && (await deps.mail({ to: email, ...letter(deps, row, link) }));
      const invitation = toInvitation(row, deps.clock.nowMs());
      return reply.code(201).send({ invitation, mailed, link: mailed ? null : link });
    },
  );
}

function letter(
  { parkId, timeZone }: InvitationDeps,
  { displayName, username, expiresAt }: InvitationRow,
  link: string,
) {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' });
  const until = `${format.format(expiresAt)} ${timeZone}`;
  return {
    title: `评审邀请 / Invitation to assess: ${parkId}`,
    text: [
      `${displayName}：`,
      `请打开以下链接设置密码（仅可使用一次，${until} 前有效）。用户名：${username}`,
      `Open this link to choose your password (good once, until ${until}). User name: ${username}`,
      link,
    ].join('\n\n'),
  };
}

function acceptRoute(api: Api, deps: InvitationDeps): void {
  api.post(
    '/invitations/accept',
    {
      config: { access: 'public' },
      schema: {
        summary: 'Chooses the password by the link of an invitation, once',
        tags,
        body: invitationAcceptBody,
        response: { 200: z.object({ username: z.string() }) },
      },
    },
    async (request, reply) => {
      const { db, clock } = deps;
      try {
        const username = await acceptInvitation({ db, clock, address: request.ip }, request.body);
        return { username };
      } catch (error) {
        if (error instanceof ThrottledError) void reply.header('retry-after', String(error.retryAfterS));
        throw error;
      }
    },
  );
}

function revokeRoute(api: Api, deps: InvitationDeps): void {
  api.delete(
    '/invitations/:id',
    {
      config: { access: admins, sessionOnly: true },
      schema: {
        summary: 'Revokes an invitation: the link is no longer good, and the account is disabled',
        tags,
        params: z.object({ id: z.uuid() }),
      },
    },
    async (request, reply) => {
      await revoke(doing(deps, request), request.params.id);
      deps.onChange();
      return reply.code(204).send();
    },
  );
}

function toInvitation(row: InvitationRow, nowMs: number): Invitation {
  const { revokedAt, usedAt, expiresAt, accountEndsAt } = row;
  const state =
    revokedAt !== null
      ? 'revoked'
      : usedAt !== null
        ? 'accepted'
        : expiresAt.getTime() <= nowMs
          ? 'ended'
          : 'waiting';
  return {
    id: row.id,
    username: row.username,
    displayName: row.displayName,
    email: row.email,
    state,
    invitedBy: row.invitedBy,
    invitedAt: row.invitedAt.toISOString(),
    linkEndsAt: expiresAt.toISOString(),
    accountEndsAt: accountEndsAt?.toISOString() ?? null,
    usedAt: usedAt?.toISOString() ?? null,
    revokedAt: revokedAt?.toISOString() ?? null,
  };
}
