import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isInWindow, windowSchema } from '#schemas/time-window.ts';

const at = (weekday: number, hours: number) => ({ weekday, minute: hours * 60 });

test('isInWindow() is closed-open, and a window over midnight belongs to the day it begins on', () => {
  const night = { days: [5], from: '22:00', to: '06:00' };
  expect([21.9, 22, 23.9].map((hours) => isInWindow(night, at(5, hours)))).toEqual([false, true, true]);
  expect([0, 5.9, 6].map((hours) => isInWindow(night, at(6, hours)))).toEqual([true, true, false]);
  expect(isInWindow(night, at(5, 3))).toBe(false);
  expect(isInWindow({ days: [7], from: '22:00', to: '06:00' }, at(1, 3))).toBe(true);
});

test('isInWindow() of equal times is the whole day from then on', () => {
  const fromEight = { days: [1], from: '08:00', to: '08:00' };
  expect([at(1, 7), at(1, 8), at(2, 7.9), at(2, 8)].map((each) => isInWindow(fromEight, each))).toEqual([
    false,
    true,
    true,
    false,
  ]);
});

test('isInWindow() of a window and of its complement never agree', () => {
  const time = fc.nat(1_439).map((minute) => new Date(minute * 60_000).toISOString().slice(11, 16));
  const days = [1, 2, 3, 4, 5, 6, 7];
  fc.assert(
    fc.property(time, time, fc.integer({ min: 1, max: 7 }), fc.nat(1_439), (from, to, weekday, minute) => {
      fc.pre(from !== to);
      const wall = { weekday, minute };
      expect(isInWindow({ days, from, to }, wall)).toBe(!isInWindow({ days, from: to, to: from }, wall));
    }),
  );
});

test('windowSchema refuses what is no time of day and a day that is none', () => {
  expect(windowSchema.safeParse({ days: [8], from: '24:00', to: '08:00' }).success).toBe(false);
});
