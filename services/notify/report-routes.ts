import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { appendAudit } from '#infra/journal.ts';
import { transaction } from '#infra/postgres.ts';
import { channelTestAnswer } from '#schemas/api/notify.ts';
import { ParkError } from '#schemas/errors.ts';
import { idSchema } from '#schemas/ids.ts';
import { reportBodySchema } from '#schemas/notify.ts';
import { engineers } from '#schemas/roles.ts';
import { wallClock } from '#schemas/wall-clock.ts';
import { principalOf, type Api } from '#services/api/plugin.ts';
import { deliveryIdOf } from './log-store.ts';
import { insertDeliveries } from './delivery-store.ts';
import { weekBefore } from './report.ts';
import { deliveryOf, makeReport, readersOf } from './report-plan.ts';
import type { NotifyDeps } from './routes.ts';
import { crudRoutes } from './setting-routes.ts';
import { loadBook } from './setting-store.ts';

const tags = ['notification'];

/** Reports that are sent by themselves, and one that is sent to oneself now. */
export function reportRoutes(api: Api, deps: NotifyDeps): void {
  crudRoutes(api, deps, { kind: 'report', path: '/notify/reports', schema: reportBodySchema });
  api.post(
    '/notify/reports/:id/test',
    {
      config: { access: engineers, sessionOnly: true },
      schema: {
        summary: 'Send a report of the last whole week to oneself now; the delivery tells what came of it',
        tags,
        params: z.strictObject({ id: idSchema }),
        body: z.strictObject({}),
        response: { 201: channelTestAnswer },
      },
    },
    async (request, reply) => {
      const { actor } = principalOf(request);
      const deliveryId = await sendToOneself(deps, request.params.id, actor);
      return reply.code(201).send({ deliveryId: String(deliveryId) });
    },
  );
}

/** @throws ParkError not-found, invalid-request (no address for any of its ways) */
function sendToOneself(deps: NotifyDeps, id: string, actor: string): Promise<number> {
  const nowMs = deps.clock.nowMs();
  return transaction(deps.db, async (client) => {
    const book = await loadBook(client, wallClock(deps.timeZone), nowMs);
    const report = book.reports.find((each) => each.id === id);
    if (report === undefined) throw new ParkError('not-found', `There is no report ${id}.`);
    const asked = { ...report, targets: [{ kind: 'person', id: actor } as const] };
    const [to] = readersOf(book, asked, nowMs).recipients.filter(({ username }) => username === actor);
    if (to === undefined) {
      const message = `${actor} has no address for what it is sent by`;
      throw new ParkError('invalid-request', message, [{ path: '/id', message }]);
    }
    const week = weekBefore(book.clock.at(nowMs).day);
    const made = await makeReport(client, { report, week, book, nowMs });
    const key = `report-test/${randomUUID()}`;
    await insertDeliveries(client, [deliveryOf(made, { to, key, nowMs })], nowMs);
    await appendAudit(client, { actor, action: 'notify-report.test', object: id });
    return (await deliveryIdOf(client, key)) ?? 0;
  });
}
