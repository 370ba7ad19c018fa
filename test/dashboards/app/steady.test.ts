import { expect, test } from 'vitest';
import { holdRows } from '#dashboards/app/steady.ts';

const rows = (...ids: readonly string[]) => ids.map((id) => ({ id, at: 0 }));
const ids = (steady: { rows: readonly { id: string }[] }) => steady.rows.map(({ id }) => id);

test('holdRows() keeps every row in its place and shows what changed in it', () => {
  const held = holdRows(rows('a', 'b', 'c'), [
    { id: 'c', at: 1 },
    { id: 'a', at: 2 },
  ]);
  expect(held).toEqual({
    rows: [
      { id: 'a', at: 2 },
      { id: 'b', at: 0 },
      { id: 'c', at: 1 },
    ],
    fresh: 0,
  });
});

test('holdRows() lets rows wait that come in between, and counts them', () => {
  const held = holdRows(rows('b', 'c'), rows('a', 'b', 'x', 'c'));
  expect(ids(held)).toEqual(['b', 'c']);
  expect(held.fresh).toBe(2);
});

test('holdRows() adds what follows at the end, so that a list can be scrolled on', () => {
  const held = holdRows(rows('a', 'b'), rows('n', 'a', 'b', 'c', 'd'));
  expect(ids(held)).toEqual(['a', 'b', 'c', 'd']);
  expect(held.fresh).toBe(1);
});
