import { describe, expect, it } from 'vitest';
import { plainReason } from '#schemas/alarm-facts.ts';
import { combinationConditionSchema } from '#schemas/alarm.ts';
import { valuesOf } from '#services/alarms/combination.ts';
import { evaluate } from '#services/alarms/evaluate.ts';
import { initialState, type JudgedRule, type JudgeState } from '#services/alarms/judge.ts';

const over = (metric: string, limit: number, deadband = 0) => ({
  of: { metric },
  test: { kind: 'limit', side: 'high', limit, deadband },
});

function ruleOf(given: object): JudgedRule {
  const condition = combinationConditionSchema.parse({ kind: 'combination', match: 'all', ...given });
  const inputs = valuesOf(condition).map(({ of, test }, i) => ({
    pointId: i,
    name: 'metric' in of ? of.metric : of.point,
    states: [],
    test,
  }));
  return { condition, unit: '', inputs };
}

/** Samples as [seconds, place, value, quality]; a lone number is a timer. */
function run(rule: JudgedRule, steps: readonly (number | [number, number, number, number?])[]) {
  let state: JudgeState = initialState;
  const told = steps.flatMap((step) => {
    const judged =
      typeof step === 'number'
        ? evaluate(rule, state, { kind: 'timer', nowMs: step * 1_000 })
        : evaluate(rule, state, {
            kind: 'sample',
            of: step[1],
            timeMs: step[0] * 1_000,
            value: step[2],
            quality: step[3] ?? 0,
            nowMs: step[0] * 1_000,
          });
    state = JSON.parse(JSON.stringify(judged.state)) as JudgeState;
    return judged.changes.map((each) => `${each.kind} ${each.timeMs / 1_000} ${plainReason(each.facts)}`);
  });
  return { told, state };
}

describe('evaluate() of a combination', () => {
  it('raises when all are met and clears when one no longer is', () => {
    const rule = ruleOf({ of: [over('a', 10, 2), over('b', 5)] });
    expect(
      run(rule, [
        [1, 0, 11],
        [2, 1, 4],
        [3, 1, 6],
        [4, 0, 9],
        [5, 0, 8],
      ]).told,
    ).toEqual(['raised 3 all: a=11 ✓, b=6 ✓', 'cleared 5 not all: a=8 ✗, b=6 ✓']);
  });

  it('holds any, and groups within', () => {
    const rule = ruleOf({
      match: 'any',
      of: [over('a', 10), { match: 'all', of: [over('b', 5), over('c', 5)] }],
    });
    expect(
      run(rule, [
        [1, 0, 1],
        [1, 1, 6],
        [1, 2, 4],
        [2, 2, 6],
        [3, 1, 1],
        [4, 0, 12],
      ]).told,
    ).toEqual([
      'raised 2 any: a=1 ✗, b=6 ✓, c=6 ✓',
      'cleared 3 not any: a=1 ✗, b=1 ✗, c=6 ✓',
      'raised 4 any: a=12 ✓, b=1 ✗, c=6 ✓',
    ]);
  });

  it('gives no verdict by a value that is bad, missing or too old: nothing is raised and nothing clears', () => {
    const rule = ruleOf({ of: [over('a', 10), over('b', 5)], maxAgeMs: 60_000 });
    expect(run(rule, [[1, 0, 11]]).told).toEqual([]);
    expect(
      run(rule, [
        [1, 0, 11],
        [2, 1, 6, 2],
      ]).told,
    ).toEqual([]);
    expect(
      run(rule, [
        [1, 0, 11],
        [100, 1, 6],
      ]).told,
    ).toEqual([]);
    const active = run(rule, [
      [1, 0, 11],
      [2, 1, 6],
      [3, 1, 1, 2],
      [200, 0, 11],
    ]);
    expect(active.told).toEqual(['raised 2 all: a=11 ✓, b=6 ✓']);
    // One that is not met decides, whatever the other is.
    expect(
      run(rule, [
        [1, 0, 11],
        [2, 1, 6],
        [3, 1, 1, 2],
        [4, 0, 1],
      ]).told.at(-1),
    ).toBe('cleared 4 not all: a=1 ✗, b=6 ?');
  });

  it('begins a delay again when it could not be told meanwhile, also when only the clock says so', () => {
    const rule = ruleOf({ of: [over('a', 10), over('b', 5)], maxAgeMs: 60_000, onDelayMs: 30_000 });
    const met: [number, number, number][] = [
      [1, 0, 11],
      [2, 1, 6],
    ];
    expect(run(rule, [...met, 32]).told).toEqual(['raised 32 all: a=11 ✓, b=6 ✓, 30 s, no newer value']);
    expect(run(rule, [...met, [10, 1, 6, 2], 32, [33, 1, 6], 62]).told).toEqual([]);
    const slow = ruleOf({ of: [over('a', 10), over('b', 5)], maxAgeMs: 20_000, onDelayMs: 30_000 });
    expect(run(slow, [...met, 32]).told).toEqual([]);
  });

  it('takes no older sample of a value for a newer one', () => {
    const rule = ruleOf({ of: [over('a', 10), over('b', 5)] });
    expect(
      run(rule, [
        [5, 0, 1],
        [4, 0, 11],
        [6, 1, 6],
      ]).told,
    ).toEqual([]);
  });
});
