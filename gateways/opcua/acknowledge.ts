import type { Log } from '#infra/log.ts';
import type { ReportedAcknowledgement } from '#schemas/alarm-reported.ts';
import type { OpcuaServer } from '#schemas/opcua.ts';
import { keyPrefix, type ConditionBook, type KnownCondition } from './condition.ts';
import type { Line } from './line.ts';
import { indexedNodeId } from './names.ts';

/** Statuses after which nothing is left to do: somebody was first, or the condition is over. */
const settled = new Set([
  'BadConditionBranchAlreadyAcked',
  'BadConditionAlreadyShelved',
  'BadNodeIdUnknown',
  'BadNodeIdInvalid',
]);

/**
 * Passes an acknowledgement on to the condition at its server (Part 9, Acknowledge).
 * @returns false when the alarm is not one of this server's
 * @throws Error while the server cannot be reached, or takes another event for the newest
 */
export async function passAcknowledgement(
  about: {
    readonly server: OpcuaServer;
    readonly book: ConditionBook;
    readonly line: Line | null;
    readonly log: Log;
  },
  { key, actor, comment }: ReportedAcknowledgement,
): Promise<boolean> {
  const { server, book, line, log } = about;
  if (!key.startsWith(keyPrefix(server.id))) return false;
  if (line === null) throw new Error(`OPC UA server ${server.id} is not connected`);
  if (book.isRefreshing()) throw new Error(`OPC UA server ${server.id} is still telling its conditions`);
  const condition = book.get(key);
  const eventId = condition === undefined ? undefined : awaiting(condition);
  if (condition === undefined || eventId === undefined) {
    log.info({ server: server.id, key }, 'the server waits for no acknowledgement of this condition');
    return true;
  }
  const nodeId = indexedNodeId(condition.conditionId, line.namespaces);
  if (nodeId === null) throw new Error(`OPC UA server ${server.id} has no such namespace any more`);
  const { statusCode } = await line.session.call({
    objectId: nodeId,
    methodId: acknowledgeMethod,
    inputArguments: [
      { dataType: line.opcua.DataType.ByteString, value: Buffer.from(eventId, 'hex') },
      {
        dataType: line.opcua.DataType.LocalizedText,
        value: new line.opcua.LocalizedText({ text: `${actor}: ${comment}` }),
      },
    ],
  });
  if (statusCode.isGood() || settled.has(statusCode.name)) return true;
  throw new Error(`OPC UA server ${server.id} refuses the acknowledgement: ${statusCode.name}`);
}

/** The occurrence that waits for an acknowledgement, the oldest first; undefined when none does. */
function awaiting({ now, earlier }: KnownCondition): string | undefined {
  const [oldest] = earlier.values();
  return oldest?.eventId ?? (now?.isAcknowledged === false ? now.eventId : undefined);
}

/** AcknowledgeableConditionType.Acknowledge. */
const acknowledgeMethod = 'i=9111';
