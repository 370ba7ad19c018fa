import { describe, expect, test } from 'vitest';
import { opcuaServerAnswer, type OpcuaServerAnswer } from '#schemas/api/opcua.ts';
import { opcuaServerWriteBody } from '#schemas/api/opcua.ts';
import { statesOf } from '#dashboards/pages/opcua/map-node.tsx';
import { typedValue } from '#dashboards/pages/opcua/meaning.tsx';
import { toFields, toWrite } from '#dashboards/pages/opcua/server-form.ts';

const server: OpcuaServerAnswer = opcuaServerAnswer.parse({
  id: 'plant',
  origin: 'saved',
  settings: {
    id: 'plant',
    endpoint: 'opc.tcp://10.0.0.5:4840',
    username: 'reader',
    queueSize: 50,
    alarms: { sources: [{ nodeId: 'i=85', deviceId: 'boiler-1' }], otherDeviceId: 'boiler-2' },
    methods: [{ deviceId: 'boiler-1', command: 'reset', objectId: 'i=1', methodId: 'i=2' }],
  },
  secretsSet: ['password'],
  nodeCount: 0,
  version: 1,
  connected: false,
  figures: null,
});

describe('toWrite()', () => {
  test('writes a server as it is when nothing was changed, and leaves its secrets alone', () => {
    const body = opcuaServerWriteBody.parse(toWrite(toFields(server), server));
    expect(body).toEqual({ settings: server.settings, secrets: {} });
  });

  test('takes away the secrets of a login that is no longer used', () => {
    const fields = { ...toFields(server), login: 'anonymous' as const };
    const { settings, secrets } = opcuaServerWriteBody.parse(toWrite(fields, server));
    expect(settings.username).toBeUndefined();
    expect(secrets).toEqual({ password: null });
  });

  test('makes a new server with what was typed', () => {
    const fields = { ...toFields(null), id: 'a', endpoint: ' opc.tcp://b:4840 ', password: 'ignored' };
    const { settings, secrets } = opcuaServerWriteBody.parse(toWrite(fields, null));
    expect(settings).toMatchObject({ id: 'a', endpoint: 'opc.tcp://b:4840', methods: [] });
    expect(settings.alarms).toBeUndefined();
    expect(secrets).toEqual({});
  });
});

test('statesOf() reads several codes of a state, in either comma', () => {
  expect(statesOf({ open: '1, 2', closed: '3，4', fault: '' })).toEqual({
    '1': 'open',
    '2': 'open',
    '3': 'closed',
    '4': 'closed',
  });
  expect(statesOf({ open: ' ' })).toBeUndefined();
});

test('typedValue() gives what the type asks for, and leaves what is none to the server', () => {
  expect(typedValue('UInt32', '12')).toBe(12);
  expect(typedValue('Boolean', 'true')).toBe(true);
  expect(typedValue('String', '12')).toBe('12');
  expect(typedValue('Double', 'x')).toBe('x');
});
