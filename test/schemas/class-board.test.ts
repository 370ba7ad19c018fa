import { describe, expect, test } from 'vitest';
import { boardProblems, classBoardSchema, defaultBoard } from '#schemas/class-board.ts';
import { boardOf, classBoards } from '#schemas/class-boards/index.ts';
import { deviceClasses, deviceClassIds } from '#schemas/device-classes/index.ts';

function classOf(id: string) {
  const found = deviceClasses.get(id);
  if (found === undefined) throw new Error(`no class ${id}`);
  return found;
}

test('every device class has a board with columns of its own metrics', () => {
  expect([...classBoards.keys()]).toEqual([...deviceClassIds]);
  for (const [id, board] of classBoards) {
    expect(boardProblems(board, classOf(id)), id).toEqual([]);
    expect(board.columns.length, id).toBeGreaterThan(0);
  }
});

describe('defaultBoard()', () => {
  test('adds up power and counts what is not normal', () => {
    const board = defaultBoard(classOf('pv-inverter'));
    expect(board.trend).toMatchObject({ fold: 'sum' });
    expect(board.figures?.some((figure) => figure.stat === 'count')).toBe(true);
  });

  test('is a board for every class, also for those that write their own', () => {
    for (const [id, deviceClass] of deviceClasses) {
      const board = classBoardSchema.parse(defaultBoard(deviceClass));
      expect(boardProblems(board, deviceClass), id).toEqual([]);
    }
  });
});

test.each([
  ['a metric that is none', { figures: [], columns: ['speed_of_light'] }, /no metric/],
  [
    'a state that is none',
    { figures: [{ stat: 'count', metric: 'door', states: ['ajar'] }], columns: ['door'] },
    /no state/,
  ],
  ['a sum of states', { figures: [{ stat: 'sum', metric: 'door' }], columns: ['door'] }, /gauge/],
  ['a column twice', { figures: [], columns: ['door', 'door'] }, /twice/],
  ['over without limits', { figures: [{ stat: 'over' }], columns: ['door'] }, /limits/],
  ['consumption of a gauge', { figures: [], columns: ['door'], consumption: 'speed' }, /counter/],
  ['a trend of states', { figures: [], columns: ['door'], trend: { metric: 'door', fold: 'mean' } }, /gauge/],
] as const)('boardOf() refuses %s', (_, input, reason) => {
  expect(() => boardOf(classOf('elevator'), structuredClone(input) as never)).toThrow(reason);
});

test('classBoardSchema refuses what it does not know', () => {
  expect(classBoardSchema.safeParse({ figures: [], columns: ['a'], colour: 'red' }).success).toBe(false);
  expect(classBoardSchema.safeParse({ figures: [], columns: [] }).success).toBe(false);
});
