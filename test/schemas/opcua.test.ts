import { describe, expect, test } from 'vitest';
import { metricUnit, opcuaLimits, opcuaServerSchema, queueSizeOf } from '#schemas/opcua.ts';

const server = {
  id: 'plant',
  endpoint: 'opc.tcp://10.0.0.5:4840/x',
  nodes: [{ nodeId: 'nsu=urn:x;s=a', deviceId: 'boiler-1', metric: 'temperature' }],
};

describe('queueSizeOf()', () => {
  test('bridges a minute of absence at any sampling interval, unless told otherwise', () => {
    for (const samplingIntervalMs of [50, 1_000, 7_000, 600_000]) {
      const size = queueSizeOf(opcuaServerSchema.parse({ ...server, samplingIntervalMs }));
      expect(size * samplingIntervalMs).toBeGreaterThanOrEqual(opcuaLimits.absenceMs);
      expect(size).toBeGreaterThan(1);
    }
    expect(queueSizeOf(opcuaServerSchema.parse({ ...server, queueSize: 5 }))).toBe(5);
    expect(queueSizeOf(opcuaServerSchema.parse({ ...server, samplingIntervalMs: 0 }))).toBe(1_201);
  });
});

describe('metricUnit()', () => {
  test('is the unit that every class gives the metric, or null', () => {
    expect(metricUnit('temperature')).toBe('degC');
    expect(metricUnit('door')).toBeNull();
    expect(metricUnit('nothing_of_ours')).toBeNull();
  });
});

describe('opcuaServerSchema', () => {
  test('asks for encryption by default and knows no field that it does not know', () => {
    expect(opcuaServerSchema.parse(server).securityMode).toBe('SignAndEncrypt');
    expect(opcuaServerSchema.safeParse({ ...server, securityMod: 'None' }).success).toBe(false);
    expect(opcuaServerSchema.safeParse({ ...server, samplingIntervalMs: 10 }).success).toBe(false);
  });
});
