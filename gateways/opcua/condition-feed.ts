import type { NodeId, Variant } from 'node-opcua';
import type { ConditionEvent } from './condition.ts';
import type { Opcua } from './library.ts';
import type { Attempt, Line } from './line.ts';
import { indexedNodeId, namedNodeId } from './names.ts';

/** Hears a server's conditions (Part 9) on the connection's subscription. */

/** Nodes of the standard namespace. */
const standard = {
  conditionType: 'i=2782',
  conditionRefresh: 'i=3875',
  refreshStart: 'i=2787',
  refreshEnd: 'i=2788',
  refreshRequired: 'i=2789',
  queueOverflow: 'i=3035',
} as const;

/** Events that the server keeps for us while we are away. */
const queueSize = 10_000;

/** Fields of the condition types, in the order in which they are asked for; the ConditionId stands behind them. */
const fields = [
  'EventId',
  'EventType',
  'SourceNode',
  'SourceName',
  'Time',
  'Message',
  'Severity',
  'ConditionName',
  'BranchId',
  'Retain',
  'ActiveState/Id',
  'AckedState/Id',
  'ClientUserId',
  'Comment',
] as const;
type Field = (typeof fields)[number];

/** Asks for the configured notifier's events; one that is refused stands in the attempt's state. */
export async function hearConditions(
  attempt: Attempt,
  line: Line,
): Promise<{ readonly refresh: () => void }> {
  const { server, opcua, state } = attempt;
  const { alarms } = server;
  if (alarms === undefined) return { refresh: () => undefined };
  const nodeId = indexedNodeId(alarms.notifier, line.namespaces);
  const refuse = (why: string) => state.refusedNodes.push(`${alarms.notifier}: ${why}`);
  const refresh = () => refreshConditions(attempt, line);
  if (nodeId === null) {
    refuse('the server has no such namespace');
    return { refresh: () => undefined };
  }
  const item = await line.subscription.monitor(
    { nodeId, attributeId: opcua.AttributeIds.EventNotifier },
    { samplingInterval: 0, queueSize, discardOldest: true, filter: eventFilter(opcua) },
    opcua.TimestampsToReturn.Neither,
  );
  const { statusCode } = item;
  if (statusCode !== undefined && statusCode.isNotGood()) {
    refuse(statusCode.name);
    return { refresh: () => undefined };
  }
  item.on('changed', (values) => {
    const event = readEvent(values as unknown as readonly Variant[], line.namespaces);
    if (event === null) return;
    if (event.kind === 'overflow') refresh();
    attempt.onCondition(event);
  });
  return { refresh };
}

/** The server tells everything that stands again, to us alone. */
function refreshConditions(
  { log, server, opcua, onCondition }: Attempt,
  { session, subscription }: Line,
): void {
  const asked = session.call({
    objectId: standard.conditionType,
    methodId: standard.conditionRefresh,
    inputArguments: [{ dataType: opcua.DataType.UInt32, value: subscription.subscriptionId }],
  });
  asked
    .then(({ statusCode }) => {
      if (statusCode.isNotGood()) throw new Error(statusCode.name);
    })
    .catch((error: Error) => {
      onCondition({ kind: 'refresh-failed' });
      log.warn({ err: error }, `OPC UA server ${server.endpoint}: it does not tell which conditions stand`);
    });
}

function eventFilter(opcua: Opcua) {
  const clause = (path: string, attributeId: number) =>
    new opcua.SimpleAttributeOperand({
      typeDefinitionId: opcua.resolveNodeId(clauseType(path)),
      browsePath: path === '' ? [] : path.split('/').map((name) => ({ namespaceIndex: 0, name })),
      attributeId,
    });
  const selectClauses = fields.map((path) => clause(path, opcua.AttributeIds.Value));
  return new opcua.EventFilter({
    selectClauses: [...selectClauses, clause('', opcua.AttributeIds.NodeId)],
    whereClause: { elements: [] },
  });
}

/** The type that defines a field (Part 9, 5.5 to 5.8): servers refuse it from another. */
function clauseType(path: string): string {
  if (path === 'ActiveState/Id') return 'i=2915';
  if (path === 'AckedState/Id') return 'i=2881';
  const ofCondition = ['', 'ConditionName', 'BranchId', 'Retain', 'ClientUserId', 'Comment'];
  return ofCondition.includes(path) ? standard.conditionType : 'i=2041';
}

/** An event as it came; null when it is none of ours. @param values of {@link fields}, then the ConditionId */
export function readEvent(values: readonly Variant[], namespaces: readonly string[]): ConditionEvent | null {
  const of = (field: Field): unknown => values[fields.indexOf(field)]?.value as unknown;
  const eventType = String(idText(of('EventType')));
  if (eventType === `ns=0;${standard.refreshStart}`) return { kind: 'refresh-start' };
  if (eventType === `ns=0;${standard.refreshEnd}`) return { kind: 'refresh-end' };
  if (eventType === `ns=0;${standard.refreshRequired}` || eventType === `ns=0;${standard.queueOverflow}`)
    return { kind: 'overflow' };
  const named = (given: unknown): string | null => {
    const text = idText(given);
    return text === null || text === 'ns=0;i=0' ? null : namedNodeId(text, namespaces);
  };
  const conditionId = named(values[fields.length]?.value);
  const eventId = of('EventId');
  if (conditionId === null || !Buffer.isBuffer(eventId)) return null;
  const time = of('Time');
  const severity = of('Severity');
  return {
    kind: 'condition',
    eventId: eventId.toString('hex'),
    conditionId,
    branchId: named(of('BranchId')),
    sourceNode: named(of('SourceNode')),
    sourceName: textOf(of('SourceName')),
    conditionName: textOf(of('ConditionName')),
    timeMs: time instanceof Date && time.getTime() > 0 ? time.getTime() : null,
    message: textOf(of('Message')),
    severity: typeof severity === 'number' ? severity : 0,
    isActive: flagOf(of('ActiveState/Id')),
    isAcknowledged: flagOf(of('AckedState/Id')),
    isRetained: of('Retain') === true,
    user: textOf(of('ClientUserId')),
    comment: textOf(of('Comment')),
  };
}

/** A NodeId of the library as text; null when it is none. */
function idText(given: unknown): string | null {
  if (typeof given !== 'object' || given === null || !('identifierType' in given)) return null;
  return (given as NodeId).toString();
}

/** A String or a LocalizedText. */
function textOf(given: unknown): string {
  if (typeof given === 'string') return given;
  if (typeof given === 'object' && given !== null && 'text' in given && typeof given.text === 'string')
    return given.text;
  return '';
}

function flagOf(given: unknown): boolean | null {
  return typeof given === 'boolean' ? given : null;
}
