import { commandFailedEvent, type FieldCommandState } from '#schemas/field-command.ts';

/** What is known of a command that was sent. */
export interface CommandEvidence {
  /** The device's own answer: the type of its event; null before it. */
  readonly answer: string | null;
  /** Why it failed, in the device's words. */
  readonly answerReason: string | null;
  /** A reading measured after the command shows the wanted state. */
  readonly stateReached: boolean;
  readonly expiresAtMs: number;
}

export interface CommandVerdict {
  readonly state: Exclude<FieldCommandState, 'sent'>;
  readonly detail: string;
}

const detailLength = 200;

/** What came of a command; null while its answer may still come. The device's own word goes before its state. */
export function judgeCommand(evidence: CommandEvidence, nowMs: number): CommandVerdict | null {
  const { answer, answerReason, stateReached, expiresAtMs } = evidence;
  if (answer === commandFailedEvent) {
    return { state: 'failed', detail: (answerReason ?? 'the device gave no reason').slice(0, detailLength) };
  }
  if (answer !== null) return { state: 'confirmed', detail: 'the device answered' };
  if (stateReached) return { state: 'confirmed', detail: 'its state shows it' };
  return nowMs >= expiresAtMs ? { state: 'timed-out', detail: 'the device did not answer' } : null;
}
