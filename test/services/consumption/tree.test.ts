import { describe, expect, test } from 'vitest';
import { meterTree } from '#services/consumption/tree.ts';

const meter = (deviceId: string, parentId: string | null, pointId: number | null) => ({
  deviceId,
  parentId,
  pointId,
  name: deviceId,
  provenance: 'field' as const,
});
const sums = (...values: number[]) =>
  new Map(
    values.map((value, at) => [at + 1, { fromUs: 0, toUs: 1, value, coverage: 1, flags: [], isWhole: true }]),
  );

describe('meterTree()', () => {
  test('meterTree() says no share of nothing', () => {
    const tree = meterTree('a', [meter('a', null, 1), meter('b', 'a', 2)], sums(0, 0));
    expect(tree).toMatchObject({ value: 0, loss: 0, lossShare: null, children: [{ value: 0, share: null }] });
  });

  test('meterTree() shows a negative loss where sub-meters show more than their meter', () => {
    const meters = [meter('a', null, 1), meter('b', 'a', 2), meter('c', 'a', 3)];
    expect(meterTree('a', meters, sums(10, 6, 5))).toMatchObject({ loss: -1, lossShare: -0.1 });
  });

  test('meterTree() compares nothing with a meter that is known in part of the range only', () => {
    const found = sums(10, 6, 3);
    const [east, main] = [found.get(2), found.get(1)];
    if (east === undefined || main === undefined) throw new Error('no meters');
    const meters = [meter('a', null, 1), meter('b', 'a', 2), meter('c', 'a', 3)];
    found.set(2, { ...east, isWhole: false });
    expect(meterTree('a', meters, found)).toMatchObject({
      value: 10,
      loss: null,
      lossShare: null,
      children: [
        { value: 6, share: null },
        { value: 3, share: 0.3 },
      ],
    });
    found.set(1, { ...main, isWhole: false });
    expect(meterTree('a', meters, found)).toMatchObject({ loss: null, children: [{}, { share: null }] });
  });

  test('meterTree() is null without its root', () => {
    expect(meterTree('a', [meter('b', null, 1)], sums(1))).toBeNull();
  });
});
