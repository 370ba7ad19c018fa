import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { isSignedHead } from '#services/assessment/verifier/chain-check.ts';
import { nodePlatform } from '#services/assessment/verifier/node-platform.ts';
import { isHead } from '#services/assessment/verifier/pack-form.ts';
import { linkHash } from '#services/sealing/chain.ts';
import { readText } from '#test/kit/tree.ts';

const doc = readText('docs/evidence-format.md');
const block = (kind: string) => new RegExp(`\`\`\`${kind}\n(.*?)\`\`\``, 's').exec(doc)?.[1] ?? '';

describe('the worked example of docs/evidence-format.md', () => {
  const lines = block('sh').trim().split('\n');
  const steps = lines.flatMap((line, index) =>
    line.startsWith('printf') ? [{ command: line, digest: lines[index + 1]?.slice(2) }] : [],
  );

  test('gives in a shell the digests that it shows', () => {
    expect(steps).toHaveLength(4);
    for (const { command, digest } of steps) {
      expect(execFileSync('sh', ['-c', command], { encoding: 'utf8' }).split(' ')[0]).toBe(digest);
    }
  });

  test('is what the sealer computes, and its head what the verifier accepts', () => {
    const prev = '0'.repeat(64);
    const first = linkHash({ journal: 'evidence', seq: 1, prev, body: '{"item":"第一行"}' });
    const second = linkHash({ journal: 'evidence', seq: 2, prev: first, body: '{"item":"第二行"}' });
    expect([first, second]).toEqual([steps[1]?.digest, steps[3]?.digest]);
    const head: unknown = JSON.parse(block('json'));
    if (!isHead(head)) throw new Error('no head');
    expect(head.hash).toBe(second);
    expect(isSignedHead(head, block('pem'), nodePlatform)).toBe(true);
    expect(isSignedHead({ ...head, seq: 3 }, block('pem'), nodePlatform)).toBe(false);
  });
});
