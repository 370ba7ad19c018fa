import { describe, expect, test } from 'vitest';
import { meterTree } from '#services/consumption/tree.ts';

const meter = (deviceId: string, parentId: string | null, pointId: number | null) => ({
  deviceId,
  parentId,
  pointId,
  name: deviceId,
  provenance: 'field' as const,
});
const sums = (...values: (number | null)[]) =>
  new Map(values.map((value, at) => [at + 1, { fromUs: 0, toUs: 1, value, coverage: 1, flags: [] }]));

describe('meterTree()', () => {
  test('meterTree() says no share of nothing', () => {
    const tree = meterTree('a', [meter('a', null, 1), meter('b', 'a', 2)], sums(0, 0));
    expect(tree).toMatchObject({ value: 0, loss: 0, lossShare: null, children: [{ value: 0, share: null }] });
  });

  test('meterTree() shows a negative loss where sub-meters show more than their meter', () => {
    const meters = [meter('a', null, 1), meter('b', 'a', 2), meter('c', 'a', 3)];
    expect(meterTree('a', meters, sums(10, 6, 5))).toMatchObject({ loss: -1, lossShare: -0.1 });
  });

  test('meterTree() is null without its root', () => {
    expect(meterTree('a', [meter('b', null, 1)], sums(1))).toBeNull();
  });
});
