import type { Source } from '#schemas/api/ingest.ts';
import type { GatewayStatus } from '#schemas/gateway.ts';
import { toSaid } from '#schemas/api/common.ts';
import {
  acceptedValues,
  addTally,
  emptyTally,
  isBalanced,
  usablePackets,
  waitingValues,
  type Tally,
} from './ledger.ts';
import type { GatewayState } from './store-gateways.ts';
import type { SequenceFigures } from './store-sequences.ts';

/** What is known of one source. */
export interface SourceFacts {
  readonly source: string;
  /** Null for a source whose gateway does not run here. */
  readonly gateway: GatewayStatus | null;
  /** What its gateways have told, in every process. */
  readonly states: readonly GatewayState[];
  /** As committed. */
  readonly stored: Tally;
  /** Received and not committed yet. */
  readonly pending: Tally;
  readonly sequence: SequenceFigures;
}

/** A source with its ledger, as it stands at this instant. Pure. */
export function describeSource({ source, gateway, states, stored, pending, sequence }: SourceFacts): Source {
  const total = emptyTally();
  addTally(total, stored);
  addTally(total, pending);
  const waiting = waitingValues(pending);
  return {
    source,
    ...describeGateway(gateway, states),
    ...describePace(states),
    lastAt: total.lastAtMs > 0 ? new Date(total.lastAtMs).toISOString() : null,
    packets: {
      received: total.packetsReceived,
      refused: total.packetsRefused,
      usable: usablePackets(total),
      acknowledged: stored.packetsReceived - stored.packetsUnacknowledged,
      waiting: pending.packetsReceived - pending.packetsUnacknowledged,
      unacknowledged: total.packetsUnacknowledged,
    },
    values: {
      received: total.valuesReceived,
      accepted: acceptedValues(total),
      rejected: Object.fromEntries([...total.rejected].filter(([, count]) => count > 0)),
      undiscovered: total.valuesUndiscovered,
      committed: total.valuesCommitted,
      corrected: total.valuesCorrected,
      duplicate: total.valuesDuplicate,
      waiting,
      untimed: total.valuesUntimed,
    },
    events: { committed: total.eventsCommitted, duplicate: total.eventsDuplicate },
    sequence: { devices: sequence.devices, gaps: sequence.gaps, repeats: sequence.repeats },
    balanced: isBalanced(total, waiting),
  };
}

function describePace(states: readonly GatewayState[]): Pick<Source, 'packetsPerS' | 'lastError'> {
  const paces = states.flatMap(({ isFresh, packetsPerS }) => (isFresh ? (packetsPerS ?? []) : []));
  const [error] = states
    .flatMap(({ lastError: text, lastErrorSaid: said, lastErrorAt: at }) =>
      text === null || at === null ? [] : [{ text, said, at }],
    )
    .toSorted((a, b) => b.at.getTime() - a.at.getTime());
  return {
    packetsPerS: paces.length === 0 ? null : paces.reduce((sum, pace) => sum + pace, 0),
    lastError: error === undefined ? null : { ...error, said: [...error.said], at: error.at.toISOString() },
  };
}

/** As it stands in this process, else as the others have told of late. */
function describeGateway(
  gateway: GatewayStatus | null,
  states: readonly GatewayState[],
): Pick<Source, 'protocol' | 'connected' | 'detail' | 'said' | 'canary'> {
  const fresh = states.filter(({ isFresh }) => isFresh);
  const canary = describeCanary(gateway, states);
  if (gateway !== null) {
    const { protocol, connected, detail, said = [] } = gateway;
    return { protocol, connected, detail, said: said.map(toSaid), canary };
  }
  return {
    protocol: states[0]?.protocol ?? 'unknown',
    connected: fresh.length > 0 && fresh.every(({ connected }) => connected),
    detail: fresh.map(({ detail }) => detail).join('; '),
    said: fresh.flatMap(({ said }) => said),
    canary,
  };
}

function describeCanary(gateway: GatewayStatus | null, states: readonly GatewayState[]): Source['canary'] {
  const losses = states.flatMap((state) => state.losses ?? []);
  if (losses.length === 0 && (gateway?.canary ?? null) === null) return null;
  const lags = states.flatMap(({ isFresh, lagMs }) => (isFresh && lagMs !== null ? [lagMs] : []));
  const own = gateway?.canary?.lagMs;
  if (typeof own === 'number') lags.push(own);
  const lostAtMs = Math.max(...losses.map(({ lostAt }) => lostAt?.getTime() ?? -Infinity));
  return {
    lagMs: lags.length === 0 ? null : Math.max(...lags),
    holes: losses.reduce((sum, { holes }) => sum + holes, 0),
    sessionsLost: losses.reduce((sum, { sessionsLost }) => sum + sessionsLost, 0),
    lostAt: Number.isFinite(lostAtMs) ? new Date(lostAtMs).toISOString() : null,
  };
}

const firstContinuation = 0x80;
const replaced = '\uFFFD';

/** Bytes as text; those that are no UTF-8 are shown as \xNN. */
export function shownBytes(bytes: Uint8Array): string {
  const whole = new TextDecoder().decode(bytes);
  if (!whole.includes(replaced)) return whole;
  const strict = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes[at] ?? 0);
    try {
      text += strict.decode(bytes.subarray(at, at + length));
      at += length;
    } catch {
      text += `\\x${(bytes[at] ?? 0).toString(16).padStart(2, '0')}`;
      at++;
    }
  }
  return text;
}

function sequenceLength(lead: number): number {
  if (lead < firstContinuation) return 1;
  if (lead >= 0xf0) return 4;
  return lead >= 0xe0 ? 3 : 2;
}
