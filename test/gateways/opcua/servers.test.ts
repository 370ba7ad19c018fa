import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { testConnection } from '#gateways/opcua/test-connection.ts';
import { openOpcuaServers, type OpcuaServersOptions } from '#gateways/opcua/servers.ts';
import { systemClock } from '#infra/clock.ts';
import { silentLog } from '#infra/log.ts';
import { opcuaServerSchema, type OpcuaServer } from '#schemas/opcua.ts';
import { until } from '#test/kit/events.ts';
import { heldNames } from '#test/kit/held-names.ts';
import { startOpcuaTestServer, testNamespace, type OpcuaTestServer } from '#test/kit/opcua-server.ts';
import { createHeldSink } from '#test/kit/sink.ts';

const clock = systemClock();
const dir = () => mkdtempSync(join(tmpdir(), 'parkwatch-opcua-'));
const waitMs = 30_000;
let cleanup = new AsyncDisposableStack();
afterEach(async () => {
  await cleanup.disposeAsync();
  cleanup = new AsyncDisposableStack();
});

const field = async () => cleanup.use(await startOpcuaTestServer({ variables: { level: 1, flow: 2 } }));

function configured({ endpoint }: OpcuaTestServer, id: string, names = ['level'], more: object = {}) {
  return {
    id,
    endpoint,
    securityMode: 'None',
    samplingIntervalMs: 50,
    publishingIntervalMs: 50,
    nodes: names.map((name) => ({
      nodeId: `nsu=${testNamespace};s=${name}`,
      deviceId: `tank-${id}`,
      metric: name,
    })),
    ...more,
  };
}

function fileOf(...servers: object[]): string {
  const file = join(dir(), 'park.yaml');
  writeFileSync(file, JSON.stringify({ opcua: servers }));
  return file;
}

async function open(more: Partial<OpcuaServersOptions>) {
  const sink = createHeldSink();
  const options = { file: undefined, sink, clock, log: silentLog(), dataDir: dir(), ...more };
  const servers = cleanup.use(await openOpcuaServers(options));
  const came = (deviceId: string, metric: string) =>
    sink.committed.some(
      (packet) =>
        packet.deviceId === deviceId &&
        packet.content.kind === 'telemetry' &&
        packet.content.samples.some((sample) => sample.metric === metric),
    );
  return { servers, sink, came };
}

/** Servers that people saved, and change. */
function savedBook(...first: OpcuaServer[]) {
  let servers: readonly OpcuaServer[] = first;
  const listeners = new Set<() => void>();
  return {
    value: () => servers,
    onChange(listener: () => void) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    save(...next: OpcuaServer[]) {
      servers = next;
      for (const listener of listeners) listener();
    },
  };
}

describe('openOpcuaServers()', () => {
  test('reads several servers, each a source of its own', async () => {
    const [first, second] = [await field(), await field()];
    const { servers, came } = await open({ file: fileOf(configured(first, 'a'), configured(second, 'b')) });
    await until(() => came('tank-a', 'level') && came('tank-b', 'level'), 'both', waitMs);
    expect(servers.gateways().map((gateway) => gateway.status().source)).toEqual(['opcua-a', 'opcua-b']);
  });

  test.each(['opc.tcp://169.254.169.254:4840', 'opc.tcp://2852039166/latest'])(
    'does not connect to %s, where a cloud tells its machines secrets',
    async (endpoint) => {
      const plant = await field();
      const { servers } = await open({ file: fileOf({ ...configured(plant, 'a'), endpoint }) });
      const said = () => servers.gateways()[0]?.status().detail ?? '';
      await until(() => said().includes('secrets'), 'the refusal', waitMs);
      const parts = { clock, log: silentLog(), dataDir: dir() };
      const answer = await testConnection(
        opcuaServerSchema.parse({ ...configured(plant, 'a'), endpoint }),
        parts,
      );
      expect(answer).toMatchObject({ reached: false, trouble: expect.stringContaining('secrets') });
    },
  );

  test('starts none when one of the file cannot be configured', async () => {
    const login = { username: 'x', passwordFile: '/nowhere/at/all' };
    const plant = await field();
    const file = fileOf(configured(plant, 'a'), configured(plant, 'other', [], login));
    await expect(open({ file })).rejects.toThrow('OPC UA server other: passwordFile names /nowhere/at/all');
  });

  test('follows the file, and keeps what is in force while the file has faults', async () => {
    const plant = await field();
    const file = fileOf(configured(plant, 'a'));
    const { servers, came } = await open({ file });
    const untouched = servers.find('a');
    await until(() => came('tank-a', 'level'), 'the first', waitMs);
    writeFileSync(file, 'opcua: [{ id: a }]');
    await clock.sleep(2_500);
    expect(servers.find('a')).toBe(untouched);
    const both = { opcua: [configured(plant, 'a'), configured(plant, 'b', ['flow'])] };
    writeFileSync(file, JSON.stringify(both));
    await until(() => came('tank-b', 'flow'), 'the second', waitMs);
    expect(servers.find('a')).toBe(untouched);
    writeFileSync(file, JSON.stringify({ opcua: [both.opcua[1]] }));
    await until(() => servers.gateways().length === 1, 'the first to go', waitMs);
  });

  test('follows what people save; only what changed is connected anew, and the file has the word', async () => {
    const plant = await field();
    const parse = (given: object): OpcuaServer => opcuaServerSchema.parse(given);
    const saved = savedBook(parse(configured(plant, 'a')), parse(configured(plant, 'f')));
    const { servers, came } = await open({ file: fileOf(configured(plant, 'f', ['flow'])), saved });
    await until(() => came('tank-a', 'level') && came('tank-f', 'flow'), 'both', waitMs);
    expect(servers.find('f')?.server.nodes.map(({ metric }) => metric)).toEqual(['flow']);
    const untouched = servers.find('f');
    saved.save(parse(configured(plant, 'a', ['level', 'flow'])));
    await until(() => came('tank-a', 'flow'), 'the new node', waitMs);
    expect(servers.find('f')).toBe(untouched);
    // What came between the two connections is read back.
    expect(servers.find('a')?.status().lastBreak).not.toBeNull();
    saved.save();
    await until(() => servers.find('a') === undefined, 'the server to go', waitMs);
  });

  test('shows a saved server that cannot log in, beside the others', async () => {
    const plant = await field();
    const wrong: OpcuaServer = { ...opcuaServerSchema.parse(configured(plant, 'a')), username: 'reader' };
    const saved = savedBook(wrong, opcuaServerSchema.parse(configured(plant, 'b')));
    const { servers, came } = await open({ saved });
    await until(() => came('tank-b', 'level'), 'the other', waitMs);
    const shown = servers.gateways()[0]?.status();
    expect(shown).toMatchObject({ source: 'opcua-a', connected: false });
    expect(shown?.detail).toContain('reader has no password here');
  });

  test('reads back what came while this process was not there', async () => {
    const plant = cleanup.use(await startOpcuaTestServer({ variables: { level: 1 }, history: true }));
    const lastSeenMs = Date.now() - 30_000;
    const times = [lastSeenMs + 5_000, lastSeenMs + 6_000];
    times.forEach((timeMs, index) => plant.set('level', 10 + index, { timeMs }));
    const { sink } = await open({
      file: fileOf(configured(plant, 'a')),
      lastSeenMs: (source) => Promise.resolve(source === 'opcua-a' ? lastSeenMs : null),
    });
    const came = () =>
      sink.committed.flatMap(({ content }) =>
        content.kind === 'telemetry' ? content.samples.map(({ timeMs }) => timeMs) : [],
      );
    await until(() => times.every((timeMs) => came().includes(timeMs)), 'what was missed', waitMs);
  });

  test('of two processes one reads a server; the other takes it over when that one is gone', async () => {
    const plant = await field();
    const file = fileOf(configured(plant, 'a'));
    const [mine, theirs] = [heldNames('a'), heldNames()];
    const one = await open({ file, leases: mine });
    await until(() => one.came('tank-a', 'level'), 'values', waitMs);
    const two = await open({ file, leases: theirs });
    expect(two.servers.gateways()).toEqual([]);
    expect(two.servers.isElsewhere('a')).toBe(true);
    expect(two.sink.committed).toEqual([]);
    mine.hold();
    theirs.hold('a');
    await until(() => one.servers.gateways().length === 0, 'the one to stop', waitMs);
    await until(() => two.came('tank-a', 'level'), 'values of the other', waitMs);
    expect([one.servers.isElsewhere('a'), two.servers.isElsewhere('a')]).toEqual([true, false]);
  });
});
