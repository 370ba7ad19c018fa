import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readAckLink, signAckLink } from '#services/notify/ack-link.ts';

const key = Buffer.alloc(32, 1);
const link = { alarmId: 4_711, userId: '01234567-89ab-4def-8123-456789abcdef', expiresMs: 1_800_000_000_000 };

test('readAckLink() reads what signAckLink() wrote until it expires', () => {
  const token = signAckLink(link, key);
  expect(readAckLink(token, key, link.expiresMs - 1)).toEqual({ kind: 'good', link });
  expect(readAckLink(token, key, link.expiresMs)).toEqual({ kind: 'expired', link });
});

test('readAckLink() knows a token of another key, and every token of which a single bit was changed, as forged', () => {
  const bytes = Buffer.from(signAckLink(link, key), 'base64url');
  expect(readAckLink(bytes.toString('base64url'), Buffer.alloc(32, 2), 0).kind).toBe('forged');
  fc.assert(
    fc.property(fc.nat(bytes.length * 8 - 1), (bit) => {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(readAckLink(changed.toString('base64url'), key, 0).kind).toBe('forged');
    }),
  );
  fc.assert(fc.property(fc.string(), (text) => readAckLink(text, key, 0).kind === 'forged'));
});
