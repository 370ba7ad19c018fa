import { expect, test } from 'vitest';
import {
  absentUserHash,
  hashPassword,
  readablePassword,
  verifyPassword,
} from '#services/people/passwords.ts';

test('verifyPassword() accepts the right password only, whichever way its letters were composed', async () => {
  const stored = await hashPassword('Café am Park 7');
  expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
  expect(await verifyPassword('Café am Park 7', stored)).toBe(true);
  expect(await verifyPassword('Cafe\u0301 am Park 7', stored)).toBe(true);
  expect(await verifyPassword('Café am Park 8', stored)).toBe(false);
  expect(await hashPassword('Café am Park 7')).not.toBe(stored);
});

test('verifyPassword() reads the cost out of the hash, so that older hashes stay good', async () => {
  const { argon2Sync } = await import('node:crypto');
  const nonce = Buffer.alloc(16, 7);
  const tag = argon2Sync('argon2id', {
    message: 'old',
    nonce,
    parallelism: 2,
    tagLength: 24,
    memory: 64,
    passes: 1,
  });
  const text = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');
  expect(await verifyPassword('old', `$argon2id$v=19$m=64,t=1,p=2$${text(nonce)}$${text(tag)}`)).toBe(true);
});

test('verifyPassword() computes the same for a user who does not exist, and says no', async () => {
  const cost = (hash: string) => [
    ...hash.split('$').slice(1, 4),
    ...hash
      .split('$')
      .slice(4)
      .map((part) => part.length),
  ];
  expect(cost(absentUserHash)).toEqual(cost(await hashPassword('something long')));
  expect(await verifyPassword('wrong', null)).toBe(false);
});

test('verifyPassword() says no to a stored text that is no hash', async () => {
  expect(await verifyPassword('', '')).toBe(false);
  expect(await verifyPassword('plain', 'plain')).toBe(false);
});

test('readablePassword() is different each time and free of letters that look alike', () => {
  const made = Array.from({ length: 100 }, readablePassword);
  expect(new Set(made).size).toBe(100);
  for (const password of made) expect(password).toMatch(/^[a-hjkmnp-z2-9]{5}(-[a-hjkmnp-z2-9]{5}){3}$/);
});
