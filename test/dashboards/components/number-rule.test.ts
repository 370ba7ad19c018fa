import { expect, test } from 'vitest';
import { numberFault } from '#dashboards/components/number-rule.ts';

test('numberFault() names the bound that a typed number leaves, and takes the bounds themselves', () => {
  expect(numberFault(25, { min: 10, max: 19 })).toBe('between');
  expect(numberFault(9.99, { min: 10, max: 19 })).toBe('between');
  expect(numberFault(-1, { min: 0 })).toBe('atLeast');
  expect(numberFault(2, { max: 1 })).toBe('atMost');
  for (const value of [10, 15.5, 19]) expect(numberFault(value, { min: 10, max: 19 })).toBeNull();
});

test('numberFault() wants whole numbers where it is told to, and nothing of an empty field', () => {
  expect(numberFault(2.5, { min: 0, whole: true })).toBe('whole');
  expect(numberFault(3, { min: 0, whole: true })).toBeNull();
  expect(numberFault(null, { min: 1, whole: true })).toBeNull();
  expect(numberFault(undefined, { min: 1 })).toBeNull();
});
