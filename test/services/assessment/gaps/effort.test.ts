import { expect, test } from 'vitest';
import type { Gap } from '#schemas/api/gaps.ts';
import {
  byWorth,
  claimEffort,
  functionEffort,
  lapseEffort,
  memberEffort,
  recordEffort,
} from '#services/assessment/gaps/effort.ts';

test('memberEffort() weighs what was never heard of twice, and what is not there three times', () => {
  expect(memberEffort('silent', 14)).toBe(14);
  expect(memberEffort('gaps', 14)).toBe(14);
  expect(memberEffort('other', 14)).toBe(14);
  expect(memberEffort('never', 14)).toBe(28);
  expect(memberEffort('empty', 14)).toBe(42);
});

test('functionEffort() is one exercise, or an installation where nothing in service could report it', () => {
  expect(functionEffort(true)).toBe(1);
  expect(functionEffort(false)).toBe(3);
});

test('recordEffort(), claimEffort() and lapseEffort() count what people write, decide and renew', () => {
  expect(recordEffort(3)).toBe(3);
  expect(claimEffort(true)).toBe(1);
  expect(claimEffort(false)).toBe(3);
  expect(lapseEffort(2)).toBe(2);
});

test('byWorth() puts points for each effort first, then points, then the item, whatever the order before', () => {
  const gap = (item: string, gain: number, effort: number) => ({ item, gain, effort }) as Gap;
  const wanted = [gap('c', 2, 1), gap('b', 6, 4), gap('a', 3, 2), gap('d', 3, 2), gap('e', 5, 50)];
  for (const mixed of [wanted, wanted.toReversed(), [...wanted.slice(2), ...wanted.slice(0, 2)]]) {
    expect(mixed.toSorted(byWorth)).toEqual(wanted);
  }
});
