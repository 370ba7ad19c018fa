import { StatusCodes } from 'node-opcua';
import { describe, expect, test } from 'vitest';
import { hasOverflowed, qualityOf } from '#gateways/opcua/quality.ts';

describe('qualityOf()', () => {
  test.each([
    ['Good', 'good'],
    ['GoodClamped', 'good'],
    ['GoodLocalOverride', 'good'],
    ['UncertainLastUsableValue', 'uncertain'],
    ['UncertainSensorNotAccurate', 'uncertain'],
    ['Bad', 'bad'],
    ['BadSensorFailure', 'bad'],
    ['BadNoCommunication', 'bad'],
  ] as const)('of %s is %s', (name, quality) => {
    expect(qualityOf(StatusCodes[name].value)).toBe(quality);
  });

  test('of the reserved severity is bad', () => {
    expect(qualityOf(0xc0000000)).toBe('bad');
  });
});

describe('hasOverflowed()', () => {
  test('sees the overflow bit of a data value only', () => {
    expect(hasOverflowed(0x480)).toBe(true);
    expect(hasOverflowed(0x40000480)).toBe(true);
    expect(hasOverflowed(0x400)).toBe(false);
    expect(hasOverflowed(0x80)).toBe(false);
    expect(hasOverflowed(0)).toBe(false);
  });
});
