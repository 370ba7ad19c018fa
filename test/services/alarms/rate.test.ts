import { describe, expect, it } from 'vitest';
import { plainReason } from '#schemas/alarm-facts.ts';
import { rateConditionSchema, type RateCondition } from '#schemas/alarm.ts';
import { evaluate } from '#services/alarms/evaluate.ts';
import { initialState } from '#services/alarms/judge.ts';
import { measureRate } from '#services/alarms/rate.ts';

const condition = (more: Partial<RateCondition> = {}) =>
  rateConditionSchema.parse({
    kind: 'rate',
    direction: 'rising',
    limit: 1,
    per: 'minute',
    windowMs: 300_000,
    ...more,
  });

function told(judged: RateCondition, samples: readonly (readonly [timeS: number, value: number])[]) {
  let state = initialState;
  return samples.flatMap(([timeS, value]) => {
    const sample = {
      kind: 'sample',
      timeMs: timeS * 1_000,
      value,
      quality: 0,
      nowMs: timeS * 1_000,
    } as const;
    const judgement = evaluate({ condition: judged, unit: 'degC' }, state, sample);
    // A stored state goes on as if nothing had been.
    state = JSON.parse(JSON.stringify(judgement.state)) as typeof state;
    return judgement.changes.map(
      (change) => `${change.kind} ${change.timeMs / 1_000} ${plainReason(change.facts)}`,
    );
  });
}

describe('measureRate()', () => {
  it('tells nothing until a value is a window old, then the change over at least the window', () => {
    let window: readonly number[] = [];
    const rates = [0, 60, 300, 360].map((timeS) => {
      const measured = measureRate(condition(), window, { timeMs: timeS * 1_000, value: timeS / 60 });
      window = measured.window;
      return measured.rate;
    });
    expect(rates).toEqual([null, null, 1, 1]);
  });

  it('keeps about a hundred samples however often they come', () => {
    let window: readonly number[] = [];
    for (let i = 0; i < 10_000; i++) {
      window = measureRate(condition(), window, { timeMs: i * 100, value: i }).window;
    }
    expect(window.length).toBeLessThanOrEqual(2 * 102);
  });
});

describe('evaluate() of a rate', () => {
  it('raises when the value rises quickly and clears when it no longer does, with the rate as reason', () => {
    const samples = Array.from(
      { length: 20 },
      (_, i) => [i * 60, i < 10 ? 20 : 20 + 2 * Math.min(i - 9, 4)] as const,
    );
    expect(told(condition(), samples)).toEqual([
      'raised 720 1.2 ≥ 1 degC/minute, 300 s',
      'cleared 960 0.8 < 1 degC/minute, 300 s',
    ]);
  });

  it('watches the other direction, or both', () => {
    const falling = [0, 300, 600].map((timeS) => [timeS, -timeS] as const);
    expect(told(condition(), falling)).toEqual([]);
    expect(told(condition({ direction: 'falling' }), falling)).toHaveLength(1);
    expect(told(condition({ direction: 'either' }), falling)).toHaveLength(1);
  });

  it('takes a jump over a long gap for a change over the gap', () => {
    expect(
      told(condition(), [
        [0, 20],
        [300, 20],
        [7_500, 100],
      ]),
    ).toEqual([]);
  });

  it('does not count late and bad samples', () => {
    expect(
      told(condition(), [
        [0, 20],
        [300, 20],
        [200, 500],
        [360, 20],
      ]),
    ).toEqual([]);
  });
});
