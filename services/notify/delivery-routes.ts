import { z } from 'zod';
import { appendAudit } from '#infra/journal.ts';
import { transaction } from '#infra/postgres.ts';
import {
  deliveriesQuery,
  deliveryDetailSchema,
  deliverySchema,
  type DeliveryDetail,
} from '#schemas/api/notify.ts';
import { pageOf } from '#schemas/api/common.ts';
import { ParkError } from '#schemas/errors.ts';
import { alarmHandlers, engineers } from '#schemas/roles.ts';
import { fromIdCursor, toPage } from '#services/api/cursor.ts';
import { principalOf, type Api } from '#services/api/plugin.ts';
import { findDelivery, listDeliveries, reviveDelivery } from './log-store.ts';
import type { NotifyDeps } from './routes.ts';

const tags = ['notification'];
const params = z.strictObject({ id: z.string().regex(/^[1-9]\d{0,14}$/, 'a delivery id is a number') });

/** The log of messages: every one, every attempt, and those that were given up. */
export function deliveryRoutes(api: Api, deps: NotifyDeps): void {
  api.get(
    '/notify/deliveries',
    {
      config: { access: alarmHandlers },
      schema: {
        summary: 'Messages, newest first',
        tags,
        querystring: deliveriesQuery,
        response: { 200: pageOf(deliverySchema) },
      },
    },
    async ({ query }) => {
      const items = await listDeliveries(deps.db, {
        before: fromIdCursor(query.cursor),
        limit: query.limit + 1,
        state: query.state ?? null,
        channel: query.channel ?? null,
        username: query.username ?? null,
        alarmId: query.alarm === undefined ? null : Number(query.alarm),
      });
      return toPage(items, query.limit, (delivery) => delivery.id);
    },
  );
  const read = async (id: string): Promise<DeliveryDetail> => {
    const found = await findDelivery(deps.db, Number(id));
    if (found === undefined) throw new ParkError('not-found', `There is no delivery ${id}.`);
    return found;
  };
  api.get(
    '/notify/deliveries/:id',
    {
      config: { access: alarmHandlers },
      schema: {
        summary: 'One message with every attempt',
        tags,
        params,
        response: { 200: deliveryDetailSchema },
      },
    },
    ({ params: { id } }) => read(id),
  );
  api.post(
    '/notify/deliveries/:id/retry',
    {
      config: { access: engineers },
      schema: {
        summary: 'Try a message again that was given up',
        tags,
        params,
        body: z.strictObject({}),
        response: { 200: deliveryDetailSchema },
      },
    },
    async (request) => {
      const { id } = request.params;
      await read(id);
      await transaction(deps.db, async (client) => {
        if (!(await reviveDelivery(client, Number(id), deps.clock.nowMs()))) {
          throw new ParkError('conflict', `Delivery ${id} was not given up.`);
        }
        const { actor } = principalOf(request);
        await appendAudit(client, { actor, action: 'notify-delivery.retry', object: `delivery:${id}` });
      });
      return read(id);
    },
  );
}
