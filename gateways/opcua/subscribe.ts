import type { ClientSession, ClientSubscription } from 'node-opcua';
import { opcuaLimits, queueSizeOf } from '#schemas/opcua.ts';
import type { OpcuaNode, OpcuaServer } from '#schemas/opcua.ts';
import type { OpcuaValue } from './decode.ts';
import { chunk } from './history.ts';
import { plainDataValue } from './library.ts';
import { connectionLimits, type Attempt, type NodeValue } from './line.ts';
import { indexedNodeId } from './names.ts';

/** Asks the server to report the configured nodes; what it refuses stands in the attempt's state. */
export async function subscribe(
  attempt: Attempt,
  session: ClientSession,
  namespaces: readonly string[],
): Promise<ClientSubscription> {
  const { server, state } = attempt;
  const publishing = server.publishingIntervalMs;
  const subscription = await session.createSubscription2({
    requestedPublishingInterval: publishing,
    requestedMaxKeepAliveCount: Math.max(1, Math.ceil(connectionLimits.keepAliveMs / publishing)),
    requestedLifetimeCount: Math.max(10, Math.ceil((2 * opcuaLimits.absenceMs) / publishing)),
    maxNotificationsPerPublish: 0,
    publishingEnabled: true,
    priority: 1,
  });
  const collect = collector(attempt);
  state.refusedNodes = [];
  for (const { nodeId } of server.nodes)
    if (indexedNodeId(nodeId, namespaces) === null)
      state.refusedNodes.push(`${nodeId}: the server has no such namespace`);
  const alike = Map.groupBy(knownNodes(server, namespaces), ({ node }) => settingsKey(node));
  for (const some of [...alike.values()].flatMap((of) => chunk(of, connectionLimits.itemsPerRequest))) {
    await monitor(attempt, { subscription, some, collect });
  }
  return subscription;
}

function settingsKey({ samplingIntervalMs, queueSize, deadband }: OpcuaNode): string {
  return JSON.stringify([samplingIntervalMs, queueSize, deadband]);
}

export interface KnownNode {
  readonly node: OpcuaNode;
  readonly nodeId: string;
}

/** Nodes whose namespace the server has, by its present indexes. */
export function knownNodes(server: OpcuaServer, namespaces: readonly string[]): KnownNode[] {
  return server.nodes.flatMap((node) => {
    const nodeId = indexedNodeId(node.nodeId, namespaces);
    return nodeId === null ? [] : [{ node, nodeId }];
  });
}

/** Monitors nodes of the same settings. */
async function monitor(
  { opcua, server, state }: Attempt,
  of: {
    readonly subscription: ClientSubscription;
    readonly some: readonly KnownNode[];
    readonly collect: (node: OpcuaNode, raw: OpcuaValue) => void;
  },
): Promise<void> {
  const { subscription, some, collect } = of;
  const first = some[0]?.node;
  const group = await subscription.monitorItems(
    some.map(({ nodeId }) => ({ nodeId, attributeId: opcua.AttributeIds.Value })),
    {
      samplingInterval: first?.samplingIntervalMs ?? server.samplingIntervalMs,
      queueSize: queueSizeOf(server, first),
      discardOldest: true,
      filter: new opcua.DataChangeFilter({
        trigger:
          opcua.DataChangeTrigger[server.trigger === 'timestamp' ? 'StatusValueTimestamp' : 'StatusValue'],
        deadbandType: opcua.DeadbandType[first?.deadband === undefined ? 'None' : 'Absolute'],
        deadbandValue: first?.deadband ?? 0,
      }),
    },
    opcua.TimestampsToReturn.Both,
  );
  group.on('changed', (_item, dataValue, index) => {
    const node = some[index]?.node;
    if (node !== undefined) collect(node, plainDataValue(opcua, dataValue));
  });
  group.monitoredItems.forEach((item, index) => {
    const { statusCode } = item;
    const node = some[index]?.node;
    if (statusCode !== undefined && statusCode.isNotGood() && node !== undefined) {
      state.refusedNodes.push(`${node.nodeId}: ${statusCode.name}`);
    }
  });
}

/** One notification is handed over item by item, all in one turn; the end of the turn is the end of it. */
function collector({ onValues }: Attempt): (node: OpcuaNode, raw: OpcuaValue) => void {
  let collected: NodeValue[] = [];
  return (node, raw) => {
    if (collected.length === 0) {
      queueMicrotask(() => {
        const values = collected;
        collected = [];
        onValues(values);
      });
    }
    collected.push({ node, raw });
  };
}
