import { describe, expect, test } from 'vitest';
import type { Translate } from '#dashboards/app/i18n.ts';
import {
  formatAge,
  formatNumber,
  formatQuantity,
  formatSpan,
  formatTime,
  isStale,
  toCsv,
  unitSign,
} from '#dashboards/app/format.ts';

/** Says the key and its numbers, so that a test names the unit it expects. */
const t = ((key: string, values?: object) =>
  [key, ...Object.values(values ?? {})].join(' ')) as unknown as Translate;

describe('formatNumber()', () => {
  test('keeps the digits of the metric, so that columns align', () => {
    expect(formatNumber(1234.5, 2)).toBe('1,234.50');
    expect(formatNumber(0, 1)).toBe('0.0');
    expect(formatNumber(-0.04, 2)).toBe('-0.04');
  });
  test('shows no number where there is none', () => {
    expect(formatNumber(Number.NaN, 2)).toBe('—');
  });
});

describe('formatTime()', () => {
  const instant = Date.parse('2026-03-01T06:05:09Z');
  test('speaks the time zone of the park, not of the browser', () => {
    expect(formatTime(instant, 'Asia/Shanghai')).toBe('2026-03-01 14:05:09');
    expect(formatTime(instant, 'UTC', 'minute')).toBe('03-01 06:05');
    expect(formatTime(instant, 'America/New_York', 'day')).toBe('2026-03-01');
  });
  test('writes midnight as 00', () => {
    expect(formatTime(Date.parse('2026-03-01T16:00:00Z'), 'Asia/Shanghai', 'clock')).toBe('00:00:00');
  });
});

describe('formatQuantity()', () => {
  test('tells seconds above an hour as a length of time, and keeps the exact value beside', () => {
    expect(formatQuantity(t, { value: 2_591_999, unit: 's' })).toEqual({
      text: 'span.days 30',
      unit: '',
      exact: '2,591,999 s',
    });
    expect(formatQuantity(t, { value: -86_400, unit: 's', decimals: 1 }).text).toBe('-span.hours 24');
  });
  test('leaves shorter ones and other units as they are', () => {
    expect(formatQuantity(t, { value: 3_600, unit: 's' })).toMatchObject({ text: '3,600', unit: 's' });
    expect(formatQuantity(t, { value: 1234.5, unit: 'm3', decimals: 2 })).toEqual({
      text: '1,234.50',
      unit: 'm³',
      exact: undefined,
    });
  });
});

test('formatAge() uses one unit, and tells a clock that runs ahead', () => {
  const present = 1_000_000_000;
  expect(formatAge(t, present - 1_000, present)).toBe('age.now');
  expect(formatAge(t, present - 59_000, present)).toBe('age.seconds 59');
  expect(formatAge(t, present - 60_000, present)).toBe('age.minutes 1');
  expect(formatAge(t, present - 47 * 3_600_000, present)).toBe('age.hours 47');
  expect(formatAge(t, present - 48 * 3_600_000, present)).toBe('age.days 2');
  expect(formatAge(t, present + 30_000, present)).toBe('age.future 30');
});

test('formatSpan() stays readable from seconds to days', () => {
  expect(formatSpan(t, 1_500)).toBe('span.seconds 1.5');
  expect(formatSpan(t, 600_000)).toBe('span.minutes 10');
  expect(formatSpan(t, 3 * 3_600_000)).toBe('span.hours 3');
  expect(formatSpan(t, 72 * 3_600_000)).toBe('span.days 3');
});

test('isStale() begins after twice the interval, not at it', () => {
  expect(isStale(0, 20_000, 10)).toBe(false);
  expect(isStale(0, 20_001, 10)).toBe(true);
});

test('unitSign() writes canonical units for people and leaves pure numbers bare', () => {
  expect(['ug/m3', 'degC', 'm3', '1', 'kWh'].map(unitSign)).toEqual(['µg/m³', '°C', 'm³', '', 'kWh']);
});

test('toCsv() quotes, keeps negative numbers, and disarms formulas', () => {
  const csv = toCsv([
    ['name', 'value'],
    ['a,"b"', -1.5],
    ['=1+1', null],
  ]);
  expect(csv).toBe('\uFEFFname,value\r\n"a,""b""",-1.5\r\n\'=1+1,\r\n');
});
