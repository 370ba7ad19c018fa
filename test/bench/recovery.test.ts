import { expect, it } from 'vitest';
import { mean, recoveredAfterS } from './recovery.ts';

it('recoveredAfterS() is when five seconds begin that are together as fast as before, one alone is not enough', () => {
  const slow = [0, 30, 50];
  expect(recoveredAfterS([...slow, 200, 0, 0, 0, 0, 90, 80, 100, 90, 90], 90)).toBe(8);
  expect(recoveredAfterS([90, 95, 90, 85, 90], 90)).toBe(0);
});

it('recoveredAfterS() is null where it never was, or nobody looked for long enough', () => {
  expect(recoveredAfterS([100, 100, 100, 100], 90)).toBeNull();
  expect(recoveredAfterS([80, 99, 80, 99, 80, 80, 99], 90)).toBeNull();
});

it('mean() of nothing is 0', () => {
  expect(mean([])).toBe(0);
});
