import { expect, test } from 'vitest';
import { aboveSpaces, findCycle, findCycles } from '#services/registry/tree.ts';

const parents = new Map([
  ['a', 'b'],
  ['b', 'c'],
  ['c', 'a'],
  ['into', 'a'],
  ['root', null],
  ['leaf', 'root'],
  ['lost', 'nowhere'],
  ['self', 'self'],
]);

/** Devices: each may have several above it. */
const several: Readonly<Record<string, readonly string[]>> = {
  camera: ['recorder', 'switch'],
  recorder: ['switch'],
  switch: ['gateway'],
  gateway: ['camera'],
  box: ['camera', 'gateway'],
};
const above = (id: string) => several[id] ?? [];

test('findCycle() gives the circle that a space lies on, and nothing for one that leads into it or ends', () => {
  expect(findCycle(aboveSpaces(parents), 'a')).toEqual(['a', 'b', 'c', 'a']);
  for (const id of ['into', 'root', 'leaf', 'lost'])
    expect(findCycle(aboveSpaces(parents), id), id).toBeNull();
  expect(findCycle(aboveSpaces(parents), 'self')).toEqual(['self', 'self']);
});

test('findCycle() gives the shortest circle where several stand above one', () => {
  expect(findCycle(above, 'camera')).toEqual(['camera', 'switch', 'gateway', 'camera']);
  expect(findCycle(above, 'recorder')).toEqual(['recorder', 'switch', 'gateway', 'camera', 'recorder']);
  expect(findCycle(above, 'box')).toBeNull();
});

test('findCycles() tells every circle once', () => {
  expect(findCycles(aboveSpaces(parents), ['into', ...parents.keys(), 'self'])).toEqual([
    ['a', 'b', 'c', 'a'],
    ['self', 'self'],
  ]);
  // Two share a part: one of them is told.
  expect(findCycles(above, ['box', 'camera'])).toEqual([
    ['camera', 'recorder', 'switch', 'gateway', 'camera'],
  ]);
});

test('findCycles() walks a chain of 20,000 without a stack of calls', () => {
  const next = (id: string) => (id === '0' ? ['19999'] : [String(Number(id) - 1)]);
  expect(findCycles(next, ['19999'])[0]).toHaveLength(20_001);
});
