import { z } from 'zod';
import { commandConfirmedEvent, commandFailedEvent } from '#schemas/field-command.ts';
import { faultAt } from './faults.ts';
import { answers, type FieldMessage } from './field.ts';
import type { Sampler } from './world.ts';

const commandSchema = z.object({ id: z.string(), command: z.enum(['unlock', 'lock']), expires: z.number() });

/** Doors are told to unlock and to lock. */
export function takesCommands({ device }: Sampler): boolean {
  return device.model.kind === 'door';
}

/**
 * What a door says to a command: done, with its lock as it is then (it locks itself again after a while), or why not. One
 * that its box cannot reach says nothing, nor does one whose command has run out. Pure.
 */
export function answerDoorCommand(
  payload: string,
  { sampler, key, nowMs }: { readonly sampler: Sampler; readonly key: number; readonly nowMs: number },
): FieldMessage[] {
  const read = readCommand(payload);
  if (read === null || nowMs > read.expires || !answers(sampler, key, nowMs)) return [];
  const { id, command } = read;
  const event = (type: string, rest: Readonly<Record<string, string>> = {}): FieldMessage => ({
    kind: 'event',
    timeMs: nowMs,
    event: { type, id: `${type}-${id}`, data: { command: id, ...rest } },
  });
  const isOpen = faultAt(key, 'held-open', nowMs) !== null || faultAt(key, 'forced', nowMs) !== null;
  if (command === 'lock' && isOpen) return [event(commandFailedEvent, { reason: 'the door is open' })];
  const lock = command === 'unlock' ? 'unlocked' : 'locked';
  return [event(commandConfirmedEvent), { kind: 'telemetry', timeMs: nowMs, values: { lock } }];
}

function readCommand(payload: string): z.infer<typeof commandSchema> | null {
  try {
    return commandSchema.safeParse(JSON.parse(payload)).data ?? null;
  } catch {
    return null;
  }
}
