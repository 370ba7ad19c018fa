import type { OpcuaFigures } from '#schemas/api/opcua.ts';
import type { GatewayStatus } from '#schemas/gateway.ts';
import type { OpcuaServer } from '#schemas/opcua.ts';
import type { ConnectionState } from './connection.ts';
import type { HistoryRead } from './history.ts';
import type { ConnectionBreak } from './line.ts';
import { opcuaSource } from './packets.ts';
import type { PendingCounts } from './pending.ts';

export interface OpcuaGatewayStatus extends GatewayStatus {
  readonly protocol: 'opcua';
  readonly figures: OpcuaFigures;
  /** Values that found no room while the store was away. */
  readonly valuesLost: number;
  /** Values after which the server said that its own queue had overflowed. */
  readonly overflows: number;
  readonly refusedNodes: readonly string[];
  /** The last time without subscription. */
  readonly lastBreak: ConnectionBreak | null;
  /** What the server's history had of the last break. */
  readonly lastHistory: HistoryRead | null;
}

/** What a gateway knows of itself. */
export interface StatusParts {
  readonly connection: ConnectionState;
  readonly pending: PendingCounts;
  readonly origin: OpcuaFigures['origin'];
  readonly valuesPerSecond: number;
  readonly conditions: OpcuaFigures['conditions'];
  readonly overflows: number;
  readonly lastBreak: ConnectionBreak | null;
  readonly lastHistory: HistoryRead | null;
}

/** Refused nodes that are named; the others are counted. */
const refusedShown = 20;

/** What a gateway tells of one server. Pure. */
export function statusOf(server: OpcuaServer, parts: StatusParts): OpcuaGatewayStatus {
  const { connected, trouble, refusedNodes } = parts.connection;
  const { overflows, lastBreak, lastHistory } = parts;
  const { packetsCommitted, packetsWaiting, valuesLost, trouble: storeTrouble } = parts.pending;
  const troubles = [
    ...(trouble === null ? [] : [trouble]),
    ...(storeTrouble === null ? [] : [`the store is away: ${storeTrouble}`]),
  ];
  const detail = [
    `${server.endpoint}, ${connected ? server.nodes.length - refusedNodes.length : 0} of ${server.nodes.length} nodes`,
    ...(server.securityMode === 'None' ? ['without security'] : []),
    ...troubles,
    ...(valuesLost === 0 ? [] : [`${valuesLost} values lost`]),
    ...(overflows === 0 ? [] : [`${overflows} overflows at the server`]),
    ...(lastBreak === null ? [] : [describeBreak(lastBreak)]),
    ...(lastHistory === null ? [] : [describeHistory(lastHistory)]),
  ];
  return {
    source: opcuaSource(server.id),
    protocol: 'opcua',
    connected,
    detail: detail.join('; '),
    packetsAcknowledged: packetsCommitted,
    packetsWaiting,
    canary: null,
    figures: figuresOf(server, parts, troubles),
    valuesLost,
    overflows,
    refusedNodes,
    lastBreak,
    lastHistory,
  };
}

function figuresOf(server: OpcuaServer, parts: StatusParts, troubles: readonly string[]): OpcuaFigures {
  const { connection, pending, lastBreak, lastHistory } = parts;
  const { origin, valuesPerSecond, overflows, conditions } = parts;
  const iso = (timeMs: number) => new Date(timeMs).toISOString();
  return {
    serverId: server.id,
    origin,
    endpoint: server.endpoint,
    securityMode: server.securityMode,
    nodes: server.nodes.length,
    refusedNodes: connection.refusedNodes.length,
    refusedFirst: connection.refusedNodes.slice(0, refusedShown),
    valuesPerSecond: Math.round(valuesPerSecond * 10) / 10,
    valuesWaiting: pending.valuesWaiting,
    valuesLost: pending.valuesLost,
    overflows,
    trouble: troubles.length === 0 ? null : troubles.join('; '),
    lastSeen: connection.lastSeenMs === null ? null : iso(connection.lastSeenMs),
    lastBreak:
      lastBreak === null
        ? null
        : { from: iso(lastBreak.fromMs), to: iso(lastBreak.toMs), bridged: lastBreak.bridged },
    lastHistory:
      lastHistory === null ? null : { values: lastHistory.values, nodesWithout: lastHistory.nodesWithout },
    conditions,
  };
}

export function describeBreak({ fromMs, toMs, bridged }: ConnectionBreak): string {
  const seconds = Math.max(1, Math.round((toMs - fromMs) / 1000));
  const outcome = bridged ? 'bridged by the server' : 'a gap';
  return `last break ${seconds} s until ${new Date(toMs).toISOString()}, ${outcome}`;
}

export function describeHistory({ values, nodesWithout }: HistoryRead): string {
  const without = nodesWithout === 0 ? '' : `; ${nodesWithout} nodes without history`;
  return `${values} values read back from its history${without}`;
}
