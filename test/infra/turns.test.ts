import { expect, test } from 'vitest';
import { inTurns } from '#infra/turns.ts';

test('inTurns() serves others between two steps, and answers what the last one made', async () => {
  const heard: string[] = [];
  function* steps(): Generator<void, string> {
    heard.push('first');
    setImmediate(() => heard.push('another'));
    yield;
    heard.push('second');
    return 'done';
  }
  expect(await inTurns(steps())).toBe('done');
  expect(heard).toEqual(['first', 'another', 'second']);
});

test('inTurns() rejects when a step throws', async () => {
  function* steps(): Generator<void, string> {
    yield;
    throw new Error('it broke');
  }
  await expect(inTurns(steps())).rejects.toThrow('it broke');
});
