import { describe, expect, test } from 'vitest';
import { readReadyLine, readyLine, simulatorServerConfig } from '#gateways/simulator/ready.ts';

const node = {
  nodeId: 'nsu=urn:parkwatch:simulated-park;s=el-a-1.floor',
  deviceId: 'el-a-1',
  metric: 'floor',
};

describe('readReadyLine()', () => {
  test('reads what readyLine() wrote', () => {
    const ready = readReadyLine(readyLine('opc.tcp://127.0.0.1:4840/x', [node], '/x/cctv.yaml'));
    expect(ready).toEqual({
      ready: true,
      opcuaEndpoint: 'opc.tcp://127.0.0.1:4840/x',
      nodes: [node],
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
    const ready = { ready: true as const, opcuaEndpoint, nodes: [node], cctvFile: null };
    expect(simulatorServerConfig(ready)).toMatchObject({
      id: 'simulated-park',
      securityMode: 'None',
      nodes: [node],
    });
    expect(simulatorServerConfig({ ...ready, opcuaEndpoint: null })).toBeNull();
  });
});
