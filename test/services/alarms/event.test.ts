import { describe, expect, it } from 'vitest';
import { plainReason } from '#schemas/alarm-facts.ts';
import { eventConditionSchema } from '#schemas/alarm.ts';
import { evaluate } from '#services/alarms/evaluate.ts';
import { initialState, type JudgeInput, type JudgeState } from '#services/alarms/judge.ts';

const heard = (timeS: number, nowS = timeS) => ({ timeS, nowS, isEnd: false });
const ended = (timeS: number) => ({ timeS, nowS: timeS, isEnd: true });

function run(given: object, ...steps: ({ timeS: number; nowS: number; isEnd: boolean } | number)[]) {
  const condition = eventConditionSchema.parse({ kind: 'event', type: 'door.forced', ...given });
  let state: JudgeState = initialState;
  const notRaised: string[] = [];
  const told = steps.flatMap((step) => {
    const input: JudgeInput & { nowMs: number } =
      typeof step === 'number'
        ? { kind: 'timer', nowMs: step * 1_000 }
        : { kind: 'event', timeMs: step.timeS * 1_000, isEnd: step.isEnd, nowMs: step.nowS * 1_000 };
    const judged = evaluate({ condition, unit: '' }, state, input);
    state = JSON.parse(JSON.stringify(judged.state)) as JudgeState;
    if (judged.notRaised !== undefined)
      notRaised.push(`${judged.notRaised.kind} ${judged.notRaised.timeMs / 1_000}`);
    return judged.changes.map((each) => `${each.kind} ${each.timeMs / 1_000} ${plainReason(each.facts)}`);
  });
  return { told, notRaised };
}

describe('judgeEvent()', () => {
  it('raises at the event, lasts as long as they come, and clears when none has come for a time', () => {
    expect(run({ clearAfterMs: 60_000 }, heard(10), heard(50), 70, 110).told).toEqual([
      'raised 10 event door.forced',
      'cleared 110 no further event, 60 s',
    ]);
  });

  it('clears by the event that ends it, and is raised anew by the next', () => {
    const given = { clearType: 'door.closed' };
    expect(run(given, heard(10), ended(20), heard(30)).told).toEqual([
      'raised 10 event door.forced',
      'cleared 20 event door.closed',
      'raised 30 event door.forced',
    ]);
  });

  it('counts within a window, in whatever order events come', () => {
    const given = { count: 3, windowMs: 60_000 };
    expect(run(given, heard(10), heard(100), heard(110)).told).toEqual([]);
    expect(run(given, heard(100), heard(90), heard(120)).told).toEqual([
      'raised 120 3 × event door.forced, 60 s',
    ]);
  });

  it('says the same once when it comes again, and raises nothing for what is long past', () => {
    expect(run({ clearAfterMs: 60_000 }, heard(10), 70, heard(10, 80)).told).toHaveLength(2);
    const late = run({}, heard(10, 2_000), heard(1_990, 2_001));
    expect(late.told).toEqual(['raised 1990 event door.forced']);
    expect(late.notRaised).toEqual(['history 10']);
  });
});
