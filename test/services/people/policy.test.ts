import { expect, test } from 'vitest';
import { addressKey, policy, userKey, waitMs } from '#services/people/policy.ts';

const at = (key: string, failures: number, sinceMs: number) =>
  waitMs({ key, failures, lastAtMs: 1_000_000 }, 1_000_000 + sinceMs);

test('waitMs() lets people mistype, then doubles the wait up to a limit', () => {
  const user = userKey('ann');
  expect([0, 4].map((failures) => at(user, failures, 0))).toEqual([0, 0]);
  expect([5, 6, 7, 8, 9, 50].map((failures) => at(user, failures, 0))).toEqual([
    5_000, 10_000, 20_000, 40_000, 60_000, 60_000,
  ]);
  expect(at(user, 6, 4_000)).toBe(6_000);
  expect(at(user, 6, 10_000)).toBe(0);
});

test('waitMs() is more patient with an address, and in the end slower', () => {
  const address = addressKey('10.0.0.1');
  expect(at(address, 19, 0)).toBe(0);
  expect(at(address, 20, 0)).toBe(10_000);
  expect(at(address, 60, 0)).toBe(15 * 60_000);
});

test('waitMs() forgets failures after the window', () => {
  expect(at(userKey('ann'), 50, policy.attemptWindowMs + 1)).toBe(0);
});

test('addressKey() takes the network that one customer is given for one address', () => {
  const key = 'address:2001:db8:0:1';
  for (const address of ['2001:db8:0:1::1', '2001:0db8::1:ffff:2:3:4', '2001:DB8:0:1:a:b:c:d%eth0']) {
    expect(addressKey(address)).toBe(key);
  }
  expect(addressKey('2001:db8:0:2::1')).not.toBe(key);
  expect(addressKey('::1')).toBe('address:0:0:0:0');
  expect(addressKey('::ffff:10.0.0.1')).toBe(addressKey('10.0.0.1'));
});
