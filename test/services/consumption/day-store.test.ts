import fc from 'fast-check';
import { expect, test } from 'vitest';
import { joinDue } from '#services/consumption/day-store.ts';

const span = fc.tuple(fc.nat(60), fc.constantFrom(0, 1, 9));

test('joinDue() touches what the rows touch, in order and with a gap between any two', () => {
  fc.assert(
    fc.property(fc.array(span, { maxLength: 12 }), span, (rows, [fromUs, length]) => {
      const due = rows.map(([from, of]) => ({ pointId: 1, fromUs: from, toUs: from + of }));
      const range = { fromUs, toUs: fromUs + length };
      const touches = (one: typeof range) => one.fromUs <= range.toUs && one.toUs >= range.fromUs;
      const joined = joinDue(due);
      expect(joined.some(touches)).toBe(due.some(touches));
      joined.slice(1).forEach((one, at) => expect(one.fromUs).toBeGreaterThan((joined[at]?.toUs ?? 0) + 1));
    }),
  );
  const facts = { pointId: 1, fromUs: -Infinity, toUs: Infinity };
  expect(joinDue([{ pointId: 1, fromUs: 4, toUs: 5 }, facts])).toEqual([
    { fromUs: -Infinity, toUs: Infinity },
  ]);
});
