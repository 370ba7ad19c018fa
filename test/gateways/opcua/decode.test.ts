import { describe, expect, test } from 'vitest';
import { decodeValue } from '#gateways/opcua/decode.ts';
import type { OpcuaValue } from '#gateways/opcua/decode.ts';
import type { OpcuaNode } from '#schemas/opcua.ts';
import { inEnglish } from '#schemas/phrases.ts';

const now = Date.UTC(2026, 10, 13, 8);
const node = (more: Partial<OpcuaNode> = {}): OpcuaNode => ({
  nodeId: 'nsu=urn:x;s=a',
  deviceId: 'pump-1',
  metric: 'pressure',
  ...more,
});
const raw = (value: unknown, more: Partial<OpcuaValue> = {}): OpcuaValue => ({
  value,
  dataType: 'Double',
  isArray: false,
  statusCode: 0,
  statusName: 'Good',
  sourceTimeMs: now - 500,
  serverTimeMs: now - 100,
  ...more,
});
const sample = (one: OpcuaNode, value: OpcuaValue) => {
  const decoded = decodeValue(one, value, now);
  return decoded.ok ? decoded.sample : decoded.rejected;
};

describe('decodeValue()', () => {
  test('takes the time of the source', () => {
    expect(sample(node(), raw(0.4))).toEqual({
      metric: 'pressure',
      timeMs: now - 500,
      value: 0.4,
      quality: 'good',
      rev: 0,
      untimed: false,
    });
  });

  test('falls back to the time of the server, which makes the value uncertain, and then to arrival', () => {
    expect(sample(node(), raw(1, { sourceTimeMs: null }))).toMatchObject({
      timeMs: now - 100,
      quality: 'uncertain',
      untimed: false,
    });
    const neither = raw(1, { sourceTimeMs: null, serverTimeMs: null });
    expect(sample(node(), neither)).toMatchObject({ timeMs: now, quality: 'uncertain', untimed: true });
    expect(sample(node(), { ...neither, statusCode: 0x80000000 })).toMatchObject({ quality: 'bad' });
  });

  test.each([
    [now + 3_600_000, 'future-time'],
    [Date.UTC(1999, 0, 1), 'before-2000'],
  ])('rejects the time %d as %s', (sourceTimeMs, reason) => {
    expect(sample(node(), raw(1, { sourceTimeMs }))).toMatchObject({ reason });
  });

  test('scales first and converts the unit then', () => {
    const value = sample(node({ unit: 'kPa', scale: 0.1 }), raw(4_000));
    expect('value' in value ? value.value : null).toBeCloseTo(0.4, 9);
  });

  test('reads booleans and integers of 64 bits', () => {
    expect(sample(node(), raw(true, { dataType: 'Boolean' }))).toMatchObject({ value: 1 });
    expect(sample(node(), raw([1, 5], { dataType: 'UInt64' }))).toMatchObject({ value: 2 ** 32 + 5 });
    expect(sample(node(), raw([0xffffffff, 0xfffffffe], { dataType: 'Int64' }))).toMatchObject({ value: -2 });
  });

  test('turns a code of the server into a state name, also a text or a boolean', () => {
    const door = node({ metric: 'door', states: { '0': 'closed', '7': 'open' } });
    expect(sample(door, raw(7, { dataType: 'Int32' }))).toMatchObject({ value: 'open' });
    expect(sample(door, raw(false, { dataType: 'Boolean' }))).toMatchObject({ value: 'closed' });
    expect(sample(node({ metric: 'door' }), raw('open', { dataType: 'String' }))).toMatchObject({
      value: 'open',
    });
    expect(sample(door, raw(3, { dataType: 'Int32' }))).toMatchObject({ reason: 'unknown-state' });
  });

  test.each([
    ['no value', raw(null, { dataType: 'Null', statusName: 'BadNoCommunication', statusCode: 0x80310000 })],
    ['NaN', raw(Number.NaN)],
    ['infinity', raw(Infinity)],
    ['an array', raw([1, 2], { isArray: true })],
    ['a structure', raw({ a: 1 }, { dataType: 'ExtensionObject' })],
    ['free text', raw('Door is open!', { dataType: 'String' })],
  ])('rejects %s as no number, naming the node', (_, value) => {
    const rejected = sample(node(), value);
    expect(rejected).toMatchObject({ reason: 'not-a-number', metric: 'pressure' });
    expect('detail' in rejected ? inEnglish(rejected.detail) : '').toContain('nsu=urn:x;s=a');
  });
});
