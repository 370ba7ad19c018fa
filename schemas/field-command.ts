import { z } from 'zod';

/** What a person may tell a device of a class to do, and the state that shows that it was done. */
export interface FieldCommandKind {
  readonly metric: string;
  /** A state of the metric. */
  readonly state: string;
}

/** Commands of classes; others are methods of an OPC UA server, named where it is configured. */
export const fieldCommandNames = ['unlock', 'lock'] as const;
export const fieldCommandNameSchema = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,39}$/, 'a command has 1 to 40 lower-case letters, digits or "_"');

const commandsOfClass: Readonly<Record<string, Readonly<Record<string, FieldCommandKind>>>> = {
  'access-door': {
    unlock: { metric: 'lock', state: 'unlocked' },
    lock: { metric: 'lock', state: 'locked' },
  },
};

/** Undefined when devices of the class take no such command. */
export function fieldCommandKind(deviceClass: string, name: string): FieldCommandKind | undefined {
  const ofClass = Object.hasOwn(commandsOfClass, deviceClass) ? commandsOfClass[deviceClass] : undefined;
  return ofClass !== undefined && Object.hasOwn(ofClass, name) ? ofClass[name] : undefined;
}

/** `sent`: published, no answer yet. */
export const fieldCommandStates = ['sent', 'confirmed', 'failed', 'timed-out'] as const;
export type FieldCommandState = (typeof fieldCommandStates)[number];

/** Events with which a device answers; their `data.command` is the command's id, `data.reason` says why it failed. */
export const commandConfirmedEvent = 'command.confirmed';
export const commandFailedEvent = 'command.failed';

export const fieldCommandLimits = {
  /** How long a device has for its answer, s; it does nothing that is older. */
  timeoutS: 15,
  reasonLength: 500,
  /** Shown of a device. */
  listed: 20,
} as const;

/** What is published on a device's command topic. */
export interface FieldCommandMessage {
  readonly id: string;
  readonly command: string;
  /** Epoch milliseconds. */
  readonly ts: number;
  readonly expires: number;
}
