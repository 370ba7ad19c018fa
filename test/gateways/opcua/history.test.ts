import type { ClientSession } from 'node-opcua';
import { expect, test } from 'vitest';
import { chunk, historyLimits, readGap } from '#gateways/opcua/history.ts';
import { loadOpcua } from '#gateways/opcua/library.ts';
import { silentLog } from '#infra/log.ts';
import type { OpcuaNode } from '#schemas/opcua.ts';

const gap = { fromMs: 1_000_000, toMs: 2_000_000, bridged: false };
const nodes = Array.from({ length: 70 }, (_, index) => ({
  nodeId: `ns=1;s=n${index}`,
  node: { nodeId: `nsu=urn:t;s=n${index}`, deviceId: 'tank-1', metric: 'level' },
}));

/** A session whose server answers `most` nodes at once, with `pages` of one value for each. */
async function read(options: { most?: number; pages?: number; fault?: string }) {
  const { most = 1_000, pages = 1, fault } = options;
  const opcua = await loadOpcua(silentLog());
  const asked: number[] = [];
  const historyRead: (request: InstanceType<typeof opcua.HistoryReadRequest>) => Promise<unknown> = (
    request,
  ) => {
    const wanted = request.nodesToRead ?? [];
    asked.push(wanted.length);
    if (fault !== undefined) return Promise.reject(new Error(`serviceResult = ${fault} (0x0)`));
    if (wanted.length > most) return Promise.reject(new Error('serviceResult = BadTooManyOperations (0x0)'));
    const results = wanted.map(({ continuationPoint }) => {
      const page = continuationPoint?.[0] ?? 1;
      const value = new opcua.DataValue({
        value: { dataType: 'Double', value: page },
        sourceTimestamp: new Date(gap.fromMs + page),
      });
      return {
        statusCode: opcua.StatusCodes.Good,
        historyData: new opcua.HistoryData({ dataValues: [value] }),
        continuationPoint: page < pages ? Buffer.from([page + 1]) : null,
      };
    });
    return Promise.resolve({ results });
  };
  const got: { node: OpcuaNode; sourceTimeMs: number | undefined }[] = [];
  const outcome = readGap({
    opcua,
    session: { historyRead } as unknown as ClientSession,
    gap,
    nodes,
    onHistory: (values) => {
      for (const { nodes: ofDevice, sourceTimesMs } of values.byDevice.values())
        got.push(...ofDevice.map((node, row) => ({ node, sourceTimeMs: sourceTimesMs[row] })));
      return Promise.resolve();
    },
    signal: new AbortController().signal,
  });
  return { outcome: await outcome.catch((error: Error) => error.message), got, asked };
}

test('readGap() goes on where an answer breaks off, in time order for each node', async () => {
  const { outcome, got } = await read({ pages: 3 });
  expect(outcome).toEqual({ gap, values: 210, nodesWithout: 0 });
  const own = got.filter(({ node }) => node === nodes[69]?.node).map(({ sourceTimeMs }) => sourceTimeMs);
  expect(own).toEqual([1, 2, 3].map((page) => gap.fromMs + page));
});

test('readGap() asks for fewer nodes where the server takes fewer at once', async () => {
  const { outcome, asked } = await read({ most: 15 });
  expect(outcome).toEqual({ gap, values: 70, nodesWithout: 0 });
  expect(asked[0]).toBe(historyLimits.nodesPerRequest);
});

test('readGap() counts every node of a server that knows no history, and fails when the line does', async () => {
  expect((await read({ fault: 'BadServiceUnsupported' })).outcome).toMatchObject({
    values: 0,
    nodesWithout: 70,
  });
  expect((await read({ fault: 'BadConnectionClosed' })).outcome).toContain('BadConnectionClosed');
});

test('chunk() parts a list and keeps its order', () => {
  expect(chunk([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]);
  expect(chunk([], 2)).toEqual([]);
});
