/**
 * Numbered messages that a gateway sends through the broker to itself. A broker that drops shows as a hole, one that
 * is behind as lag. Pure: time comes in, sending is the caller's.
 */
export interface Canary {
  /** The next message to publish. */
  next(nowMs: number): string;
  /** What came back; text that is not of this run is ignored. */
  received(text: string, nowMs: number): void;
  status(nowMs: number): { readonly lagMs: number | null; readonly holes: number };
}

/** Sent and not yet returned; older ones are forgotten, a hole is still seen by the number that returns. */
const rememberedSends = 1_000;

/** @param run tells this process from earlier ones, whose messages a kept session still delivers */
export function createCanary(run: string): Canary {
  let sent = 0;
  let returned = 0;
  let holes = 0;
  let lagMs: number | null = null;
  const outstanding = new Map<number, number>();
  return {
    next(nowMs) {
      outstanding.set(++sent, nowMs);
      if (outstanding.size > rememberedSends) outstanding.delete(sent - rememberedSends);
      return JSON.stringify({ run, number: sent });
    },
    received(text, nowMs) {
      const number = readNumber(text, run);
      // A redelivery: the broker sends again what it has not seen acknowledged.
      if (number === null || number <= returned || number > sent) return;
      holes += number - returned - 1;
      lagMs = nowMs - (outstanding.get(number) ?? nowMs);
      for (let passed = returned + 1; passed <= number; passed++) outstanding.delete(passed);
      returned = number;
    },
    status(nowMs) {
      const [oldestSentMs] = outstanding.values();
      const overdueMs = oldestSentMs === undefined ? null : nowMs - oldestSentMs;
      return { lagMs: lagMs === null ? overdueMs : Math.max(lagMs, overdueMs ?? 0), holes };
    },
  };
}

function readNumber(text: string, run: string): number | null {
  try {
    const message = JSON.parse(text) as { run?: unknown; number?: unknown } | null;
    return message?.run === run && Number.isSafeInteger(message.number) ? (message.number as number) : null;
  } catch {
    return null;
  }
}
