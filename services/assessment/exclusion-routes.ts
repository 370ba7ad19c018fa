import { z } from 'zod';
import { appendAudit } from '#infra/journal.ts';
import { transaction, type Database } from '#infra/postgres.ts';
import { asOfOnly } from '#schemas/api/common.ts';
import { exclusionBody, exclusionSchema } from '#schemas/api/assessment.ts';
import { ParkError } from '#schemas/errors.ts';
import { limits } from '#schemas/limits.ts';
import { engineers, everyone } from '#schemas/roles.ts';
import { scoredRubrics } from '#schemas/rubrics/index.ts';
import { principalOf, type Api } from '#services/api/plugin.ts';
import { endExclusion, insertExclusion, listExclusions, type ExclusionRow } from './exclusion-store.ts';
import { derivations } from './measures/derivations.ts';

const tags = ['assessment'];

/** GET|POST /exclusions and DELETE /exclusions/{id}: nothing leaves a population but by a person, with a reason. */
export function exclusionRoutes(api: Api, { db }: { db: Database }): void {
  api.get(
    '/exclusions',
    {
      config: { access: everyone },
      schema: {
        summary: 'Devices that a person left out of a measure, newest first',
        tags,
        querystring: asOfOnly,
        response: { 200: z.object({ items: z.array(exclusionSchema), nextCursor: z.null() }) },
      },
    },
    async ({ query: { asOf } }) => {
      const rows = await listExclusions(db, { limit: limits.listLimit, asOf });
      return { items: rows.map(toExclusion), nextCursor: null };
    },
  );
  api.post(
    '/exclusions',
    {
      config: { access: engineers },
      schema: {
        summary: 'Leaves a device out of a measure',
        tags,
        body: exclusionBody,
        response: { 201: exclusionSchema },
      },
    },
    async (request, reply) => {
      const { body, ip: address } = request;
      const { actor } = principalOf(request);
      refuseWrong(body);
      const exclusion = await transaction(db, async (client) => {
        const row = await insertExclusion(client, { ...body, actor });
        if (row === undefined) throw new ParkError('not-found', `There is no device ${body.deviceId}`);
        await appendAudit(client, {
          actor,
          action: 'exclusion.create',
          object: body.deviceId,
          after: body,
          address,
        });
        return row;
      });
      return reply.code(201).send(toExclusion(exclusion));
    },
  );
  api.delete(
    '/exclusions/:id',
    {
      config: { access: engineers },
      schema: {
        summary: 'Ends an exclusion from now on',
        tags,
        params: z.object({ id: z.string().regex(/^\d{1,15}$/) }),
        response: { 200: exclusionSchema },
      },
    },
    async (request) => {
      const { params, ip: address } = request;
      const { actor } = principalOf(request);
      return transaction(db, async (client) => {
        const row = await endExclusion(client, Number(params.id));
        if (row === undefined) throw new ParkError('not-found', `No exclusion ${params.id} is in force`);
        await appendAudit(client, {
          actor,
          action: 'exclusion.end',
          object: row.deviceId,
          before: toExclusion(row),
          address,
        });
        return toExclusion(row);
      });
    },
  );
}

function refuseWrong({ measure, from, to }: z.infer<typeof exclusionBody>): void {
  const fault = (path: string, message: string) =>
    new ParkError('invalid-request', `${path} ${message}`, [{ path, message }]);
  const isItem = [...scoredRubrics.values()].some(({ items }) => items.some(({ id }) => id === measure));
  if (!derivations.has(measure) && !isItem) {
    throw fault('measure', `is an item of a rubric, or one of ${[...derivations.keys()].join(', ')}`);
  }
  if (to !== null && Date.parse(from) >= Date.parse(to)) throw fault('to', 'is after from');
}

function toExclusion({ id, from, to, zh, en, ...rest }: ExclusionRow): z.infer<typeof exclusionSchema> {
  return {
    ...rest,
    id: String(id),
    from: from.toISOString(),
    to: to?.toISOString() ?? null,
    reason: { zh, en },
  };
}
