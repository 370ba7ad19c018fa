import canonicalize from 'canonicalize';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonical } from '#services/assessment/verifier/canonical.ts';

test('canonical() writes every JSON value like the reference implementation', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4, stringUnit: 'binary' }), (value) => {
      expect(canonical(value)).toBe(canonicalize(value));
    }),
    { numRuns: 2_000 },
  );
});

test('canonical() writes every double like the reference implementation', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      expect(canonical(value)).toBe(canonicalize(value));
    }),
    { numRuns: 5_000 },
  );
});

test('canonical() of the example of RFC 8785, 3.2.3: keys by UTF-16 code units', () => {
  const value = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7 };
  expect(canonical(value)).toBe(
    '{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\ud83d\ude00":5,"\ufb33":3}',
  );
});

test('canonical() refuses what JSON cannot say', () => {
  for (const value of [Number.NaN, Infinity, '\uD800', () => 1, 1n]) expect(() => canonical(value)).toThrow();
});
