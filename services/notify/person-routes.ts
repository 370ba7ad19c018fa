import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { appendAudit } from '#infra/journal.ts';
import { transaction } from '#infra/postgres.ts';
import { pageOf } from '#schemas/api/common.ts';
import {
  inboxItemSchema,
  inboxSeenBody,
  preferencesBody,
  reachablePersonSchema,
} from '#schemas/api/notify.ts';
import { usernameSchema } from '#schemas/api/people.ts';
import { ParkError } from '#schemas/errors.ts';
import type { Preferences } from '#schemas/notify.ts';
import { admins, alarmHandlers } from '#schemas/roles.ts';
import { principalOf, type Api } from '#services/api/plugin.ts';
import { listInbox, markInboxSeen } from './log-store.ts';
import type { NotifyDeps } from './routes.ts';
import { listPeople, readPreferences, writePreferences } from './setting-store.ts';

const tags = ['notification'];
const inboxMost = 50;

export function personRoutes(api: Api, deps: NotifyDeps): void {
  ownRoutes(api, deps);
  inboxRoutes(api, deps);
  peopleRoutes(api, deps);
}

/** The name of who logged in; tokens of a person are that person here. */
export async function usernameOf(deps: NotifyDeps, request: FastifyRequest): Promise<string> {
  const { userId } = principalOf(request);
  const found = (await listPeople(deps.db, deps.clock.nowMs())).find((person) => person.userId === userId);
  if (found === undefined) throw new ParkError('not-found', 'The user is gone.');
  return found.username;
}

function ownRoutes(api: Api, deps: NotifyDeps): void {
  api.get(
    '/notify/me',
    {
      config: { access: 'self' },
      schema: { summary: 'How I am told', tags, response: { 200: preferencesBody } },
    },
    async (request) => readPreferences(deps.db, await usernameOf(deps, request)),
  );
  api.put(
    '/notify/me',
    {
      config: { access: 'self', sessionOnly: true },
      schema: {
        summary: 'Change how I am told',
        tags,
        body: preferencesBody,
        response: { 200: preferencesBody },
      },
    },
    async (request) => {
      const username = await usernameOf(deps, request);
      return change(deps, { username, preferences: request.body, actor: principalOf(request).actor });
    },
  );
}

async function change(
  deps: NotifyDeps,
  { username, preferences, actor }: { username: string; preferences: Preferences; actor: string },
): Promise<Preferences> {
  await transaction(deps.db, async (client) => {
    const before = await readPreferences(client, username);
    await writePreferences(client, username, preferences);
    await appendAudit(client, {
      actor,
      action: 'notify-person.update',
      object: username,
      before: withoutAddresses(before),
      after: withoutAddresses(preferences),
    });
  });
  return preferences;
}

/** The audit is kept for ever and says whether there is an address, not which. */
function withoutAddresses({ email, phone, ...rest }: Preferences) {
  return { ...rest, hasEmail: email !== null, hasPhone: phone !== null };
}

function inboxRoutes(api: Api, deps: NotifyDeps): void {
  api.get(
    '/notify/inbox',
    {
      config: { access: 'self' },
      schema: {
        summary: 'What came to my console and was not on screen yet, newest first',
        tags,
        response: { 200: pageOf(inboxItemSchema) },
      },
    },
    async (request) => ({
      items: await listInbox(deps.db, await usernameOf(deps, request), inboxMost),
      nextCursor: null,
    }),
  );
  api.post(
    '/notify/inbox/seen',
    {
      config: { access: 'self', sessionOnly: true },
      schema: { summary: 'This one and all before it were on screen', tags, body: inboxSeenBody },
    },
    async (request, reply) => {
      const username = await usernameOf(deps, request);
      await markInboxSeen(deps.db, { username, id: Number(request.body.id), nowMs: deps.clock.nowMs() });
      return reply.code(204).send();
    },
  );
}

function peopleRoutes(api: Api, deps: NotifyDeps): void {
  const params = z.strictObject({ username: usernameSchema });
  const known = async (username: string) => {
    const people = await listPeople(deps.db, deps.clock.nowMs());
    const person = people.find((each) => each.username === username);
    if (person === undefined) throw new ParkError('not-found', `There is no user ${username}.`);
    return person;
  };
  api.get(
    '/notify/people',
    {
      config: { access: alarmHandlers },
      schema: {
        summary: 'Who can be named, and whether there is an address',
        tags,
        response: { 200: pageOf(reachablePersonSchema) },
      },
    },
    async () => {
      const people = await listPeople(deps.db, deps.clock.nowMs());
      const items = people.map(({ username, displayName, role, isActive, preferences }) => ({
        username,
        displayName,
        role,
        isActive,
        hasEmail: preferences.email !== null,
        hasPhone: preferences.phone !== null,
      }));
      return { items, nextCursor: null };
    },
  );
  api.get(
    '/notify/people/:username',
    {
      config: { access: admins },
      schema: { summary: 'How somebody is told', tags, params, response: { 200: preferencesBody } },
    },
    async ({ params: { username } }) => (await known(username)).preferences,
  );
  api.put(
    '/notify/people/:username',
    {
      config: { access: admins, sessionOnly: true },
      schema: {
        summary: 'Change how somebody is told',
        tags,
        params,
        body: preferencesBody,
        response: { 200: preferencesBody },
      },
    },
    async (request) => {
      const { username } = await known(request.params.username);
      return change(deps, { username, preferences: request.body, actor: principalOf(request).actor });
    },
  );
}
