import type { GatewayStatus } from '#schemas/gateway.ts';
import type { Phrase } from '#schemas/phrases.ts';

/** Over how long the pace of a gateway is taken. */
const paceWindowMs = 10_000;
/** What is wrong may be a long list; this is enough of it to know where to look. */
const errorLength = 500;

interface Mark {
  readonly atMs: number;
  readonly packets: number;
}

/** How fast gateways take packets. */
export interface Paces {
  /** @returns packets a second over the last 10 s; null before the second look */
  note(status: GatewayStatus, monotonicMs: number): number | null;
}

export function createPaces(): Paces {
  const marks = new Map<string, Mark[]>();
  return {
    note({ source, packetsAcknowledged, packetsUnacknowledged = 0 }, atMs) {
      const packets = packetsAcknowledged + packetsUnacknowledged;
      const before = marks.get(source) ?? [];
      // A gateway that was started anew counts from zero.
      const isAnew = (before.at(-1)?.packets ?? 0) > packets;
      const kept = isAnew ? [] : before.filter((mark) => mark.atMs >= atMs - paceWindowMs);
      marks.set(source, [...kept, { atMs, packets }]);
      const [first] = kept;
      return first === undefined || atMs <= first.atMs
        ? null
        : ((packets - first.packets) * 1_000) / (atMs - first.atMs);
    },
  };
}

export interface LastError {
  readonly text: string;
  readonly said: readonly Phrase[];
  readonly at: Date;
}

/** What was wrong with gateways last. */
export interface Errors {
  /** @returns an error that begins now, or became another; null while nothing is wrong, or the same goes on */
  note(status: GatewayStatus, nowMs: number): LastError | null;
}

export function createErrors(): Errors {
  const known = new Map<string, string | null>();
  return {
    note({ source, trouble: told, troubleSaid: said = [] }, nowMs) {
      const trouble = told?.slice(0, errorLength) ?? null;
      const before = known.get(source) ?? null;
      known.set(source, trouble);
      return trouble === null || trouble === before ? null : { text: trouble, said, at: new Date(nowMs) };
    },
  };
}
