import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { convert, unitDisplay, unitNames } from '#schemas/units.ts';

describe('convert()', () => {
  test.each([
    [1_500, 'W', 'kW', 1.5],
    [2, 'MWh', 'kWh', 2_000],
    [3.6, 'GJ', 'kWh', 1_000],
    [250, 'L', 'm3', 0.25],
    [1, 'L/s', 'm3/h', 3.6],
    [5, 'bar', 'MPa', 0.5],
    [212, 'degF', 'degC', 100],
    [273.15, 'K', 'degC', 0],
    [36, 'km/h', 'm/s', 10],
    [0.035, 'mg/m3', 'ug/m3', 35],
    [1_200, 'ug/m3', 'mg/m3', 1.2],
    [30, 'd', 's', 2_592_000],
    [7_200, 's', 'h', 2],
    [0.5, '1', '%', 50],
  ] as const)('turns %d %s into %s', (value, from, to, expected) => {
    expect(convert(value, from, to)).toBeCloseTo(expected, 9);
  });

  test('leaves a canonical value untouched, bit for bit', () => {
    fc.assert(
      fc.property(fc.double(), fc.constantFrom(...unitNames), (value, unit) =>
        Object.is(convert(value, unit, unit), value),
      ),
    );
  });

  test.each([
    ['kW', 'kWh'],
    ['kW', 'kVA'],
    ['mg/L', 'mg/m3'],
    ['ppm', 'mg/m3'],
    ['furlong', 'm/s'],
    ['constructor', 'kW'],
  ] as const)('answers null when %s cannot become %s', (from, to) => {
    expect(convert(1, from, to)).toBeNull();
  });
});

describe('unitDisplay()', () => {
  test('names units by language and leaves readable ones alone', () => {
    expect(unitDisplay('degC', 'zh')).toBe('℃');
    expect(unitDisplay('degC', 'en')).toBe('°C');
    expect(unitDisplay('kWh', 'zh')).toBe('kWh');
    expect(unitDisplay('1', 'en')).toBe('');
  });
});
