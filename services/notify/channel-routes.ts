import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { appendAudit } from '#infra/journal.ts';
import { transaction } from '#infra/postgres.ts';
import {
  channelSchema,
  channelTestAnswer,
  channelTestBody,
  channelWriteBody,
  type Channel,
} from '#schemas/api/notify.ts';
import { pageOf } from '#schemas/api/common.ts';
import { ParkError } from '#schemas/errors.ts';
import { idSchema } from '#schemas/ids.ts';
import { isPersonal, type ChannelBody } from '#schemas/notify.ts';
import { admins, alarmHandlers, engineers } from '#schemas/roles.ts';
import { wallClock } from '#schemas/wall-clock.ts';
import { principalOf, type Api } from '#services/api/plugin.ts';
import { addressOf } from './book.ts';
import { closeCircuit, loadHealth, type ChannelHealth } from './circuit-store.ts';
import { insertDeliveries } from './delivery-store.ts';
import { countWaiting, deliveryIdOf } from './log-store.ts';
import { listSettings, loadBook } from './setting-store.ts';
import { removeSetting, secretsSet, writeChannel } from './settings.ts';
import type { NotifyDeps } from './routes.ts';

const tags = ['notification'];
const params = z.strictObject({ id: idSchema });

export function channelRoutes(api: Api, deps: NotifyDeps): void {
  readRoutes(api, deps);
  writeRoutes(api, deps);
  testRoute(api, deps);
}

function readRoutes(api: Api, deps: NotifyDeps): void {
  api.get(
    '/notify/channels',
    {
      config: { access: alarmHandlers },
      schema: {
        summary: 'Channels and how they do; which secrets they have, never what those are',
        tags,
        response: { 200: pageOf(channelSchema) },
      },
    },
    async () => ({ items: await readChannels(deps), nextCursor: null }),
  );
}

async function readChannels(deps: NotifyDeps): Promise<Channel[]> {
  const channels = await listSettings(deps.db, 'channel');
  const health = new Map((await loadHealth(deps.db)).map((each) => [each.channelId, each]));
  const waiting = await countWaiting(deps.db);
  return Promise.all(
    channels.map(async (channel) => ({
      ...channel,
      secretsSet: await secretsSet(deps, channel.id),
      health: toHealth(health.get(channel.id), waiting.get(channel.id) ?? 0),
    })),
  );
}

function toHealth(health: ChannelHealth | undefined, waiting: number): Channel['health'] {
  const iso = (timeMs: number | null) => (timeMs === null ? null : new Date(timeMs).toISOString());
  return {
    failures: health?.failures ?? 0,
    failingSince: iso(health?.failingSinceMs ?? null),
    openUntil: iso(health === undefined || health.openUntilMs === 0 ? null : health.openUntilMs),
    lastError: health?.lastError ?? '',
    lastDeliveredAt: iso(health?.lastDeliveredMs ?? null),
    waiting,
  };
}

function writeRoutes(api: Api, deps: NotifyDeps): void {
  const answer = async (channel: ChannelBody): Promise<Channel> => {
    const found = (await readChannels(deps)).find(({ id }) => id === channel.id);
    if (found === undefined) throw new Error(`Channel ${channel.id} was not written`);
    return found;
  };
  api.post(
    '/notify/channels',
    {
      config: { access: admins },
      schema: { summary: 'Add a channel', tags, body: channelWriteBody, response: { 201: channelSchema } },
    },
    async (request, reply) => {
      const { actor } = principalOf(request);
      return reply
        .code(201)
        .send(await answer(await writeChannel(deps, request.body, { actor, isNew: true })));
    },
  );
  api.put(
    '/notify/channels/:id',
    {
      config: { access: admins },
      schema: {
        summary: 'Change a channel; secrets that are not given stay',
        tags,
        params,
        body: channelWriteBody,
        response: { 200: channelSchema },
      },
    },
    async (request) => {
      const { actor } = principalOf(request);
      refuseOtherId(request.params.id, request.body.id);
      return answer(await writeChannel(deps, request.body, { actor, isNew: false }));
    },
  );
  api.delete(
    '/notify/channels/:id',
    { config: { access: admins }, schema: { summary: 'Delete a channel that no route uses', tags, params } },
    async (request, reply) => {
      const { id } = request.params;
      await removeSetting(deps, { kind: 'channel', id }, principalOf(request).actor);
      return reply.code(204).send();
    },
  );
}

/** @throws ParkError invalid-request when the body is of something else than the address */
export function refuseOtherId(inPath: string, inBody: string): void {
  if (inPath === inBody) return;
  const message = `is ${inPath}, as in the address`;
  throw new ParkError('invalid-request', `/id ${message}`, [{ path: '/id', message }]);
}

function testRoute(api: Api, deps: NotifyDeps): void {
  api.post(
    '/notify/channels/:id/test',
    {
      config: { access: engineers, sessionOnly: true },
      schema: {
        summary: 'Send a test by a channel, to oneself or somebody named; the delivery tells what came of it',
        tags,
        params,
        body: channelTestBody,
        response: { 201: channelTestAnswer },
      },
    },
    async (request, reply) => {
      const { actor } = principalOf(request);
      const deliveryId = await sendTest(deps, {
        channelId: request.params.id,
        actor,
        username: request.body.username ?? actor,
      });
      return reply.code(201).send({ deliveryId: String(deliveryId) });
    },
  );
}

/** @throws ParkError not-found, invalid-request (nobody to reach by it) */
export async function sendTest(
  deps: NotifyDeps,
  test: { readonly channelId: string; readonly actor: string; readonly username: string },
): Promise<number> {
  const { channelId, actor, username } = test;
  const nowMs = deps.clock.nowMs();
  return transaction(deps.db, async (client) => {
    const book = await loadBook(client, wallClock(deps.timeZone), nowMs);
    const channel = book.channels.get(channelId);
    if (channel === undefined) throw new ParkError('not-found', `There is no channel ${channelId}.`);
    const isToPerson = isPersonal(channel.config.kind);
    const person = book.people.get(username);
    if (isToPerson && (person === undefined || addressOf(person, channel.config.kind) === undefined)) {
      const message = `${username} has no address for ${channel.config.kind}`;
      throw new ParkError('invalid-request', message, [{ path: '/username', message }]);
    }
    const key = `test/${randomUUID()}/${channelId}`;
    const message = { kind: 'test', facts: null, number: 0, by: null, people: [] } as const;
    const to = {
      channelId,
      username: isToPerson ? username : null,
      dueMs: nowMs,
      digest: false,
      noticeId: null,
    };
    await insertDeliveries(client, [{ key, ...to, message }], nowMs);
    // Somebody wants to know now: a channel that was left alone for a while is tried.
    await closeCircuit(client, channelId);
    const after = isToPerson ? { username } : {};
    await appendAudit(client, { actor, action: 'notify-channel.test', object: channelId, after });
    return (await deliveryIdOf(client, key)) ?? 0;
  });
}
