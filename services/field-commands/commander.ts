import { randomUUID } from 'node:crypto';
import type { Bus } from '#infra/bus.ts';
import type { Clock } from '#infra/clock.ts';
import { appendAudit } from '#infra/journal.ts';
import type { Log } from '#infra/log.ts';
import { transaction, type Database } from '#infra/postgres.ts';
import type { OpcuaDesk } from '#schemas/api/opcua.ts';
import { deviceClasses, stateCode } from '#schemas/device-classes/index.ts';
import { ParkError } from '#schemas/errors.ts';
import { fieldCommandKind, fieldCommandLimits, type FieldCommandMessage } from '#schemas/field-command.ts';
import { commandTopic } from '#schemas/topics.ts';
import { endCommand, findTarget, insertCommand, listMethods, listOpen, type CommandRow } from './store.ts';
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
  /** Calls the method that a command is. */
  readonly callMethod: OpcuaDesk['call'];
}

export interface Commander extends AsyncDisposable {
  /**
   * Tells a device to do something: written and audited first, then published, or called where it is a method of the
   * device's OPC UA server: its status and what it gives back are the answer then.
   * @throws ParkError `not-found`; `invalid-request` for a class that takes no such command; `conflict` when the device
   * is not in service, or has yet to answer another one
   */
  send(asked: CommandRequest): Promise<CommandRow>;
}

export interface CommandRequest {
  readonly deviceId: string;
  readonly command: string;
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
  const calls = new Set<Promise<void>>();
  const call = async (row: CommandRow, serverId: string): Promise<void> => {
    const { id, deviceId, command } = row;
    try {
      const { ok, detail } = await options.callMethod({ id, serverId, deviceId, command });
      await end(id, { state: ok ? 'confirmed' : 'failed', detail });
    } catch (error) {
      // Nobody knows whether it was done: it stays open until its time is over.
      if (!(error instanceof ParkError) || error.code === 'unavailable') throw error;
      await end(id, { state: 'failed', detail: error.message });
    }
  };
  const timer = clock.every(checkEveryMs, look);
  const unsubscribe = bus.subscribe('events', look);
  return {
    async send(asked) {
      const { row, serverId } = await write(options, asked);
      isOpen = true;
      if (serverId !== null) {
        const calling = call(row, serverId)
          .catch((error: unknown) =>
            log.warn({ err: error, deviceId: row.deviceId }, 'a method did not answer'),
          )
          .finally(() => calls.delete(calling));
        calls.add(calling);
        return row;
      }
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
      await Promise.all(calls);
    },
  };
}

interface Written {
  readonly row: CommandRow;
  /** Of the OPC UA server whose method it is. */
  readonly serverId: string | null;
}

async function write({ db, clock }: CommanderOptions, asked: CommandRequest): Promise<Written> {
  const { deviceId, command, reason, actor, address } = asked;
  const target = await findTarget(db, deviceId);
  if (target === undefined) throw new ParkError('not-found', `There is no device ${deviceId}.`);
  const method = (await listMethods(db, deviceId)).find((one) => one.command === command);
  const shownBy = stateOf(target.class, command);
  if (shownBy === undefined && method === undefined) {
    throw new ParkError('invalid-request', `A device of the class ${target.class} takes no ${command}.`);
  }
  if (target.lifecycle !== 'in-service') {
    throw new ParkError('conflict', `${deviceId} is ${target.lifecycle}, not in service.`);
  }
  const nowMs = clock.nowMs();
  const serverId = method?.serverId ?? null;
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
    const { metric = null, wanted = null } = shownBy ?? {};
    if (!(await insertCommand(client, { ...row, metric, wanted, serverId }))) {
      throw new ParkError('conflict', `${deviceId} has yet to answer another command.`);
    }
    const after = { id: row.id, command, ...(serverId === null ? {} : { opcuaServer: serverId }) };
    await appendAudit(client, { actor, action: 'command.send', object: deviceId, reason, after, address });
  });
  return { row: { ...row, state: 'sent', endedAt: null, detail: null }, serverId };
}

/** The state that shows that a command of the class was done. */
function stateOf(className: string, command: string): { metric: string; wanted: number } | undefined {
  const kind = fieldCommandKind(className, command);
  const metric = kind === undefined ? undefined : deviceClasses.get(className)?.metrics[kind.metric];
  const wanted = kind === undefined || metric === undefined ? undefined : stateCode(metric, kind.state);
  return kind === undefined || wanted === undefined ? undefined : { metric: kind.metric, wanted };
}
