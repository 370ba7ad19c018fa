import { randomUUID } from 'node:crypto';
import type { Bus } from '#infra/bus.ts';
import type { Clock } from '#infra/clock.ts';
import { appendAudit } from '#infra/journal.ts';
import type { Log } from '#infra/log.ts';
import { transaction, type Database } from '#infra/postgres.ts';
import { deviceClasses, stateCode } from '#schemas/device-classes/index.ts';
import { ParkError } from '#schemas/errors.ts';
import {
  fieldCommandKind,
  fieldCommandLimits,
  type FieldCommandMessage,
  type FieldCommandName,
} from '#schemas/field-command.ts';
import { commandTopic } from '#schemas/topics.ts';
import { endCommand, findTarget, insertCommand, listOpen, type CommandRow } from './store.ts';
import { judgeCommand, type CommandVerdict } from './verdict.ts';

/** @throws Error when the broker did not take it */
export type PublishCommand = (topic: string, payload: string) => Promise<void>;

export interface CommanderOptions {
  readonly db: Database;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  readonly parkId: string;
  readonly publish: PublishCommand;
}

export interface Commander extends AsyncDisposable {
  /**
   * Tells a device to do something: written and audited first, then published.
   * @throws ParkError `not-found`; `invalid-request` for a class that takes no such command; `conflict` when the device
   * is not in service, or has yet to answer another one
   */
  send(asked: CommandRequest): Promise<CommandRow>;
}

export interface CommandRequest {
  readonly deviceId: string;
  readonly command: FieldCommandName;
  readonly reason: string;
  readonly actor: string;
  readonly address: string;
}

/** How often commands that wait are looked at, besides when their device says something. */
const checkEveryMs = 1_000;

/** Starts waiting for answers, also to what was sent before a restart. */
export function startCommander(options: CommanderOptions): Commander {
  const { db, bus, clock, log } = options;
  let isOpen = true;
  let checking: Promise<void> | undefined;

  const end = async (id: string, verdict: CommandVerdict): Promise<CommandRow | undefined> =>
    transaction(db, async (client) => {
      const row = await endCommand(client, id, { ...verdict, at: new Date(clock.nowMs()) });
      if (row !== undefined) {
        await appendAudit(client, {
          actor: 'system',
          action: `command.${verdict.state}`,
          object: row.deviceId,
          after: { id, command: row.command, detail: verdict.detail },
        });
      }
      return row;
    });
  const check = async (): Promise<void> => {
    const open = await listOpen(db);
    isOpen = open.length > 0;
    for (const command of open) {
      const verdict = judgeCommand(command, clock.nowMs());
      if (verdict !== null) await end(command.id, verdict);
    }
  };
  const look = (): void => {
    if (!isOpen || checking !== undefined) return;
    checking = check()
      .catch((error: unknown) => log.warn({ err: error }, 'commands wait: the store is away'))
      .finally(() => {
        checking = undefined;
      });
  };
  const timer = clock.every(checkEveryMs, look);
  const unsubscribe = bus.subscribe('events', look);
  return {
    async send(asked) {
      const row = await write(options, asked);
      isOpen = true;
      const message: FieldCommandMessage = {
        id: row.id,
        command: row.command,
        ts: row.sentAt.getTime(),
        expires: row.expiresAt.getTime(),
      };
      try {
        await options.publish(commandTopic(options.parkId, row.deviceId), JSON.stringify(message));
        return row;
      } catch (error) {
        log.warn({ err: error, deviceId: row.deviceId }, 'a command was not taken by the broker');
        return (await end(row.id, { state: 'failed', detail: 'the broker did not take it' })) ?? row;
      }
    },
    async [Symbol.asyncDispose]() {
      timer[Symbol.dispose]();
      unsubscribe();
      await checking;
    },
  };
}

async function write({ db, clock }: CommanderOptions, asked: CommandRequest): Promise<CommandRow> {
  const { deviceId, command, reason, actor, address } = asked;
  const target = await findTarget(db, deviceId);
  if (target === undefined) throw new ParkError('not-found', `There is no device ${deviceId}.`);
  const kind = fieldCommandKind(target.class, command);
  const metric = kind === undefined ? undefined : deviceClasses.get(target.class)?.metrics[kind.metric];
  const wanted = kind === undefined || metric === undefined ? undefined : stateCode(metric, kind.state);
  if (kind === undefined || wanted === undefined) {
    throw new ParkError('invalid-request', `A device of the class ${target.class} takes no ${command}.`);
  }
  if (target.lifecycle !== 'in-service') {
    throw new ParkError('conflict', `${deviceId} is ${target.lifecycle}, not in service.`);
  }
  const nowMs = clock.nowMs();
  const row = {
    id: randomUUID(),
    deviceId,
    command,
    reason,
    actor,
    sentAt: new Date(nowMs),
    expiresAt: new Date(nowMs + fieldCommandLimits.timeoutS * 1000),
  };
  await transaction(db, async (client) => {
    if (!(await insertCommand(client, { ...row, metric: kind.metric, wanted }))) {
      throw new ParkError('conflict', `${deviceId} has yet to answer another command.`);
    }
    const after = { id: row.id, command };
    await appendAudit(client, { actor, action: 'command.send', object: deviceId, reason, after, address });
  });
  return { ...row, state: 'sent', endedAt: null, detail: null };
}
