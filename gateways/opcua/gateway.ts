import type { Clock } from '#infra/clock.ts';
import type { Log } from '#infra/log.ts';
import type { Gateway, GatewayStatus } from '#schemas/gateway.ts';
import type { OpcuaServerConfig } from '#schemas/opcua.ts';
import type { Packet, ReadingSink, RejectedValue, Sample } from '#schemas/reading.ts';
import { openConnection } from './connection.ts';
import type { Connection, ConnectionBreak, NodeValue } from './connection.ts';
import { decodeValue } from './decode.ts';
import type { HistoryRead } from './history.ts';
import { startPending } from './pending.ts';
import type { Pending } from './pending.ts';
import { hasOverflowed } from './quality.ts';

export interface OpcuaGatewayOptions {
  readonly server: OpcuaServerConfig;
  readonly sink: ReadingSink;
  readonly clock: Clock;
  readonly log: Log;
  /** Certificates and trust list are kept below it, in `opcua/pki`. */
  readonly dataDir: string;
  /** Values kept while the store is away. */
  readonly pendingValuesMost?: number;
}

export interface OpcuaGatewayStatus extends GatewayStatus {
  readonly protocol: 'opcua';
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

export interface OpcuaGateway extends Gateway {
  status(): OpcuaGatewayStatus;
}

/** The ledger's key of a server's values. */
export function opcuaSource(serverId: string): string {
  return `opcua-${serverId}`;
}

/**
 * Starts reading one configured server; it need not be there yet, we keep trying. Initial values after each
 * (re)connection come as ordinary readings.
 * @throws ConfigError when the password file cannot be read
 */
export async function startOpcuaGateway(options: OpcuaGatewayOptions): Promise<OpcuaGateway> {
  const { server, sink, clock, log, dataDir, pendingValuesMost } = options;
  if (server.securityMode === 'None') {
    log.warn(
      { server: server.id },
      `OPC UA server ${server.endpoint}: configured without security, all is sent in clear`,
    );
  }
  const counts = {
    overflows: 0,
    lastBreak: null as ConnectionBreak | null,
    lastHistory: null as HistoryRead | null,
  };
  const pending = startPending({
    sink,
    clock,
    log,
    ...(pendingValuesMost === undefined ? {} : { valuesMost: pendingValuesMost }),
  });
  const connection = await openConnection({
    server,
    dataDir,
    clock,
    log,
    onValues: (values) => {
      counts.overflows += values.filter(({ raw }) => hasOverflowed(raw.statusCode)).length;
      for (const packet of packetsOf(values, { server, receivedAtMs: clock.nowMs() })) pending.push(packet);
    },
    onHistory: async (values) => {
      await pending.room();
      for (const packet of packetsOf(values, { server, receivedAtMs: clock.nowMs() })) pending.push(packet);
    },
    onHistoryRead: (read) => {
      counts.lastHistory = read;
      log.info({ ...read }, `OPC UA server ${server.endpoint}: ${describeHistory(read)}`);
    },
    onBreak: (gap) => {
      counts.lastBreak = gap;
      counts.lastHistory = null;
      log.warn({ ...gap }, `OPC UA server ${server.endpoint}: ${describeBreak(gap)}`);
    },
  }).catch(async (error: unknown) => {
    await pending[Symbol.asyncDispose]();
    throw error;
  });
  return {
    status: () => statusOf(server, { connection, pending, ...counts }),
    async [Symbol.asyncDispose]() {
      await connection[Symbol.asyncDispose]();
      await pending[Symbol.asyncDispose]();
    },
  };
}

/** Starts a gateway for each server; all of them or, when one cannot be configured, none. */
export async function startOpcuaGateways(
  options: Omit<OpcuaGatewayOptions, 'server'> & { readonly servers: readonly OpcuaServerConfig[] },
): Promise<{ readonly gateways: readonly OpcuaGateway[] } & AsyncDisposable> {
  const { servers, ...rest } = options;
  await using started = new AsyncDisposableStack();
  const gateways: OpcuaGateway[] = [];
  for (const server of servers) gateways.push(started.use(await startOpcuaGateway({ ...rest, server })));
  const parts = started.move();
  return { gateways, [Symbol.asyncDispose]: () => parts.disposeAsync() };
}

/** The values of one notification as packets, one a device. */
export function packetsOf(
  values: readonly NodeValue[],
  { server, receivedAtMs }: { readonly server: OpcuaServerConfig; readonly receivedAtMs: number },
): Packet[] {
  const byDevice = Map.groupBy(values, ({ node }) => node.deviceId);
  return [...byDevice].map(([deviceId, some]) => {
    const samples: Sample[] = [];
    const rejected: RejectedValue[] = [];
    for (const { node, raw } of some) {
      const decoded = decodeValue(node, raw, receivedAtMs);
      if (decoded.ok) samples.push(decoded.sample);
      else rejected.push(decoded.rejected);
    }
    const shownValues = some.map(({ node, raw }) => ({
      nodeId: node.nodeId,
      value: raw.value,
      status: raw.statusName,
      sourceTime: raw.sourceTimeMs,
    }));
    return {
      source: opcuaSource(server.id),
      address: server.endpoint,
      deviceId,
      receivedAtMs,
      bytes: Buffer.from(JSON.stringify(shownValues)),
      unacknowledged: false,
      content: { kind: 'telemetry', samples, rejected, sequence: [] },
    };
  });
}

interface StatusParts {
  readonly connection: Connection;
  readonly pending: Pending;
  readonly overflows: number;
  readonly lastBreak: ConnectionBreak | null;
  readonly lastHistory: HistoryRead | null;
}

function statusOf(
  server: OpcuaServerConfig,
  { connection, pending, overflows, lastBreak, lastHistory }: StatusParts,
): OpcuaGatewayStatus {
  const { connected, trouble, refusedNodes } = connection.state();
  const { packetsCommitted, packetsWaiting, valuesLost, trouble: storeTrouble } = pending.counts();
  const detail = [
    `${server.endpoint}, ${connected ? server.nodes.length - refusedNodes.length : 0} of ${server.nodes.length} nodes`,
    ...(server.securityMode === 'None' ? ['without security'] : []),
    ...(trouble === null ? [] : [trouble]),
    ...(storeTrouble === null ? [] : [`the store is away: ${storeTrouble}`]),
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
    valuesLost,
    overflows,
    refusedNodes,
    lastBreak,
    lastHistory,
  };
}

function describeBreak({ fromMs, toMs, bridged }: ConnectionBreak): string {
  const seconds = Math.max(1, Math.round((toMs - fromMs) / 1000));
  const outcome = bridged ? 'bridged by the server' : 'a gap';
  return `last break ${seconds} s until ${new Date(toMs).toISOString()}, ${outcome}`;
}

function describeHistory({ values, nodesWithout }: HistoryRead): string {
  const without = nodesWithout === 0 ? '' : `; ${nodesWithout} nodes without history`;
  return `${values} values read back from its history${without}`;
}
