import { expect, test } from 'vitest';
import { findCycle, findCycles } from '#services/registry/tree.ts';

const parents = new Map([
  ['a', 'b'],
  ['b', 'c'],
  ['c', 'a'],
  ['into', 'a'],
  ['root', null],
  ['leaf', 'root'],
  ['lost', 'nowhere'],
]);

test('findCycle() gives the circle that a space lies on, and nothing for one that leads into it or ends', () => {
  expect(findCycle(parents, 'a')).toEqual(['a', 'b', 'c', 'a']);
  for (const id of ['into', 'root', 'leaf', 'lost']) expect(findCycle(parents, id), id).toBeNull();
  expect(findCycle(new Map([['self', 'self']]), 'self')).toEqual(['self', 'self']);
});

test('findCycles() tells every circle once', () => {
  expect(findCycles(new Map([...parents, ['self', 'self']]), ['into', ...parents.keys(), 'self'])).toEqual([
    ['a', 'b', 'c', 'a'],
    ['self', 'self'],
  ]);
});
