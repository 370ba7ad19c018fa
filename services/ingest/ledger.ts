import type { Packet } from '#schemas/reading.ts';
import type { Judged } from './accept.ts';

/**
 * The books of one source (DESIGN §3): values received = accepted + rejected + undiscovered, accepted = committed +
 * duplicate + waiting; packets received = refused + usable = acknowledged + waiting + QoS 0: a refused packet is
 * acknowledged like any other. What is accepted and what waits are not stored: they are
 * what the other figures leave, so a figure that is wrong anywhere shows as values that wait for ever.
 */
export interface Tally {
  packetsReceived: number;
  packetsRefused: number;
  /** Those that nobody waits for an acknowledgement of (QoS 0), refused ones too. */
  packetsUnacknowledged: number;
  valuesReceived: number;
  valuesCommitted: number;
  /** Inside {@link valuesCommitted}. */
  valuesCorrected: number;
  valuesDuplicate: number;
  valuesUndiscovered: number;
  valuesUntimed: number;
  eventsCommitted: number;
  eventsDuplicate: number;
  /** Values by reason; whole packets are in {@link packetsRefused} only. */
  readonly rejected: Map<string, number>;
  /** When something arrived last, epoch milliseconds. */
  lastAtMs: number;
}

/** The figures of a tally that only add up. */
export const tallyFigures = [
  'packetsReceived',
  'packetsRefused',
  'packetsUnacknowledged',
  'valuesReceived',
  'valuesCommitted',
  'valuesCorrected',
  'valuesDuplicate',
  'valuesUndiscovered',
  'valuesUntimed',
  'eventsCommitted',
  'eventsDuplicate',
] as const satisfies readonly (keyof Tally)[];

/** The reason that values of ignored metrics are counted under; they are in no book. */
export const ignoredReason = 'ignored';
/** The reason that values evicted from the discoveries are counted under. */
export const discoveryFullReason = 'discovery-full';

export function emptyTally(): Tally {
  return {
    packetsReceived: 0,
    packetsRefused: 0,
    packetsUnacknowledged: 0,
    valuesReceived: 0,
    valuesCommitted: 0,
    valuesCorrected: 0,
    valuesDuplicate: 0,
    valuesUndiscovered: 0,
    valuesUntimed: 0,
    eventsCommitted: 0,
    eventsDuplicate: 0,
    rejected: new Map(),
    lastAtMs: 0,
  };
}

/** Tallies by source, made when first asked for. */
export class TallyBook {
  readonly bySource = new Map<string, Tally>();

  of(source: string): Tally {
    let tally = this.bySource.get(source);
    if (tally === undefined) {
      tally = emptyTally();
      this.bySource.set(source, tally);
    }
    return tally;
  }
}

/** Enters a packet as received and judged; its accepted values wait from now on. */
export function enterPacket(tally: Tally, packet: Packet, judged: Judged): void {
  tally.packetsReceived++;
  tally.lastAtMs = Math.max(tally.lastAtMs, packet.receivedAtMs);
  if (packet.unacknowledged) tally.packetsUnacknowledged++;
  if (judged.kind === 'refused' || packet.deviceId === null) {
    tally.packetsRefused++;
    return;
  }
  tally.valuesReceived +=
    judged.accepted.pointIds.length +
    judged.late.length +
    judged.rejected.length +
    judged.ignored +
    judged.undiscovered.length;
  tally.valuesUndiscovered += judged.undiscovered.length;
  tally.valuesUntimed += judged.untimed;
  for (const { reason } of judged.rejected) countRejected(tally, reason, 1);
  if (judged.ignored > 0) countRejected(tally, ignoredReason, judged.ignored);
}

export function countRejected(tally: Tally, reason: string, values: number): void {
  tally.rejected.set(reason, (tally.rejected.get(reason) ?? 0) + values);
}

/** Adds `other`, `times` times (-1 takes it away). */
export function addTally(tally: Tally, other: Tally, times: 1 | -1 = 1): void {
  for (const figure of tallyFigures) tally[figure] += times * other[figure];
  for (const [reason, values] of other.rejected) countRejected(tally, reason, times * values);
  tally.lastAtMs = Math.max(tally.lastAtMs, other.lastAtMs);
}

export function rejectedValues(tally: Tally): number {
  return tally.rejected.values().reduce((sum, values) => sum + values, 0);
}

export function acceptedValues(tally: Tally): number {
  return tally.valuesReceived - rejectedValues(tally) - tally.valuesUndiscovered;
}

export function waitingValues(tally: Tally): number {
  return acceptedValues(tally) - tally.valuesCommitted - tally.valuesDuplicate;
}

export function usablePackets(tally: Tally): number {
  return tally.packetsReceived - tally.packetsRefused;
}

/**
 * Whether both equations hold: exactly `waiting` values are accepted but neither committed nor duplicates, corrections
 * are inside committed, and no figure is below zero.
 */
export function isBalanced(tally: Tally, waiting: number): boolean {
  return (
    waitingValues(tally) === waiting &&
    tally.valuesCorrected <= tally.valuesCommitted &&
    tally.packetsRefused <= tally.packetsReceived &&
    tally.packetsUnacknowledged <= tally.packetsReceived &&
    tallyFigures.every((figure) => tally[figure] >= 0) &&
    tally.rejected.values().every((values) => values >= 0)
  );
}
