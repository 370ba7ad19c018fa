import { expect, test } from 'vitest';
import { holds, packetEquations, valueEquations } from '#dashboards/pages/gateways/equations.ts';

const values = {
  received: 100,
  accepted: 90,
  rejected: { implausible: 6, 'future-time': 1 },
  undiscovered: 3,
  committed: 80,
  corrected: 2,
  duplicate: 8,
  waiting: 2,
  untimed: 0,
};
const packets = { received: 10, refused: 1, usable: 9, acknowledged: 7, waiting: 1, unacknowledged: 2 };

test('the equations of the ledger hold when every value and packet is accounted for', () => {
  expect(valueEquations({ values }).map(holds)).toEqual([true, true]);
  expect(packetEquations({ packets }).map(holds)).toEqual([true]);
});

test('one lost value or packet shows in the equation it belongs to', () => {
  expect(valueEquations({ values: { ...values, committed: 79 } }).map(holds)).toEqual([true, false]);
  expect(valueEquations({ values: { ...values, received: 101 } }).map(holds)).toEqual([false, true]);
  expect(packetEquations({ packets: { ...packets, acknowledged: 6 } }).map(holds)).toEqual([false]);
});
