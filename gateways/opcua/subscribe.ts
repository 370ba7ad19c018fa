import type {
  ClientMonitoredItemBase,
  ClientSession,
  ClientSubscription,
  NotificationMessage,
} from 'node-opcua';
import { opcuaLimits, queueSizeOf } from '#schemas/opcua.ts';
import type { OpcuaNode, OpcuaServer } from '#schemas/opcua.ts';
import { DeviceValues } from './columns.ts';
import { chunk } from './history.ts';
import { addValue } from './library.ts';
import { connectionLimits, type Attempt } from './line.ts';
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
  const nodeOf = new Map<number, OpcuaNode>();
  collect(attempt, subscription, nodeOf);
  state.refusedNodes = [];
  for (const { nodeId } of server.nodes)
    if (indexedNodeId(nodeId, namespaces) === null)
      state.refusedNodes.push(`${nodeId}: the server has no such namespace`);
  const alike = Map.groupBy(knownNodes(server, namespaces), ({ node }) => settingsKey(node));
  for (const some of [...alike.values()].flatMap((of) => chunk(of, connectionLimits.itemsPerRequest))) {
    await monitor(attempt, { subscription, some, nodeOf });
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
    readonly nodeOf: Map<number, OpcuaNode>;
  },
): Promise<void> {
  const { subscription, some, nodeOf } = of;
  const first = some[0]?.node;
  // Told before the request is sent: a value may come before its answer does.
  let added = 0;
  const onAdded = (item: ClientMonitoredItemBase) => {
    const node = some[added++]?.node;
    if (node !== undefined) nodeOf.set(item.monitoringParameters.clientHandle, node);
  };
  subscription.on('item_added', onAdded);
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
  subscription.off('item_added', onAdded);
  group.monitoredItems.forEach((item, index) => {
    // Values are taken from the notification as a whole; handed on one by one they cost as much again.
    item.removeAllListeners('changed');
    const { statusCode } = item;
    const node = some[index]?.node;
    if (statusCode !== undefined && statusCode.isNotGood() && node !== undefined) {
      state.refusedNodes.push(`${node.nodeId}: ${statusCode.name}`);
    }
  });
}

/** Takes the values of each notification, by the handles under which their nodes are monitored. */
function collect(
  { opcua, onValues }: Attempt,
  subscription: ClientSubscription,
  nodeOf: ReadonlyMap<number, OpcuaNode>,
): void {
  subscription.on('received_notifications', ({ notificationData }: NotificationMessage) => {
    const values = new DeviceValues();
    for (const notification of notificationData ?? []) {
      if (!(notification instanceof opcua.DataChangeNotification)) continue;
      for (const { clientHandle, value } of notification.monitoredItems ?? []) {
        const node = nodeOf.get(clientHandle);
        if (node !== undefined) addValue(values, opcua, { node, dataValue: value });
      }
    }
    if (values.count > 0) onValues(values);
  });
}
