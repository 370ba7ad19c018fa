import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { chainStart, extendChain, linkHash } from '#services/sealing/chain.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

test('linkHash() is the digest that docs/evidence-format.md describes, spelt out by hand', () => {
  const prev = '0'.repeat(64);
  const text = `{"body":"${sha256('{"a":1}')}","journal":"audit","prev":"${prev}","seq":1,"v":"parkwatch-journal-v1"}`;
  expect(linkHash({ journal: 'audit', seq: 1, prev, body: '{"a":1}' })).toBe(sha256(text));
});

test('extendChain() numbers without a gap and links each row to the one before', () => {
  const rows = extendChain('audit', chainStart, [
    { id: 7, body: '{}' },
    { id: 9, body: '{"a":1}' },
  ]);
  expect(rows.map(({ id, seq }) => [id, seq])).toEqual([
    [7, 1],
    [9, 2],
  ]);
  expect(rows[1]?.prev).toBe(rows[0]?.hash);
});

test('extendChain() gives other hashes when one byte of an earlier body differs', () => {
  const seal = (first: string) =>
    extendChain('audit', chainStart, [
      { id: 1, body: first },
      { id: 2, body: '{}' },
    ]);
  expect(seal('{"a":1}')[1]?.hash).not.toBe(seal('{"a":2}')[1]?.hash);
});
