import { describe, expect, test } from 'vitest';
import { readReadyLine, readyLine, simulatorServerConfig } from '#gateways/simulator/ready.ts';

const node = {
  nodeId: 'nsu=urn:parkwatch:simulated-park;s=el-a-1.floor',
  deviceId: 'el-a-1',
  metric: 'floor',
};

const plant = {
  alarms: { notifier: 'i=2253', sources: [{ nodeId: 'nsu=urn:x;s=pump-1', deviceId: 'pump-1' }] },
  methods: [
    { deviceId: 'pump-1', command: 'clean', objectId: 'i=85', methodId: 'nsu=urn:x;s=clean', arguments: [] },
  ],
};

describe('readReadyLine()', () => {
  test('reads what readyLine() wrote', () => {
    const ready = readReadyLine(
      readyLine({ endpoint: 'opc.tcp://127.0.0.1:4840/x', nodes: [node], plant }, '/x/cctv.yaml'),
    );
    expect(ready).toEqual({
      ready: true,
      opcuaEndpoint: 'opc.tcp://127.0.0.1:4840/x',
      nodes: [node],
      plant,
      cctvFile: '/x/cctv.yaml',
    });
  });

  test('is null for any other line', () => {
    for (const line of ['', 'hello', '{"ready":false}', '{"ready"', '{"ready":true,"nodes":3}']) {
      expect(readReadyLine(line), line).toBeNull();
    }
  });
});

describe('simulatorServerConfig()', () => {
  test('is a server in clear on loopback, or null without OPC UA', () => {
    const opcuaEndpoint = 'opc.tcp://127.0.0.1:4840/x';
    const ready = { ready: true as const, opcuaEndpoint, nodes: [node], plant, cctvFile: null };
    expect(simulatorServerConfig(ready)).toMatchObject({
      id: 'simulated-park',
      securityMode: 'None',
      nodes: [node],
      ...plant,
    });
    expect(simulatorServerConfig({ ...ready, opcuaEndpoint: null })).toBeNull();
  });
});
