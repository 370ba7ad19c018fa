import { expect, it } from 'vitest';
import { alarmConditionSchema } from '#schemas/alarm.ts';
import { Replay } from '#services/alarms/replay.ts';

const replayed = (
  condition: object,
  samples: readonly (readonly [timeS: number, value: number])[],
  endS: number,
) => {
  const replay = new Replay({ condition: alarmConditionSchema.parse(condition), unit: 'V' });
  for (const [timeS, value] of samples) replay.sample({ timeMs: timeS * 1_000, value, quality: 0 });
  return replay.end(endS * 1_000);
};

it('Replay tells what a limit with an on-delay would have raised, with timers at their own time', () => {
  const high = { kind: 'limit', side: 'high', limit: 100, onDelayMs: 30_000 };
  const samples = [
    [0, 120],
    [10, 90],
    [20, 120],
    [100, 121],
    [110, 90],
    [120, 130],
  ] as const;
  expect(replayed(high, samples, 200)).toMatchObject([
    {
      raisedMs: 50_000,
      clearedMs: 110_000,
      value: 120,
      facts: { value: 120, delayMs: 30_000, held: 'no-newer' },
    },
    {
      raisedMs: 150_000,
      clearedMs: null,
      value: 130,
      facts: { value: 130, delayMs: 30_000, held: 'no-newer' },
    },
  ]);
});

it('Replay finds silence between readings and after the last one, and knows nothing of before the first', () => {
  const silent = { kind: 'stale', noDataMs: 60_000 };
  expect(
    replayed(
      silent,
      [
        [1_000, 1],
        [1_050, 1],
        [1_200, 1],
      ],
      1_300,
    ),
  ).toMatchObject([
    { raisedMs: 1_110_000, clearedMs: 1_200_000 },
    { raisedMs: 1_260_000, clearedMs: null },
  ]);
  expect(replayed(silent, [[1_000, 1]], 1_059)).toEqual([]);
});
