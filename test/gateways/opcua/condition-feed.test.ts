import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startOpcuaGateway } from '#gateways/opcua/gateway.ts';
import { systemClock } from '#infra/clock.ts';
import { silentLog } from '#infra/log.ts';
import { reportedDataSchema, type OpenReported } from '#schemas/alarm-reported.ts';
import { opcuaServerSchema } from '#schemas/opcua.ts';
import { until } from '#test/kit/events.ts';
import { acknowledgeAtServer } from '#test/kit/opcua-alarms.ts';
import { startOpcuaTestServer, startWire, testNamespace } from '#test/kit/opcua-server.ts';
import { createHeldSink, type HeldSink } from '#test/kit/sink.ts';

const clock = systemClock();
const waitMs = 30_000;
const key = `opcua:plant:nsu=${testNamespace};s=levelHigh`;
const conditions = [{ variable: 'level', highLimit: 100 }];

async function start(endpoint: string, more: { alarms?: object; openReported?: OpenReported } = {}) {
  const sink = createHeldSink();
  const source = { nodeId: `nsu=${testNamespace};s=Plant`, deviceId: 'boiler-1' };
  const server = opcuaServerSchema.parse({
    id: 'plant',
    endpoint,
    securityMode: 'None',
    publishingIntervalMs: 50,
    alarms: more.alarms ?? { sources: [source] },
  });
  const dataDir = mkdtempSync(join(tmpdir(), 'parkwatch-opcua-'));
  const { openReported } = more;
  const gateway = await startOpcuaGateway({ server, sink, clock, log: silentLog(), dataDir, openReported });
  return { gateway, sink, told: () => toldBy(sink) };
}

/** Type, device, severity and key of what became of the conditions. */
function toldBy(sink: HeldSink): string[] {
  return sink.committed.flatMap(({ deviceId, content }) =>
    content.kind !== 'event'
      ? []
      : content.events.map(({ type, data }) => {
          const read = reportedDataSchema.parse(data);
          return `${type} ${deviceId} ${read.alarm === key ? 'levelHigh' : read.alarm}`;
        }),
  );
}

const acknowledgement = { id: 1, deviceId: 'boiler-1', key, actor: 'wang', comment: '已到场', atMs: 0 };

test('a condition becomes an alarm that the device reports, with its severity, and ends with it', async () => {
  await using server = await startOpcuaTestServer({ variables: { level: 50 }, conditions });
  const { gateway, sink, told } = await start(server.endpoint);
  await using _ = gateway;
  await until(() => gateway.line() !== null, 'the connection', waitMs);
  server.set('level', 150);
  await until(() => told().includes('alarm.raised boiler-1 levelHigh'), 'the alarm', waitMs);
  const packet = sink.committed.at(-1);
  expect(packet).toMatchObject({ source: 'opcua-plant', deviceId: 'boiler-1', unacknowledged: false });
  const event = packet?.content.kind === 'event' ? packet.content.events[0] : undefined;
  expect(event).toMatchObject({ untimed: false, data: { condition: 'level high' } });
  expect(Math.abs((event?.timeMs ?? 0) - Date.now())).toBeLessThan(60_000);
  expect(gateway.status().figures.conditions).toEqual({ active: 1, withoutDevice: 0 });
  server.set('level', 50);
  await until(() => told().at(-1) === 'alarm.cleared boiler-1 levelHigh', 'the end', waitMs);
  expect(gateway.status().figures.conditions).toEqual({ active: 0, withoutDevice: 0 });
});

test('our acknowledgement reaches the condition, and is settled when it is told again', async () => {
  await using server = await startOpcuaTestServer({ variables: { level: 50 }, conditions });
  const { gateway, told } = await start(server.endpoint);
  await using _ = gateway;
  await expect(gateway.acknowledge(acknowledgement)).rejects.toThrow('not connected');
  expect(await gateway.acknowledge({ ...acknowledgement, key: 'loop 1/12' })).toBe(false);
  await until(() => gateway.line() !== null, 'the connection', waitMs);
  server.set('level', 150);
  await until(() => told().length > 0, 'the alarm', waitMs);
  await until(() => gateway.acknowledge(acknowledgement).catch(() => false), 'the refresh', waitMs);
  // The server tells that it was acknowledged, with who and why.
  await until(() => told().includes('alarm.acknowledged boiler-1 levelHigh'), 'the echo', waitMs);
  expect(await gateway.acknowledge(acknowledgement)).toBe(true);
});

test("the server's own acknowledgement arrives here", async () => {
  await using server = await startOpcuaTestServer({ variables: { level: 150 }, conditions });
  const { gateway, sink, told } = await start(server.endpoint);
  await using _ = gateway;
  await until(() => gateway.line() !== null, 'the connection', waitMs);
  server.set('level', 160);
  await until(() => told().length > 0, 'the alarm', waitMs);
  await acknowledgeAtServer(server.endpoint, 'seen at the panel');
  await until(() => told().includes('alarm.acknowledged boiler-1 levelHigh'), 'it', waitMs);
  const data = sink.committed.flatMap(({ content }) => (content.kind === 'event' ? content.events : []));
  expect(data.find(({ type }) => type === 'alarm.acknowledged')?.data).toMatchObject({
    text: 'seen at the panel',
  });
});

test('what began and ended while the line was cut is known after it', async () => {
  const two = [...conditions, { variable: 'flow', highLimit: 100 }];
  await using server = await startOpcuaTestServer({ variables: { level: 50, flow: 50 }, conditions: two });
  await using wire = await startWire(server.port);
  const open = [
    { deviceId: 'boiler-1', key },
    { deviceId: 'boiler-1', key: 'opcua:plant:of a start before this one' },
  ];
  const { gateway, told } = await start(server.endpoint.replace(`:${server.port}`, `:${wire.port}`), {
    alarms: { otherDeviceId: 'boiler-1' },
    openReported: () => Promise.resolve(open),
  });
  await using _ = gateway;
  const before = 'alarm.cleared boiler-1 opcua:plant:of a start before this one';
  await until(() => told().includes(before), 'the end of what stood before our start', waitMs);
  server.set('level', 150);
  await until(() => told().includes('alarm.raised boiler-1 levelHigh'), 'the alarm', waitMs);
  open.length = 0;
  wire.cut();
  await until(() => gateway.line() === null, 'the loss to be seen', waitMs);
  server.set('level', 50);
  server.set('flow', 150);
  wire.mend();
  await until(
    () => told().some((one) => one.includes('raised') && one.endsWith('flowHigh')),
    'the new',
    waitMs,
  );
  await until(() => told().includes('alarm.cleared boiler-1 levelHigh'), 'the end', waitMs);
});

test('conditions of sources that no device is configured for are counted', async () => {
  await using server = await startOpcuaTestServer({ variables: { level: 50 }, conditions });
  const { gateway, told } = await start(server.endpoint, { alarms: {} });
  await using _ = gateway;
  await until(() => gateway.line() !== null, 'the connection', waitMs);
  server.set('level', 150);
  await until(() => (gateway.status().figures.conditions?.withoutDevice ?? 0) > 0, 'the count', waitMs);
  expect(told()).toEqual([]);
});
