import type { ClientSession } from 'node-opcua';
import type { OpcuaNode } from '#schemas/opcua.ts';
import { DeviceValues } from './columns.ts';
import type { ConnectionBreak } from './line.ts';
import { addValue } from './library.ts';
import type { Opcua } from './library.ts';

/** Reads what a server's history holds of a break (Part 11, HistoryRead of raw values). Values already known are harmless. */
export const historyLimits = {
  /** Nodes of one request. */
  nodesPerRequest: 50,
  /** Values of a node in one answer; more come by continuation. */
  valuesPerAnswer: 1_000,
  /** Read beyond both ends: clocks differ, and a source's time lags behind its notification. */
  marginMs: 60_000,
} as const;

/** What came of a break's history. */
export interface HistoryRead {
  readonly gap: ConnectionBreak;
  readonly values: number;
  /** Nodes of which the server keeps no history, or gives us none. */
  readonly nodesWithout: number;
}

export interface GapOptions {
  readonly opcua: Opcua;
  readonly session: ClientSession;
  readonly gap: ConnectionBreak;
  /** `nodeId` with the server's present namespace index. */
  readonly nodes: readonly { readonly node: OpcuaNode; readonly nodeId: string }[];
  readonly onHistory: (values: DeviceValues) => Promise<void>;
  /** Aborted when the connection is given up. */
  readonly signal: AbortSignal;
}

/** Reads the gap, in time order for each node. @throws when the connection breaks meanwhile */
export async function readGap(options: GapOptions): Promise<HistoryRead> {
  const total = { gap: options.gap, values: 0, nodesWithout: 0 };
  const parts = chunk(options.nodes, historyLimits.nodesPerRequest);
  for (let some = parts.shift(); some !== undefined; some = parts.shift()) {
    try {
      const { values, nodesWithout } = await readNodes(options, some);
      total.values += values;
      total.nodesWithout += nodesWithout;
    } catch (error) {
      const { message } = error as Error;
      const nodes = some.length;
      if (unsupported.test(message)) total.nodesWithout += nodes;
      // The server takes fewer nodes at once than we asked for.
      else if (tooMany.test(message) && nodes > 1) parts.unshift(...chunk(some, Math.ceil(nodes / 2)));
      else throw error;
    }
  }
  return total;
}

/** The service as a whole is refused, not single nodes. */
const unsupported = /BadServiceUnsupported|BadHistoryOperationUnsupported|BadNotImplemented|BadNotSupported/;
const tooMany = /BadTooManyOperations/;

async function readNodes(
  options: GapOptions,
  some: GapOptions['nodes'],
): Promise<{ values: number; nodesWithout: number }> {
  let values = 0;
  let nodesWithout = 0;
  let asked: Asked[] = some.map((known) => ({ ...known, continuationPoint: null }));
  while (asked.length > 0) {
    options.signal.throwIfAborted();
    const page = await readPage(options, asked);
    nodesWithout += page.without;
    values += page.values.count;
    if (page.values.count > 0) await options.onHistory(page.values);
    asked = page.more;
  }
  return { values, nodesWithout };
}

type Asked = GapOptions['nodes'][number] & { readonly continuationPoint: Buffer | null };

async function readPage(
  { opcua, session, gap }: GapOptions,
  asked: readonly Asked[],
): Promise<{ values: DeviceValues; more: Asked[]; without: number }> {
  const { results } = await session.historyRead(
    new opcua.HistoryReadRequest({
      historyReadDetails: new opcua.ReadRawModifiedDetails({
        isReadModified: false,
        startTime: new Date(gap.fromMs - historyLimits.marginMs),
        endTime: new Date(gap.toMs + historyLimits.marginMs),
        numValuesPerNode: historyLimits.valuesPerAnswer,
        returnBounds: false,
      }),
      timestampsToReturn: opcua.TimestampsToReturn.Both,
      releaseContinuationPoints: false,
      nodesToRead: asked.map(({ nodeId, continuationPoint }) => ({
        nodeId: opcua.resolveNodeId(nodeId),
        ...(continuationPoint === null ? {} : { continuationPoint }),
      })),
    }),
  );
  const page = { values: new DeviceValues(), more: [] as Asked[], without: 0 };
  asked.forEach((one, index) => {
    const result = results?.[index];
    if (result === undefined || result.statusCode.isNotGood()) {
      page.without += 1;
      return;
    }
    const { historyData, continuationPoint } = result;
    if (historyData instanceof opcua.HistoryData) {
      for (const dataValue of historyData.dataValues ?? [])
        addValue(page.values, opcua, { node: one.node, dataValue });
    }
    if (continuationPoint !== null && continuationPoint !== undefined && continuationPoint.length > 0)
      page.more.push({ ...one, continuationPoint });
  });
  return page;
}

/** In parts of at most `size`. */
export function chunk<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, part) =>
    all.slice(part * size, (part + 1) * size),
  );
}
