import { z } from 'zod';
import { appendAudit } from '#infra/journal.ts';
import { transaction } from '#infra/postgres.ts';
import { pageOf } from '#schemas/api/common.ts';
import { pushBrowserSchema, pushKeySchema, pushSubscribeBody } from '#schemas/api/notify.ts';
import { ParkError } from '#schemas/errors.ts';
import { principalOf, type Api } from '#services/api/plugin.ts';
import { pushKeys } from './channels/push.ts';
import { usernameOf } from './person-routes.ts';
import { listBrowsers, putBrowser, removeBrowser } from './push-store.ts';
import type { NotifyDeps } from './routes.ts';

const tags = ['notification'];

/** The browsers in which somebody is told though no console is open. */
export function pushRoutes(api: Api, deps: NotifyDeps): void {
  const { publicKey } = pushKeys(deps.box);
  api.get(
    '/notify/push-key',
    {
      config: { access: 'self' },
      schema: { summary: 'The key that browsers subscribe to', tags, response: { 200: pushKeySchema } },
    },
    async () => ({ publicKey }),
  );
  api.get(
    '/notify/me/browsers',
    {
      config: { access: 'self' },
      schema: { summary: 'My browsers', tags, response: { 200: pageOf(pushBrowserSchema) } },
    },
    async (request) => ({
      items: await listBrowsers(deps.db, await usernameOf(deps, request)),
      nextCursor: null,
    }),
  );
  api.post(
    '/notify/me/browsers',
    {
      config: { access: 'self', sessionOnly: true },
      schema: {
        summary: 'Tell me in this browser, too',
        tags,
        body: pushSubscribeBody,
        response: { 201: pageOf(pushBrowserSchema) },
      },
    },
    async (request, reply) => {
      const username = await usernameOf(deps, request);
      const { endpoint, keys, label } = request.body;
      await transaction(deps.db, async (client) => {
        await putBrowser(client, { username, endpoint, ...keys, label, nowMs: deps.clock.nowMs() });
        const { actor } = principalOf(request);
        await appendAudit(client, {
          actor,
          action: 'notify-browser.add',
          object: username,
          after: { label },
        });
      });
      return reply.code(201).send({ items: await listBrowsers(deps.db, username), nextCursor: null });
    },
  );
  api.delete(
    '/notify/me/browsers/:id',
    {
      config: { access: 'self', sessionOnly: true },
      schema: {
        summary: 'Tell me in that browser no more',
        tags,
        params: z.strictObject({
          id: z.string().regex(/^[1-9]\d{0,14}$/, 'the id of a browser is a number'),
        }),
      },
    },
    async (request, reply) => {
      const username = await usernameOf(deps, request);
      const { id } = request.params;
      await transaction(deps.db, async (client) => {
        if (!(await removeBrowser(client, Number(id), username))) {
          throw new ParkError('not-found', `There is no browser ${id} of yours.`);
        }
        const { actor } = principalOf(request);
        await appendAudit(client, { actor, action: 'notify-browser.remove', object: username });
      });
      return reply.code(204).send();
    },
  );
}
