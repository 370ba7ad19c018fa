import { mkdtempSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { browse } from '#gateways/opcua/browse.ts';
import { callMethod } from '#gateways/opcua/call.ts';
import { startOpcuaGateway } from '#gateways/opcua/gateway.ts';
import { faultsDuring } from '#gateways/simulator/faults.ts';
import { changes, startOpcuaField } from '#gateways/simulator/opcua-field.ts';
import { planPark } from '#gateways/simulator/park.ts';
import { readReadyLine, readyLine, simulatorServerConfig } from '#gateways/simulator/ready.ts';
import { createSampler } from '#gateways/simulator/sampler.ts';
import { createWorld } from '#gateways/simulator/world.ts';
import { systemClock } from '#infra/clock.ts';
import { ConfigError } from '#infra/config.ts';
import { silentLog } from '#infra/log.ts';
import { deviceClasses } from '#schemas/device-classes/index.ts';
import { until } from '#test/kit/events.ts';
import { createHeldSink } from '#test/kit/sink.ts';

const clock = systemClock();
const plan = planPark(7);
const world = createWorld(plan, 'Asia/Shanghai');
const devices = plan.devices.filter(({ box }) => box === null);
const samplers = devices.map((device) => createSampler(device, world));

describe('startOpcuaField()', () => {
  test('is read by our own gateway: every node, plausible, in the units and states of the class', async () => {
    const stateDir = mkdtempSync(join(tmpdir(), 'parkwatch-sim-'));
    await using field = await startOpcuaField({
      world,
      samplers,
      port: 0,
      stateDir,
      clock,
      log: silentLog(),
    });
    const ready = readReadyLine(readyLine(field));
    const server = ready === null ? null : simulatorServerConfig(ready);
    if (server === null) throw new Error('the simulator has no server');
    const sink = createHeldSink();
    await using gateway = await startOpcuaGateway({
      server,
      sink,
      clock,
      log: silentLog(),
      dataDir: stateDir,
    });
    const received = () =>
      sink.committed.flatMap(({ deviceId, content }) =>
        content.kind === 'telemetry' ? content.samples.map((sample) => ({ deviceId, ...sample })) : [],
      );
    const seen = () => new Set(received().map(({ deviceId, metric }) => `${deviceId}.${metric}`));
    await until(() => seen().size === field.nodes.length, 'every node');
    // Elevators report every 3 s, so a car that stands still is heard of too.
    await until(() => received().length > field.nodes.length + 20, 'changes');

    expect(gateway.status()).toMatchObject({ connected: true, refusedNodes: [], overflows: 0 });
    const strange = received().filter(({ deviceId, metric, value, untimed }) => {
      const className = devices.find(({ id }) => id === deviceId)?.class ?? '';
      const definition = deviceClasses.get(className)?.metrics[metric];
      if (definition === undefined || untimed) return true;
      if (typeof value === 'string') return definition.states?.every(({ key }) => key !== value) ?? true;
      return value < (definition.min ?? -Infinity) || value > (definition.max ?? Infinity);
    });
    expect(strange).toEqual([]);
    expect(
      sink.committed.flatMap(({ content }) => (content.kind === 'telemetry' ? content.rejected : [])),
    ).toEqual([]);
  });
});

/** What its pumps told. */
const events = (sink: ReturnType<typeof createHeldSink>, deviceId: string) =>
  sink.committed.flatMap((packet) =>
    packet.deviceId === deviceId && packet.content.kind === 'event' ? packet.content.events : [],
  );

describe('the strainers of startOpcuaField()', () => {
  test('raise conditions of the server: one waits for us, the other is seen to at the plant; a method cleans', async () => {
    const stateDir = mkdtempSync(join(tmpdir(), 'parkwatch-sim-'));
    let aheadMs = 0;
    const shifted = { ...clock, nowMs: () => Date.now() + aheadMs };
    await using field = await startOpcuaField({
      world,
      samplers: samplers.filter(({ device }) => device.id.startsWith('pump-')),
      port: 0,
      stateDir,
      clock: shifted,
      log: silentLog(),
    });
    const ready = readReadyLine(readyLine(field));
    const server = ready === null ? null : simulatorServerConfig(ready);
    if (server === null) throw new Error('the simulator has no server');
    const sink = createHeldSink();
    await using gateway = await startOpcuaGateway({
      server,
      sink,
      clock: shifted,
      log: silentLog(),
      dataDir: stateDir,
    });
    await until(() => gateway.status().connected, 'the connection');
    const types = (deviceId: string) => events(sink, deviceId).map(({ type }) => type);
    aheadMs = 61_000;
    await until(() => types('pump-1').includes('alarm.raised'), 'the alarm');
    const [raised] = events(sink, 'pump-1');
    expect(raised?.data).toMatchObject({ severity: 'medium' });
    expect(String(raised?.data['text'])).toContain('过滤器');
    const key = String(raised?.data['alarm']);
    const acknowledgement = { id: 1, deviceId: 'pump-1', atMs: Date.now(), actor: 'wang', comment: 'coming' };
    expect(await gateway.acknowledge({ ...acknowledgement, key })).toBe(true);
    await until(() => types('pump-1').includes('alarm.acknowledged'), 'the acknowledgement');

    const line = gateway.line();
    const [method] = server.methods;
    if (line === null || method === undefined) throw new Error('no method to call');
    const { items } = await browse(line, { nodeId: method.objectId });
    expect(items.find(({ name }) => name === 'strainer_pressure_drop')).toMatchObject({
      unit: 'kPa',
      isMappable: true,
      isProperty: false,
    });
    expect(items.find(({ name }) => name === 'running')?.unit).toBeNull();
    expect(await callMethod(line, method)).toMatchObject({ ok: true });
    await until(() => types('pump-1').includes('alarm.cleared'), 'the end');
    expect(await callMethod(line, method)).toEqual({ ok: false, detail: 'BadInvalidState' });

    aheadMs = 15 * 60_000 + 1_000;
    await until(() => types('pump-2').includes('alarm.raised'), 'the other alarm');
    aheadMs += 2 * 60_000;
    await until(() => types('pump-2').includes('alarm.acknowledged'), 'what the plant did');
    aheadMs += 18 * 60_000;
    await until(() => types('pump-2').includes('alarm.cleared'), 'its end');
  });
});

describe('startOpcuaField() on a port in use', () => {
  test('is refused with one sentence', async () => {
    const stateDir = mkdtempSync(join(tmpdir(), 'parkwatch-sim-'));
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as AddressInfo;
    const started = startOpcuaField({ world, samplers, port, stateDir, clock, log: silentLog() });
    await expect(started).rejects.toThrow(ConfigError);
    await expect(started).rejects.toThrow(`--opcua-port ${port} is in use`);
    taken.close();
  });
});

describe('changes()', () => {
  test('doubts a broken sensor first and gives it up then', () => {
    const span = { fromMs: Date.UTC(2026, 0, 1), toMs: Date.UTC(2026, 6, 1) };
    const boiler = samplers.find(({ device }) => device.id === 'boiler-1');
    const [fault] = faultsDuring(world.keyOf('boiler-1'), 'sensor-fault', span);
    if (boiler === undefined || fault === undefined) throw new Error('no sensor fault in half a year');
    const around = { afterMs: fault.fromMs - 60_000, untilMs: fault.toMs + 60_000 };
    const statuses = [...changes(boiler, world, around)].flatMap(({ name, status }) =>
      name === 'boiler-1.temperature' ? [status] : [],
    );
    const runs = statuses.filter((status, index) => status !== statuses[index - 1]);
    expect(runs).toEqual(['Good', 'UncertainLastUsableValue', 'BadSensorFailure', 'Good']);
  });
});
