import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StaleCondition } from '#schemas/alarm.ts';
import { initialState, type AlarmChange, type JudgeInput, type JudgeState } from '#services/alarms/judge.ts';
import { judgeStale } from '#services/alarms/stale.ts';

const condition = { kind: 'stale', noDataMs: 60_000 } as const;
type Step = JudgeInput & { readonly nowMs: number };
const heard = (timeS: number, options: { nowS?: number; quality?: number } = {}): Step => ({
  kind: 'sample',
  timeMs: timeS * 1_000,
  value: 5,
  quality: options.quality ?? 0,
  nowMs: (options.nowS ?? timeS) * 1_000,
});
const timer = (nowS: number): Step => ({ kind: 'timer', nowMs: nowS * 1_000 });
const listening = (nowS: number): Step => ({ kind: 'listening', nowMs: nowS * 1_000 });

function run(steps: readonly Step[], from: JudgeState = initialState, judged: StaleCondition = condition) {
  let state = from;
  const changes: AlarmChange[] = [];
  for (const step of steps) {
    const judgement = judgeStale(judged, state, step);
    state = judgement.state;
    changes.push(...judgement.changes);
  }
  return { state, changes, told: changes.map((change) => `${change.kind} ${change.timeMs / 1_000}`) };
}

describe('judgeStale()', () => {
  it('raises when no reading came for so long, and clears with the next one', () => {
    const { changes } = run([heard(0), timer(59), timer(60), timer(90), heard(100)]);
    expect(changes).toEqual([
      {
        kind: 'raised',
        onsetMs: 0,
        timeMs: 60_000,
        value: 5,
        facts: { code: 'silent', noDataMs: 60_000, newerBad: false },
      },
      { kind: 'cleared', onsetMs: 0, timeMs: 100_000, value: 5, facts: { code: 'heard' } },
    ]);
  });

  it('raises for a point that never spoke, counted from when we began to listen', () => {
    expect(run([listening(10), timer(69), timer(70), heard(80)]).changes).toMatchObject([
      { kind: 'raised', onsetMs: 10_000, value: null },
      { kind: 'cleared', onsetMs: 10_000 },
    ]);
  });

  it('awaits no point that never spoke where only points that were heard are judged', () => {
    const onceHeard = { ...condition, onceHeard: true };
    const { state, told } = run([listening(10), timer(70)], initialState, onceHeard);
    expect([told, state.dueMs]).toEqual([[], null]);
    expect(run([heard(80), timer(140)], state, onceHeard).told).toEqual(['raised 140']);
  });

  it('never raises for silence in which we did not listen', () => {
    // Stopped at 50, started at 500.
    expect(run([heard(0), listening(500), timer(500), timer(559), heard(555), timer(560)]).told).toEqual([]);
    expect(run([heard(0), listening(500), timer(560)]).told).toEqual(['raised 560']);
  });

  it('counts from when a reading came, however late it was sent on', () => {
    expect(run([heard(0, { nowS: 1_000 }), timer(1_059)]).told).toEqual([]);
  });

  it('does not take bad samples, repeats and older ones for data', () => {
    const steps = [
      heard(0),
      heard(30, { quality: 2 }),
      heard(0, { nowS: 40 }),
      heard(-5, { nowS: 50 }),
      timer(60),
    ];
    expect(run(steps).changes).toMatchObject([{ facts: { newerBad: true } }]);
  });

  it('stays active while we begin to listen again: one occurrence, one alarm', () => {
    expect(run([heard(0), timer(60), listening(100), timer(500)]).told).toEqual(['raised 60']);
  });

  it('never raises where a device is heard within the time, whatever pauses we make', () => {
    const pause = fc.record({
      atS: fc.integer({ min: 0, max: 3_000 }),
      forS: fc.integer({ min: 0, max: 900 }),
    });
    fc.assert(
      fc.property(fc.array(pause, { maxLength: 5 }), fc.integer({ min: 1, max: 59 }), (pauses, everyS) => {
        const isDeaf = (timeS: number) => pauses.some(({ atS, forS }) => timeS >= atS && timeS < atS + forS);
        const steps: Step[] = [];
        for (let timeS = 0; timeS < 4_000; timeS++) {
          if (isDeaf(timeS)) continue;
          if (timeS === 0 || isDeaf(timeS - 1)) steps.push(listening(timeS));
          if (timeS % everyS === 0) steps.push(heard(timeS));
          steps.push(timer(timeS));
        }
        expect(run(steps).told).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });
});
