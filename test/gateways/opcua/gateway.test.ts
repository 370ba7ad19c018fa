import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startOpcuaGateway } from '#gateways/opcua/gateway.ts';
import type { OpcuaGatewayOptions } from '#gateways/opcua/gateway.ts';
import { listCertificates, setTrust } from '#gateways/opcua/trust.ts';
import { systemClock } from '#infra/clock.ts';
import { ConfigError } from '#infra/config.ts';
import { silentLog } from '#infra/log.ts';
import { opcuaServerSchema } from '#schemas/opcua.ts';
import type { OpcuaServerConfig } from '#schemas/opcua.ts';
import type { Packet, Sample } from '#schemas/reading.ts';
import { inTime, until } from '#test/kit/events.ts';
import { startOpcuaTestServer, startWire, testNamespace } from '#test/kit/opcua-server.ts';
import { createHeldSink } from '#test/kit/sink.ts';

const clock = systemClock();
const dir = () => mkdtempSync(join(tmpdir(), 'parkwatch-opcua-'));

const node = (name: string, deviceId: string, metric: string, more: object = {}) => ({
  nodeId: `nsu=${testNamespace};s=${name}`,
  deviceId,
  metric,
  ...more,
});

function configured(endpoint: string, nodes: object[], more: object = {}): OpcuaServerConfig {
  return opcuaServerSchema.parse({
    id: 'plant',
    endpoint,
    securityMode: 'None',
    samplingIntervalMs: 50,
    publishingIntervalMs: 50,
    nodes,
    ...more,
  });
}

function start(server: OpcuaServerConfig, more: Partial<OpcuaGatewayOptions> = {}) {
  const sink = createHeldSink();
  const gateway = startOpcuaGateway({ server, sink, clock, log: silentLog(), dataDir: dir(), ...more });
  return { sink, gateway };
}

function samples(packets: readonly Packet[], deviceId: string, metric: string): Sample[] {
  return packets
    .filter((packet) => packet.deviceId === deviceId)
    .flatMap(({ content }) => (content.kind === 'telemetry' ? content.samples : []))
    .filter((sample) => sample.metric === metric);
}

describe('startOpcuaGateway()', () => {
  test('delivers values with source time, quality, unit and state, one packet a device', async () => {
    await using server = await startOpcuaTestServer({
      variables: { level: 1, pressure: 2, door: 1, run: true },
    });
    const { sink, gateway } = start(
      configured(server.endpoint, [
        node('level', 'tank-1', 'level'),
        node('pressure', 'tank-1', 'pressure', { unit: 'bar' }),
        node('door', 'lift-1', 'door', { states: { 1: 'closed', 2: 'open' } }),
        node('run', 'tank-1', 'running'),
      ]),
    );
    await using running = await gateway;
    await until(() => samples(sink.committed, 'lift-1', 'door').length > 0, 'initial values');
    const initial = sink.committed.find(({ deviceId }) => deviceId === 'tank-1');
    expect(initial).toMatchObject({ source: 'opcua-plant', address: server.endpoint, unacknowledged: false });
    expect(samples(initial === undefined ? [] : [initial], 'tank-1', 'running')[0]?.value).toBe(1);
    expect(samples(sink.committed, 'lift-1', 'door')[0]?.value).toBe('closed');

    const timeMs = Date.now() - 4_321;
    server.set('level', 42.5, { timeMs });
    server.set('pressure', 3.5, { timeMs, status: 'UncertainLastUsableValue' });
    server.set('door', 2, { timeMs, status: 'BadSensorFailure' });
    await until(() => samples(sink.committed, 'lift-1', 'door').length > 1, 'the changes');
    await until(() => samples(sink.committed, 'tank-1', 'pressure').length > 1, 'the changes');
    expect(samples(sink.committed, 'tank-1', 'level').at(-1)).toEqual({
      metric: 'level',
      timeMs,
      value: 42.5,
      quality: 'good',
      rev: 0,
      untimed: false,
    });
    const pressure = samples(sink.committed, 'tank-1', 'pressure').at(-1);
    expect(pressure).toMatchObject({ quality: 'uncertain' });
    expect(pressure?.value).toBeCloseTo(0.35, 9);
    expect(samples(sink.committed, 'lift-1', 'door').at(-1)).toMatchObject({ value: 'open', quality: 'bad' });
    expect(running.status()).toMatchObject({
      source: 'opcua-plant',
      protocol: 'opcua',
      connected: true,
      valuesLost: 0,
    });
  });

  test.each([
    ['timestamp', [5, 5, 6]],
    ['value', [5, 6]],
  ])('hears of a value measured again when the trigger is %s: %j', async (trigger, expected) => {
    await using server = await startOpcuaTestServer({ variables: { level: 5 } });
    const { sink, gateway } = start(
      configured(server.endpoint, [node('level', 'tank-1', 'level')], { trigger }),
    );
    await using _ = await gateway;
    const values = () => samples(sink.committed, 'tank-1', 'level').map(({ value }) => value);
    await until(() => values().length > 0, 'a value');
    server.set('level', 5);
    await clock.sleep(300);
    server.set('level', 6);
    await until(() => values().includes(6), 'the change');
    expect(values()).toEqual(expected);
  });

  test('hears each change where the sampling interval is 0, in one notification too', async () => {
    await using server = await startOpcuaTestServer({ variables: { level: 5 }, everyChange: true });
    const more = { samplingIntervalMs: 0, publishingIntervalMs: 300 };
    const { sink, gateway } = start(configured(server.endpoint, [node('level', 'tank-1', 'level')], more));
    await using _ = await gateway;
    const heard = () => samples(sink.committed, 'tank-1', 'level');
    await until(() => heard().length > 0, 'a value');
    const fromMs = Date.now() - 1_000;
    for (let change = 1; change <= 50; change++)
      server.set('level', change / 10, { timeMs: fromMs + change });
    await until(() => heard().length > 50, 'all changes');
    expect(heard().slice(1)).toMatchObject(
      Array.from({ length: 50 }, (_change, index) => ({
        value: (index + 1) / 10,
        timeMs: fromMs + index + 1,
      })),
    );
    expect(sink.committed.length).toBeLessThan(10);
  });

  test('names the nodes that the server does not have and reads the others', async () => {
    await using server = await startOpcuaTestServer({ variables: { level: 1 } });
    const nodes = [
      node('level', 'tank-1', 'level'),
      node('nothing', 'tank-1', 'flow'),
      { nodeId: 'nsu=urn:nobody;s=x', deviceId: 'tank-2', metric: 'level' },
    ];
    const { sink, gateway } = start(configured(server.endpoint, nodes));
    await using running = await gateway;
    await until(() => samples(sink.committed, 'tank-1', 'level').length > 0, 'a value');
    const { refusedNodes, detail } = running.status();
    expect(refusedNodes.toSorted()).toEqual([
      'nsu=urn:nobody;s=x: the server has no such namespace',
      `nsu=${testNamespace};s=nothing: BadNodeIdUnknown`,
    ]);
    expect(detail).toContain('1 of 3 nodes');
  });

  test('goes on after the server was restarted, even with its namespaces in another order, and tells of the gap', async () => {
    const pkiDir = dir();
    const first = await startOpcuaTestServer({ variables: { level: 1 }, pkiDir });
    const { sink, gateway } = start(configured(first.endpoint, [node('level', 'tank-1', 'level')]));
    await using running = await gateway;
    await until(() => samples(sink.committed, 'tank-1', 'level').length > 0, 'the first server');
    await first[Symbol.asyncDispose]();
    await until(() => !running.status().connected, 'the loss to be seen');

    await using second = await startOpcuaTestServer({
      variables: { level: 7 },
      pkiDir,
      port: first.port,
      namespacesBefore: ['urn:test:newcomer'],
    });
    await until(
      () => samples(sink.committed, 'tank-1', 'level').some(({ value }) => value === 7),
      'the second server',
    );
    second.set('level', 8);
    await until(() => samples(sink.committed, 'tank-1', 'level').at(-1)?.value === 8, 'a change');
    const { connected, lastBreak, detail } = running.status();
    expect(connected).toBe(true);
    expect(lastBreak).toMatchObject({ bridged: false });
    expect(detail).toMatch(/last break \d+ s until .*a gap/);
  });

  test('gets what the server kept while the line was cut', async () => {
    await using server = await startOpcuaTestServer({ variables: { level: 0 } });
    await using wire = await startWire(server.port);
    const endpoint = server.endpoint.replace(`:${server.port}`, `:${wire.port}`);
    const { sink, gateway } = start(configured(endpoint, [node('level', 'tank-1', 'level')]));
    await using running = await gateway;
    await until(() => samples(sink.committed, 'tank-1', 'level').length > 0, 'a value');
    wire.cut();
    await until(() => !running.status().connected, 'the loss to be seen');
    const values = [1, 2, 3, 4, 5];
    for (const value of values) {
      server.set('level', value, { timeMs: Date.now() });
      await clock.sleep(200);
    }
    wire.mend();
    const received = () => samples(sink.committed, 'tank-1', 'level').map(({ value }) => value);
    await until(() => values.every((value) => received().includes(value)), 'all kept values');
    await until(() => running.status().connected, 'the repair');
    expect(running.status().lastBreak).toMatchObject({ bridged: true });
  });

  test('reads back from history what the queue of the server could not hold', async () => {
    await using server = await startOpcuaTestServer({ variables: { level: 0, flow: 0 }, history: true });
    await using wire = await startWire(server.port);
    const endpoint = server.endpoint.replace(`:${server.port}`, `:${wire.port}`);
    const nodes = [node('level', 'tank-1', 'level', { queueSize: 2 }), node('flow', 'tank-1', 'flow')];
    const { sink, gateway } = start(configured(endpoint, nodes));
    await using running = await gateway;
    await until(() => samples(sink.committed, 'tank-1', 'level').length > 0, 'a value');
    wire.cut();
    await until(() => !running.status().connected, 'the loss to be seen');
    const firstMs = Date.now();
    const sent = Array.from({ length: 50 }, (_, index) => ({ value: index + 1, timeMs: firstMs + index }));
    for (const { value, timeMs } of sent) server.set('level', value, { timeMs });
    wire.mend();
    await until(() => running.status().lastHistory !== null, 'the history');
    expect(running.status().lastHistory).toMatchObject({ nodesWithout: 0 });
    const got = () =>
      new Map(samples(sink.committed, 'tank-1', 'level').map(({ value, timeMs }) => [value, timeMs]));
    await until(() => sent.every(({ value }) => got().has(value)), 'the values');
    expect(sent.map(({ value }) => got().get(value))).toEqual(sent.map(({ timeMs }) => timeMs));
    expect(running.status().detail).toContain('values read back from its history: ');
  });

  test('lets the server keep to itself what is inside the deadband of a node', async () => {
    await using server = await startOpcuaTestServer({ variables: { level: 10, flow: 10 } });
    const nodes = [node('level', 'tank-1', 'level', { deadband: 2 }), node('flow', 'tank-1', 'flow')];
    const { sink, gateway } = start(configured(server.endpoint, nodes));
    await using _ = await gateway;
    const values = (metric: string) => samples(sink.committed, 'tank-1', metric).map(({ value }) => value);
    await until(() => values('level').length + values('flow').length === 2, 'initial values');
    for (const [next, count] of [
      [11, 2],
      [14, 3],
    ] as const) {
      server.set('level', next);
      server.set('flow', next);
      await until(() => values('flow').length === count, 'the change');
    }
    await until(() => values('level').includes(14), 'the large change');
    expect(values('level')).toEqual([10, 14]);
  });

  test('starts without its server and finds it later', async () => {
    const gone = await startOpcuaTestServer({ variables: { level: 3 } });
    const { port, endpoint } = gone;
    await gone[Symbol.asyncDispose]();
    const { sink, gateway } = start(configured(endpoint, [node('level', 'tank-1', 'level')]));
    await using running = await gateway;
    await until(() => running.status().detail.includes('does not answer'), 'the failure to be told');
    await using _ = await startOpcuaTestServer({ variables: { level: 3 }, port });
    await until(() => samples(sink.committed, 'tank-1', 'level').length > 0, 'a value');
  });

  test('stops soon although the server says nothing', async () => {
    const sockets: Socket[] = [];
    const mute = createServer((socket) => sockets.push(socket));
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    const { port } = mute.address() as AddressInfo;
    const { gateway } = start(configured(`opc.tcp://127.0.0.1:${port}`, [node('level', 'tank-1', 'level')]));
    const running = await gateway;
    await until(() => sockets.length > 0, 'a connection');
    await inTime(Promise.resolve(running[Symbol.asyncDispose]()), 'the gateway to stop', 20_000);
    for (const socket of sockets) socket.destroy();
    mute.close();
  });

  test('does not talk in clear unless it is told to', async () => {
    await using server = await startOpcuaTestServer({ variables: { level: 1 }, security: 'None' });
    const secure = configured(server.endpoint, [node('level', 'tank-1', 'level')], {
      securityMode: 'SignAndEncrypt',
    });
    const { sink, gateway } = start(secure);
    await using running = await gateway;
    await until(() => !running.status().detail.includes('not connected yet'), 'the refusal');
    expect(running.status().connected).toBe(false);
    expect(sink.offered).toEqual([]);
  });

  test('connects encrypted and logs in once somebody trusts the certificate of the server', async () => {
    await using server = await startOpcuaTestServer({
      variables: { level: 1 },
      security: 'SignAndEncrypt',
      user: { name: 'reader', password: 'right' },
    });
    const dataDir = dir();
    const attempt = (password: string) => {
      const passwordFile = join(dir(), 'password');
      writeFileSync(passwordFile, `${password}\n`);
      const more = { securityMode: 'SignAndEncrypt', username: 'reader', passwordFile };
      return start(configured(server.endpoint, [node('level', 'tank-1', 'level')], more), { dataDir });
    };
    {
      const { sink, gateway } = attempt('right');
      await using running = await gateway;
      await until(() => running.status().detail.includes('is not trusted'), 'the refusal');
      expect(running.status().detail).toContain('parkwatch opcua trust');
      expect(sink.offered).toEqual([]);
      const [shown, ...others] = await listCertificates(dataDir);
      expect(others).toEqual([]);
      expect(shown?.trusted).toBe(false);
      expect(await setTrust(dataDir, 'AA:BB', true)).toBeNull();
      const trusted = await setTrust(dataDir, (shown?.fingerprint ?? '').toLowerCase(), true);
      expect(trusted).toEqual({ ...shown, trusted: true });
      // Nobody restarts anything.
      await until(() => samples(sink.committed, 'tank-1', 'level').length > 0, 'a value');
    }
    const { sink, gateway } = attempt('mistaken');
    await using running = await gateway;
    await until(() => /BadUserAccessDenied|BadIdentityToken/.test(running.status().detail), 'the refusal');
    expect(running.status().detail).not.toContain('mistaken');
    expect(sink.offered).toEqual([]);
  });

  test('logs in with a certificate where the server takes no one without', async () => {
    await using server = await startOpcuaTestServer({
      variables: { level: 1 },
      security: 'SignAndEncrypt',
      user: { name: 'reader', password: 'right' },
    });
    const nodes = [node('level', 'tank-1', 'level')];
    const dataDir = dir();
    const secure = { securityMode: 'SignAndEncrypt' };
    {
      const { sink, gateway } = start(configured(server.endpoint, nodes, secure), { dataDir });
      await using running = await gateway;
      await until(() => running.status().detail.includes('is not trusted'), 'the refusal');
      for (const { fingerprint } of await listCertificates(dataDir))
        await setTrust(dataDir, fingerprint, true);
      await until(() => running.status().detail.includes('Cannot find ANONYMOUS'), 'the refusal');
      expect(sink.offered).toEqual([]);
    }
    const own = join(dataDir, 'opcua', 'pki', 'own');
    const userCertificateFile = join(own, 'certs', 'client_certificate.pem');
    const login = { userCertificateFile, userKeyFile: join(own, 'private', 'private_key.pem') };
    const { sink, gateway } = start(configured(server.endpoint, nodes, { ...secure, ...login }), { dataDir });
    await using _ = await gateway;
    await until(() => samples(sink.committed, 'tank-1', 'level').length > 0, 'a value');
  });

  test('is not started with a password file that cannot be read', async () => {
    const server = configured('opc.tcp://127.0.0.1:4', [node('level', 'tank-1', 'level')], {
      username: 'reader',
      passwordFile: '/nowhere/at/all',
    });
    await expect(start(server).gateway).rejects.toThrow(ConfigError);
  });

  test('keeps values while the sink fails and hands them over in order, each once', async () => {
    await using server = await startOpcuaTestServer({ variables: { level: 0 } });
    const { sink, gateway } = start(configured(server.endpoint, [node('level', 'tank-1', 'level')]));
    await using running = await gateway;
    await until(() => samples(sink.committed, 'tank-1', 'level').length > 0, 'a value');
    sink.mode = 'fail';
    for (let value = 1; value <= 5; value++) {
      server.set('level', value);
      await until(
        () =>
          samples(sink.offered, 'tank-1', 'level').some((sample) => sample.value === value) ||
          running.status().packetsWaiting >= value,
        'the value to arrive',
      );
    }
    expect(running.status().detail).toContain('the store is away: database is away');
    sink.mode = 'commit';
    await until(() => samples(sink.committed, 'tank-1', 'level').at(-1)?.value === 5, 'the kept values');
    const values = samples(sink.committed, 'tank-1', 'level').map(({ value }) => value);
    expect(values).toEqual([0, 1, 2, 3, 4, 5]);
    expect(running.status()).toMatchObject({ valuesLost: 0, packetsWaiting: 0, packetsAcknowledged: 6 });
  });
});

/** A server of another stack, without security; its state is a node that every server has. */
const foreignUrl = process.env['TEST_OPCUA_URL'];
test.skipIf(foreignUrl === undefined)(
  'startOpcuaGateway() reads the state of the server at TEST_OPCUA_URL',
  async () => {
    const nodes = [{ nodeId: 'i=2259', deviceId: 'server', metric: 'state' }];
    const { sink, gateway } = start(configured(foreignUrl ?? '', nodes));
    await using running = await gateway;
    await until(() => samples(sink.committed, 'server', 'state').length > 0, 'its state');
    expect(samples(sink.committed, 'server', 'state')[0]).toMatchObject({ value: 0, quality: 'good' });
    expect(running.status()).toMatchObject({ connected: true, refusedNodes: [] });
  },
);
