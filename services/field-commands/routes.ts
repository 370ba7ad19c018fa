import { z } from 'zod';
import type { Database } from '#infra/postgres.ts';
import {
  fieldCommandBody,
  fieldCommandsAnswer,
  fieldCommandSchema,
  type FieldCommand,
} from '#schemas/api/field-commands.ts';
import { ParkError } from '#schemas/errors.ts';
import { fieldCommandKind, fieldCommandLimits, fieldCommandNames } from '#schemas/field-command.ts';
import { idSchema } from '#schemas/ids.ts';
import { alarmHandlers } from '#schemas/roles.ts';
import { principalOf, type Api } from '#services/api/plugin.ts';
import type { Commander } from './commander.ts';
import { findTarget, listCommands, listMethods, type CommandRow } from './store.ts';

/** A door is not opened by a script that runs wild. */
const rateLimit = { max: 30, timeWindow: 60_000 } as const;
const params = z.object({ id: idSchema });
const tags = ['devices'];

/** What people tell devices to do, and what came of it. */
export function fieldCommandRoutes(
  api: Api,
  { db, commander }: { readonly db: Database; readonly commander: Commander },
): void {
  api.post(
    '/devices/:id/commands',
    {
      config: { access: alarmHandlers, rateLimit },
      schema: {
        summary: 'Tell a device to do something; its answer is awaited afterwards',
        tags,
        params,
        body: fieldCommandBody,
        response: { 202: fieldCommandSchema },
      },
    },
    async (request, reply) => {
      const { actor } = principalOf(request);
      const asked = { ...request.body, deviceId: request.params.id, actor, address: request.ip };
      return reply.code(202).send(toAnswer(await commander.send(asked)));
    },
  );
  api.get(
    '/devices/:id/commands',
    {
      config: { access: alarmHandlers },
      schema: {
        summary: 'What a device may be told, and what it was told lately',
        tags,
        params,
        response: { 200: fieldCommandsAnswer },
      },
    },
    async ({ params: { id } }) => {
      const target = await findTarget(db, id);
      if (target === undefined) throw new ParkError('not-found', `There is no device ${id}.`);
      const rows = await listCommands(db, id, fieldCommandLimits.listed);
      const ofClass = fieldCommandNames.filter((name) => fieldCommandKind(target.class, name) !== undefined);
      const methods = (await listMethods(db, id)).map(({ command }) => command);
      return { commands: [...new Set([...ofClass, ...methods])], items: rows.map(toAnswer) };
    },
  );
}

function toAnswer({ sentAt, expiresAt, endedAt, ...row }: CommandRow): FieldCommand {
  return {
    ...row,
    sentAt: sentAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
    endedAt: endedAt?.toISOString() ?? null,
  };
}
