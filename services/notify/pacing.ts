/** When a channel may be used again, and when a message is tried again; pure. */

/** Pauses after a failed attempt: first, and at most. */
const retryFirstMs = 5_000;
const retryMostMs = 10 * 60_000;
/** A message that could not be sent for so long is given up, and waits for a person. */
export const giveUpMs = 24 * 3_600_000;

/** Failures in a row after which a channel is left alone for a while. */
const circuitFailures = 5;
const circuitFirstMs = 30_000;
const circuitMostMs = 10 * 60_000;

const rateWindowMs = 60_000;

/**
 * How long to wait before the next attempt, ms.
 * @param random in [0, 1): spreads those that failed together over half the pause
 */
export function retryAfterMs(attempts: number, random: number): number {
  const pauseMs = Math.min(retryFirstMs * 2 ** Math.min(attempts - 1, 20), retryMostMs);
  return Math.round(pauseMs * (0.5 + random / 2));
}

/** How a channel has done lately. */
export interface Circuit {
  /** In a row; 0 after a success. */
  readonly failures: number;
  /** Nothing is sent before. */
  readonly openUntilMs: number;
}

export const closedCircuit: Circuit = { failures: 0, openUntilMs: 0 };

export function afterFailure(circuit: Circuit, nowMs: number): Circuit {
  const failures = circuit.failures + 1;
  if (failures < circuitFailures) return { failures, openUntilMs: circuit.openUntilMs };
  const doublings = Math.min(failures - circuitFailures, 20);
  return { failures, openUntilMs: nowMs + Math.min(circuitFirstMs * 2 ** doublings, circuitMostMs) };
}

/** The other end asked for a pause. */
export function afterLimit(circuit: Circuit, untilMs: number): Circuit {
  return { ...circuit, openUntilMs: Math.max(circuit.openUntilMs, untilMs) };
}

/** How many may be under way at once: one, to see whether a channel that failed works again. */
export function atOnce(circuit: Circuit, most: number): number {
  return circuit.failures >= circuitFailures ? 1 : most;
}

/**
 * When the next message may go out under a rate.
 * @param sentMs times of the latest messages
 */
export function rateFreeMs(sentMs: readonly number[], perMinute: number, nowMs: number): number {
  const recent = sentMs.filter((atMs) => atMs > nowMs - rateWindowMs).sort((a, b) => a - b);
  if (recent.length < perMinute) return nowMs;
  return (recent[recent.length - perMinute] ?? nowMs) + rateWindowMs;
}
