import { expect, test } from 'vitest';
import { startRounds } from '#gateways/cctv/rounds.ts';
import { fakeClock } from '#test/kit/clock.ts';

test('startRounds() asks each once an interval, evenly', async () => {
  const clock = fakeClock();
  const asked: [string, number][] = [];
  await using _ = startRounds({
    items: ['a', 'b', 'c', 'd'],
    intervalMs: 1_000,
    concurrency: 2,
    clock,
    ask: (item) => {
      asked.push([item, clock.monotonicMs()]);
      return Promise.resolve();
    },
  });
  await clock.advance(1_250);
  expect(asked).toEqual([
    ['a', 0],
    ['b', 250],
    ['c', 500],
    ['d', 750],
    ['a', 1_000],
    ['b', 1_250],
  ]);
});

test('startRounds() never asks more at once than allowed', async () => {
  const clock = fakeClock();
  const waiting: PromiseWithResolvers<void>[] = [];
  const rounds = startRounds({
    items: ['a', 'b', 'c', 'd'],
    intervalMs: 400,
    concurrency: 2,
    clock,
    ask: () => {
      const one = Promise.withResolvers<void>();
      waiting.push(one);
      return one.promise;
    },
  });
  await clock.advance(300);
  expect(waiting).toHaveLength(2);
  waiting[0]?.resolve();
  await clock.advance(0);
  expect(waiting).toHaveLength(3);
  const stopped = rounds[Symbol.asyncDispose]();
  for (const one of waiting) one.resolve();
  await stopped;
  expect(waiting).toHaveLength(3);
});

test('startRounds() leaves out the turn of one that is still being asked', async () => {
  const clock = fakeClock();
  const slow = Promise.withResolvers<void>();
  let asked = 0;
  const rounds = startRounds({
    items: ['a'],
    intervalMs: 100,
    concurrency: 2,
    clock,
    ask: () => {
      asked += 1;
      return slow.promise;
    },
  });
  await clock.advance(250);
  expect([asked, rounds.skipped]).toEqual([1, 2]);
  slow.resolve();
  await rounds[Symbol.asyncDispose]();
});
