import { toSaid } from '#schemas/api/common.ts';
import type { OpcuaFigures } from '#schemas/api/opcua.ts';
import { toldAs, troubleLine, type GatewayStatus } from '#schemas/gateway.ts';
import type { OpcuaServer } from '#schemas/opcua.ts';
import { inEnglish, lineOf, say, type Phrase } from '#schemas/phrases.ts';
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
    ...(storeTrouble === null ? [] : [say('store-away', { text: storeTrouble })]),
  ];
  const read = connected ? server.nodes.length - refusedNodes.length : 0;
  const said = [
    say('opcua-nodes', { endpoint: server.endpoint, read, all: server.nodes.length }),
    ...(server.securityMode === 'None' ? [say('opcua-no-security')] : []),
    ...troubles,
    ...(valuesLost === 0 ? [] : [say('values-lost', { count: valuesLost })]),
    ...(overflows === 0 ? [] : [say('opcua-overflows', { count: overflows })]),
    ...(lastBreak === null ? [] : [sayBreak(lastBreak)]),
    ...(lastHistory === null ? [] : sayHistory(lastHistory)),
  ];
  return {
    source: opcuaSource(server.id),
    protocol: 'opcua',
    connected,
    ...toldAs(said, troubles),
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

function figuresOf(server: OpcuaServer, parts: StatusParts, troubles: readonly Phrase[]): OpcuaFigures {
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
    trouble: troubleLine(troubles),
    troubleSaid: troubles.map(toSaid),
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

function sayBreak({ fromMs, toMs, bridged }: ConnectionBreak): Phrase {
  const seconds = Math.max(1, Math.round((toMs - fromMs) / 1000));
  return say(bridged ? 'opcua-bridged' : 'opcua-gap', { seconds, time: new Date(toMs).toISOString() });
}

function sayHistory({ values, nodesWithout }: HistoryRead): Phrase[] {
  const without = nodesWithout === 0 ? [] : [say('opcua-no-history', { count: nodesWithout })];
  return [say('opcua-history', { count: values }), ...without];
}

export function describeBreak(gap: ConnectionBreak): string {
  return inEnglish(sayBreak(gap));
}

export function describeHistory(read: HistoryRead): string {
  return lineOf(sayHistory(read));
}
