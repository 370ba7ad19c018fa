import type { OpcuaFigures } from './api/opcua.ts';
import { lineOf, type Phrase } from './phrases.ts';

/** What gateways speak. */
export const gatewayProtocols = ['mqtt', 'opcua', 'cctv'] as const;
export type GatewayProtocol = (typeof gatewayProtocols)[number];

/** What a gateway tells of itself; the ledger's persistent figures come from the store. */
export interface GatewayStatus {
  /** The ledger's key, e.g. `mqtt`. */
  readonly source: string;
  readonly protocol: GatewayProtocol;
  readonly connected: boolean;
  /** One line of English, without credentials. */
  readonly detail: string;
  /** The same as sentences; absent: nobody can translate it. */
  readonly said?: readonly Phrase[];
  readonly packetsAcknowledged: number;
  /** Packets that were received and not yet committed or refused. */
  readonly packetsWaiting: number;
  /** Packets so far that nobody waits to have acknowledged (MQTT QoS 0). */
  readonly packetsUnacknowledged?: number;
  /** What is wrong now, in a few words; null or absent when all is well. */
  readonly trouble?: string | null;
  readonly troubleSaid?: readonly Phrase[];
  /** The numbered canary through an external broker; null where there is none. */
  readonly canary: CanaryFigures | null;
  /** What gateways of a protocol tell beyond that. */
  readonly figures?: OpcuaFigures;
}

/** What a gateway says, as sentences and as lines of English. */
export function toldAs(said: readonly Phrase[], troubleSaid: readonly Phrase[]) {
  return { detail: lineOf(said), said, trouble: troubleLine(troubleSaid), troubleSaid };
}

/** What is wrong as one line; null when nothing is. */
export function troubleLine(troubles: readonly Phrase[]): string | null {
  return troubles.length === 0 ? null : lineOf(troubles);
}

/** What an external broker has lost, as far as its gateway knows since it was started. */
export interface CanaryFigures {
  /** How long the newest canary took, or the oldest is overdue; null before the first. */
  readonly lagMs: number | null;
  /** Canaries that the broker had taken and that never came: it loses readings then, too. */
  readonly holes: number;
  /** How often it had forgotten our session, with everything that it held for us. */
  readonly sessionsLost: number;
}

export interface Gateway extends AsyncDisposable {
  status(): GatewayStatus;
}
