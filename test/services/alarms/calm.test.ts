import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alarmConditionSchema } from '#schemas/alarm.ts';
import { mayPass, ownState, passCalmly } from '#services/alarms/calm.ts';
import { valuesOf } from '#services/alarms/combination.ts';
import { evaluate } from '#services/alarms/evaluate.ts';
import { initialState, type JudgedRule, type JudgeState } from '#services/alarms/judge.ts';

const limitTest = fc.record({
  kind: fc.constant('limit'),
  side: fc.constantFrom('high', 'low'),
  limit: fc.integer({ min: 0, max: 4 }),
  deadband: fc.integer({ min: 0, max: 2 }),
});
const delays = {
  onDelayMs: fc.constantFrom(0, 3_000),
  offDelayMs: fc.constantFrom(0, 3_000),
};
const stateTest = fc.record({
  kind: fc.constant('state'),
  test: fc.constantFrom('equals', 'leaves'),
  states: fc.constantFrom(['closed'], ['open', 'held']),
});
const metric = (test: fc.Arbitrary<object>, name: string) =>
  fc.record({ of: fc.constant({ metric: name }), test });
const match = fc.constantFrom('all', 'any');
const condition = fc.oneof(
  fc.tuple(limitTest, fc.record(delays)).map(([test, given]) => ({ ...test, ...given })),
  fc.tuple(stateTest, fc.record(delays)).map(([test, given]) => ({ ...test, ...given })),
  fc.constant({ kind: 'stale', noDataMs: 60_000 }),
  fc.constant({ kind: 'rate', side: 'high', limit: 1, windowMs: 60_000, per: 'minute' }),
  fc.record({
    kind: fc.constant('combination'),
    match,
    of: fc.tuple(
      metric(limitTest, 'a'),
      metric(stateTest, 'b'),
      fc.record({ match, of: fc.tuple(metric(limitTest, 'c'), metric(limitTest, 'd')) }),
    ),
    maxAgeMs: fc.constant(60_000),
    ...delays,
  }),
);
const step = fc.record({
  of: fc.integer({ min: 0, max: 3 }),
  /** Of the source, s after the last: late ones, repeated ones, long pauses. */
  afterS: fc.constantFrom(-2, 0, 1, 1, 1, 5, 90, 100_000),
  value: fc.integer({ min: 0, max: 4 }),
  quality: fc.constantFrom(0, 0, 0, 1, 2),
  isTimer: fc.constantFrom(false, false, false, true),
});

function ruleOf(given: object): JudgedRule | null {
  const parsed = alarmConditionSchema.safeParse(given);
  if (!parsed.success) return null;
  const { data } = parsed;
  const states = ['closed', 'open', 'held'];
  if (data.kind !== 'combination') return { condition: data, unit: '', states };
  const inputs = valuesOf(data).map(({ test }, i) => ({ pointId: i, name: String(i), states, test }));
  return { condition: data, unit: '', inputs };
}

describe('passCalmly()', () => {
  it('leaves every state as judging it in full does, and takes most samples', () => {
    const taken: Record<string, number> = {};
    fc.assert(
      fc.property(condition, fc.array(step, { minLength: 1, maxLength: 40 }), (given, steps) => {
        const rule = ruleOf(given);
        fc.pre(rule !== null);
        let full: JudgeState = initialState;
        let mixed: JudgeState = initialState;
        let [timeMs, nowMs] = [1_000_000, 1_000_000];
        for (const { of, afterS, value, quality, isTimer } of steps) {
          timeMs += afterS * 1_000;
          nowMs = Math.max(nowMs, timeMs);
          const place = rule.inputs === undefined ? undefined : of;
          const sample = { of: place, timeMs, value, quality, nowMs };
          const input = isTimer
            ? ({ kind: 'timer', nowMs } as const)
            : ({ kind: 'sample', ...sample } as const);
          const judged = evaluate(rule, full, input);
          full = judged.state;
          const own = ownState(mixed);
          if (!isTimer && mayPass(rule, mixed) && passCalmly(rule, own, sample)) {
            expect(judged.changes).toEqual([]);
            expect(judged.notRaised).toBeUndefined();
            taken[rule.condition.kind] = (taken[rule.condition.kind] ?? 0) + 1;
            mixed = own;
          } else {
            expect(own).toEqual(mixed);
            mixed = evaluate(rule, mixed, input).state;
          }
          expect(mixed).toEqual(full);
        }
      }),
      { numRuns: 3_000 },
    );
    for (const kind of ['limit', 'state', 'stale', 'combination']) expect(taken[kind]).toBeGreaterThan(100);
  });
});
