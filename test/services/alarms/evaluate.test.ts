import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainReason } from '#schemas/alarm-facts.ts';
import { limitConditionSchema, type LimitCondition } from '#schemas/alarm.ts';
import { evaluate } from '#services/alarms/evaluate.ts';
import {
  initialState,
  type AlarmChange,
  type JudgedRule,
  type JudgeInput,
  type JudgeState,
} from '#services/alarms/judge.ts';

const second = 1_000;

function rule(condition: Partial<LimitCondition> = {}): JudgedRule {
  return {
    condition: limitConditionSchema.parse({ kind: 'limit', side: 'high', limit: 100, ...condition }),
    unit: 'V',
  };
}

type Step = JudgeInput & { readonly nowMs: number };

function sample(timeS: number, value: number, options: { quality?: number; nowS?: number } = {}): Step {
  const { quality = 0, nowS = timeS } = options;
  return { kind: 'sample', timeMs: timeS * second, value, quality, nowMs: nowS * second };
}

function timer(nowS: number): Step {
  return { kind: 'timer', nowMs: nowS * second };
}

function run(judged: JudgedRule, steps: readonly Step[], from: JudgeState = initialState) {
  let state = from;
  const changes: (Omit<AlarmChange, 'facts'> & { reason: string })[] = [];
  for (const step of steps) {
    const judgement = evaluate(judged, state, step);
    state = judgement.state;
    for (const { facts, ...change } of judgement.changes) {
      changes.push({ ...change, reason: plainReason(facts) });
    }
  }
  return { state, changes, told: changes.map((change) => `${change.kind} ${change.timeMs / second}`) };
}

describe('evaluate()', () => {
  it('raises at the limit and clears inside it, with value, limit and unit as the reason', () => {
    const { changes } = run(rule(), [sample(1, 99.9), sample(2, 100), sample(3, 99)]);
    expect(changes).toEqual([
      { kind: 'raised', onsetMs: 2_000, timeMs: 2_000, value: 100, reason: '100 ≥ 100 V' },
      { kind: 'cleared', onsetMs: 2_000, timeMs: 3_000, value: 99, reason: '99 < 100 V' },
    ]);
  });

  it('watches low sides from above', () => {
    const low = rule({ side: 'low', limit: 10, deadband: 2 });
    expect(run(low, [sample(1, 11), sample(2, 10), sample(3, 11.9), sample(4, 12)]).told).toEqual([
      'raised 2',
      'cleared 4',
    ]);
  });

  it('clears only when the value is back by the deadband', () => {
    const judged = rule({ deadband: 5 });
    expect(run(judged, [sample(1, 101), sample(2, 96), sample(3, 100), sample(4, 95)]).told).toEqual([
      'raised 1',
      'cleared 4',
    ]);
  });

  it('counts the on-delay in source time, whenever the samples arrive', () => {
    const judged = rule({ onDelayMs: 30 * second });
    const burst = [0, 10, 20, 30].map((timeS) => sample(timeS, 120, { nowS: 500 }));
    expect(run(judged, burst.slice(0, 3)).told).toEqual([]);
    expect(run(judged, burst).told).toEqual(['raised 30']);
  });

  it('starts the on-delay again when the value was inside the limit in between', () => {
    const judged = rule({ onDelayMs: 30 * second, deadband: 5 });
    const steps = [sample(0, 120), sample(20, 99), sample(25, 120), sample(50, 120)];
    expect(run(judged, steps).told).toEqual([]);
    expect(run(judged, [...steps, sample(55, 120)]).told).toEqual(['raised 55']);
  });

  it('raises on our clock when nothing newer comes, at the same time as a sample would have', () => {
    const judged = rule({ onDelayMs: 30 * second });
    const waiting = run(judged, [sample(0, 120, { nowS: 100 }), sample(10, 121, { nowS: 110 })]);
    expect(waiting.state.dueMs).toBe(130 * second);
    expect(run(judged, [timer(129)], waiting.state).told).toEqual([]);
    const { changes, state } = run(judged, [timer(130)], waiting.state);
    expect(changes).toEqual([
      {
        kind: 'raised',
        onsetMs: 0,
        timeMs: 30 * second,
        value: 121,
        reason: '121 ≥ 100 V, 30 s, no newer value',
      },
    ]);
    expect(run(judged, [timer(131), sample(31, 122)], state).told).toEqual([]);
  });

  it('does not take a timer for a delay that a newer sample has ended', () => {
    const judged = rule({ onDelayMs: 30 * second });
    expect(run(judged, [sample(0, 120), sample(20, 90), timer(40)]).told).toEqual([]);
  });

  it('waits the off-delay; a value in the deadband goes on waiting, one beyond the limit ends it', () => {
    const judged = rule({ deadband: 5, offDelayMs: 20 * second });
    const steps = [sample(0, 120), sample(10, 90), sample(15, 98), sample(30, 90)];
    expect(run(judged, steps).told).toEqual(['raised 0', 'cleared 30']);
    const again = [sample(0, 120), sample(10, 90), sample(15, 101), sample(30, 90), sample(49, 90)];
    expect(run(judged, again).told).toEqual(['raised 0']);
    expect(run(judged, [...again, timer(50)]).told).toEqual(['raised 0', 'cleared 50']);
  });

  it('notes a bad sample and keeps its condition', () => {
    const judged = rule({ onDelayMs: 30 * second });
    const bad = run(judged, [sample(0, 120), sample(10, 5, { quality: 2 }), sample(20, 5, { quality: 2 })]);
    expect(bad.state).toMatchObject({ phase: 'pending', badSinceMs: 10 * second, handledToMs: 20 * second });
    expect(run(judged, [timer(30)], bad.state).changes[0]?.reason).toBe(
      '120 ≥ 100 V, 30 s, no newer value; newer samples are bad',
    );
    expect(run(rule(), [sample(0, 500, { quality: 2 })]).told).toEqual([]);
    expect(run(rule(), [sample(0, 120), sample(1, 5, { quality: 2 })]).told).toEqual(['raised 0']);
  });

  it('lets an uncertain sample count', () => {
    expect(run(rule(), [sample(0, 120, { quality: 1 })]).told).toEqual(['raised 0']);
  });

  it('never raises for a late sample', () => {
    expect(run(rule(), [sample(10, 90), sample(5, 500)]).told).toEqual([]);
    expect(run(rule(), [sample(10, 120), sample(20, 90), sample(15, 500)]).told).toEqual([
      'raised 10',
      'cleared 20',
    ]);
  });

  it('starts the on-delay again when a late sample shows that it was interrupted', () => {
    const judged = rule({ onDelayMs: 30 * second });
    const steps = [sample(0, 120), sample(20, 120), sample(10, 90, { nowS: 21 })];
    expect(run(judged, steps).state.dueMs).toBe(51 * second);
    expect(run(judged, [...steps, sample(30, 120)]).told).toEqual([]);
    expect(run(judged, [...steps, sample(50, 120)]).told).toEqual(['raised 50']);
  });

  it('takes a correction of the newest sample for a new word, with an onset of its own', () => {
    const { changes } = run(rule(), [sample(1, 120), sample(1, 90), sample(1, 130)]);
    expect(changes.map((change) => `${change.kind} ${change.onsetMs}`)).toEqual([
      'raised 1000',
      'cleared 1000',
      'raised 1001',
    ]);
  });

  it('clears what is active, with the reason, when the rule ends', () => {
    const end: Step = {
      kind: 'end',
      facts: { code: 'rule-disabled', author: 'li', why: 'noisy' },
      nowMs: 9_000,
    };
    expect(run(rule(), [sample(1, 120), end]).changes.at(-1)).toEqual({
      kind: 'cleared',
      onsetMs: 1_000,
      timeMs: 9_000,
      value: 120,
      reason: 'rule disabled by li: noisy',
    });
    expect(run(rule({ onDelayMs: 5_000 }), [sample(1, 120), end, timer(60)]).told).toEqual([]);
  });
});

const condition = fc.record({
  side: fc.constantFrom('high' as const, 'low' as const),
  limit: fc.constant(100),
  deadband: fc.integer({ min: 0, max: 10 }),
  onDelayMs: fc.constantFrom(0, 5_000, 20_000),
  offDelayMs: fc.constantFrom(0, 5_000, 20_000),
});
const history = fc.uniqueArray(
  fc.record({
    timeS: fc.integer({ min: 0, max: 120 }),
    value: fc.integer({ min: 85, max: 115 }),
    quality: fc.constantFrom(0, 0, 0, 1, 2),
  }),
  { selector: (row) => row.timeS, maxLength: 40 },
);

describe('evaluate() laws', () => {
  it('raises only when every sample known of the on-delay was beyond the limit, in any order of arrival', () => {
    fc.assert(
      fc.property(condition, history, (partial, rows) => {
        const judged = rule(partial);
        const isBeyond = (value: number) => (partial.side === 'high' ? value >= 100 : value <= 100);
        let state = initialState;
        const known: { timeS: number; value: number }[] = [];
        let newestS = -1;
        for (const row of rows) {
          const { changes, state: next } = evaluate(judged, state, sample(row.timeS, row.value, row));
          state = next;
          const isLate = row.timeS < newestS;
          if (row.quality < 2) {
            known.push(row);
            newestS = Math.max(newestS, row.timeS);
          }
          for (const change of changes.filter((each) => each.kind === 'raised')) {
            expect(isLate).toBe(false);
            const inDelay = known.filter((each) => each.timeS * second >= change.onsetMs);
            expect(inDelay.every((each) => isBeyond(each.value))).toBe(true);
            expect(newestS * second - change.onsetMs).toBeGreaterThanOrEqual(partial.onDelayMs);
          }
        }
      }),
    );
  });

  it('alternates raised and cleared of one occurrence, times and onsets in order', () => {
    fc.assert(
      fc.property(condition, history, (partial, rows) => {
        const { changes } = run(
          rule(partial),
          rows.map((row) => sample(row.timeS, row.value, row)),
        );
        changes.forEach((change, i) => {
          expect(change.kind).toBe(i % 2 === 0 ? 'raised' : 'cleared');
          const before = changes[i - 1];
          if (before === undefined) return;
          if (change.kind === 'raised') expect(change.onsetMs).toBeGreaterThan(before.onsetMs);
          else expect(change.timeMs).toBeGreaterThanOrEqual(before.timeMs);
        });
      }),
    );
  });

  it('changes nothing when samples come twice, and goes on from a stored state as if nothing had been', () => {
    fc.assert(
      fc.property(condition, history, fc.nat(), (partial, rows, at) => {
        const judged = rule(partial);
        const inOrder = rows.toSorted((a, b) => a.timeS - b.timeS);
        const steps = inOrder.map((row) => sample(row.timeS, row.value, row));
        const once = run(judged, steps);
        const twice = run(
          judged,
          steps.flatMap((step) => [step, step]),
        );
        expect(twice).toEqual(once);
        const cut = at % (steps.length + 1);
        const first = run(judged, steps.slice(0, cut));
        const stored = JSON.parse(JSON.stringify(first.state)) as JudgeState;
        // A successor may judge again what its predecessor had judged and not stored.
        const rest = run(judged, steps.slice(cut), stored);
        expect([...first.changes, ...rest.changes]).toEqual(once.changes);
        expect(rest.state).toEqual(once.state);
      }),
    );
  });
});
