/** What a person may tell a device of a class to do, and the state that shows that it was done. */
export interface FieldCommandKind {
  readonly metric: string;
  /** A state of the metric. */
  readonly state: string;
}

export const fieldCommandNames = ['unlock', 'lock'] as const;
export type FieldCommandName = (typeof fieldCommandNames)[number];

const commandsOfClass: Readonly<Record<string, Readonly<Record<FieldCommandName, FieldCommandKind>>>> = {
  'access-door': {
    unlock: { metric: 'lock', state: 'unlocked' },
    lock: { metric: 'lock', state: 'locked' },
  },
};

/** Undefined when devices of the class take no such command. */
export function fieldCommandKind(deviceClass: string, name: FieldCommandName): FieldCommandKind | undefined {
  return Object.hasOwn(commandsOfClass, deviceClass) ? commandsOfClass[deviceClass]?.[name] : undefined;
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
  readonly command: FieldCommandName;
  /** Epoch milliseconds. */
  readonly ts: number;
  readonly expires: number;
}
