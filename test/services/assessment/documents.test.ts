import { expect, test } from 'vitest';
import { documentsIn } from '#services/assessment/documents.ts';

test('documentsIn() finds every document once, wherever facts name it, and nothing else', () => {
  const [a, b] = ['a'.repeat(64), 'b'.repeat(64)];
  const facts = {
    records: [
      { code: 'x', sha256: 'c'.repeat(64), documents: [{ sha256: b, bytes: 2, name: '证书.pdf' }] },
      {
        code: 'y',
        documents: [
          { sha256: a, bytes: 1 },
          { sha256: b, bytes: 2 },
        ],
      },
      { code: 'z', documents: 3 },
      { code: 'w', documents: [{ sha256: 'no hash', bytes: 1 }, null, { sha256: a }] },
    ],
  };
  expect(documentsIn(facts)).toEqual([
    { sha256: a, bytes: 1 },
    { sha256: b, bytes: 2 },
  ]);
  expect(documentsIn(null)).toEqual([]);
});
