import { describe, expect, it } from 'vitest';
import { plainReason } from '#schemas/alarm-facts.ts';
import { countConditionSchema } from '#schemas/alarm.ts';
import { measureCount } from '#services/alarms/count.ts';
import { evaluate } from '#services/alarms/evaluate.ts';
import { initialState } from '#services/alarms/judge.ts';

const states = ['normal', 'fault', 'off'];
const condition = countConditionSchema.parse({
  kind: 'count',
  states: ['fault'],
  count: 3,
  windowMs: 60_000,
});

function told(samples: readonly (readonly [timeS: number, code: number])[]) {
  let state = initialState;
  return samples.flatMap(([timeS, value]) => {
    const sample = {
      kind: 'sample',
      timeMs: timeS * 1_000,
      value,
      quality: 0,
      nowMs: timeS * 1_000,
    } as const;
    const twice = evaluate({ condition, unit: '', states }, state, sample);
    // A stored state goes on as if nothing had been, and the same sample again changes nothing.
    state = JSON.parse(JSON.stringify(twice.state)) as typeof state;
    expect(evaluate({ condition, unit: '', states }, state, sample)).toEqual({ state, changes: [] });
    return twice.changes.map(
      (change) => `${change.kind} ${change.timeMs / 1_000} ${plainReason(change.facts)}`,
    );
  });
}

describe('evaluate() of a count', () => {
  it('raises with so many entries in the window, and clears when one of them has left it', () => {
    const samples = [
      [0, 0],
      [10, 1],
      [11, 0],
      [20, 1],
      [21, 0],
      [30, 1],
      [31, 1],
      [69, 0],
      [70, 0],
      [95, 0],
    ] as const;
    expect(told(samples)).toEqual(['raised 30 3 × {fault} ≥ 3, 60 s', 'cleared 70 2 × {fault} < 3, 60 s']);
  });

  it('counts entries, not samples, and not what stood at the first one', () => {
    expect(
      told([
        [0, 1],
        [1, 1],
        [2, 0],
        [3, 1],
        [4, 1],
        [5, 1],
        [6, 0],
        [7, 1],
      ]),
    ).toEqual([]);
  });

  it('does not count entries that are too far apart, nor other states', () => {
    expect(
      told([
        [0, 0],
        [10, 1],
        [11, 0],
        [50, 1],
        [51, 0],
        [80, 1],
        [81, 2],
        [82, 0],
      ]),
    ).toEqual([]);
  });
});

describe('measureCount()', () => {
  it('takes an entry back that a correction of the newest sample denies', () => {
    const first = measureCount(condition, [0], { timeMs: 1_000, state: 'fault' });
    expect(first.count).toBe(1);
    expect(measureCount(condition, first.window, { timeMs: 1_000, state: 'normal' }).count).toBe(0);
  });

  it('keeps no more entries than it needs', () => {
    let window: readonly number[] = [0];
    for (let i = 0; i < 1_000; i++) {
      window = measureCount(condition, window, { timeMs: i, state: i % 2 === 0 ? 'fault' : 'normal' }).window;
    }
    expect(window).toHaveLength(4);
  });
});
