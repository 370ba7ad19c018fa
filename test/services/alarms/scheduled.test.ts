import { describe, expect, it } from 'vitest';
import { plainReason } from '#schemas/alarm-facts.ts';
import { everyDay } from '#schemas/alarm-schedule.ts';
import { alarmConditionSchema } from '#schemas/alarm.ts';
import { localCalendar } from '#schemas/local-time.ts';
import { evaluate } from '#services/alarms/evaluate.ts';
import { dueOf, initialState, type JudgedRule, type JudgeInput } from '#services/alarms/judge.ts';
import { spansOf } from '#services/alarms/schedule.ts';

const calendar = localCalendar('Asia/Shanghai');
const spans = spansOf(everyDay('22:00', '06:00'), { calendar, holidays: new Map() });
const at = (clock: string) => Date.parse(`2026-03-02T${clock}:00+08:00`);

/** Inputs as `hh:mm value`, or `hh:mm` alone for what is due then. */
function run(condition: object, ...steps: string[]): string[] {
  const rule: JudgedRule = { condition: alarmConditionSchema.parse(condition), unit: '', states: [], spans };
  let state = initialState;
  return steps.flatMap((step) => {
    const [clock = '', value] = step.split(' ');
    const nowMs = at(clock);
    const input: JudgeInput =
      value === undefined
        ? { kind: 'timer' }
        : { kind: 'sample', timeMs: nowMs, value: Number(value), quality: 0 };
    const judged = evaluate(rule, state, { ...input, nowMs });
    // A stored state goes on as if nothing had been.
    state = JSON.parse(JSON.stringify(judged.state)) as typeof state;
    return judged.changes.map(
      (each) =>
        `${each.kind} ${new Date(each.timeMs + 8 * 3_600_000).toISOString().slice(11, 16)} ${plainReason(each.facts)}`,
    );
  });
}

describe('judgeScheduled()', () => {
  const loud = { kind: 'limit', side: 'high', limit: 55 };

  it('raises nothing outside, and judges what stands when the schedule begins', () => {
    expect(run(loud, '21:00 60', '21:30 50', '22:30 50')).toEqual([]);
    expect(run(loud, '21:59 60', '22:00', '22:01 50')).toEqual([
      'raised 22:00 60 ≥ 55',
      'cleared 22:01 50 < 55',
    ]);
  });

  it('clears what is active when the schedule ends, by a reading or by the clock', () => {
    expect(run(loud, '05:00 60', '06:01 60', '07:00 70')).toEqual([
      'raised 05:00 60 ≥ 55',
      'cleared 06:00 outside the schedule of the rule',
    ]);
    expect(run(loud, '05:00 60', '06:00')).toEqual([
      'raised 05:00 60 ≥ 55',
      'cleared 06:00 outside the schedule of the rule',
    ]);
  });

  it('takes no reading of a span that is over for one of now', () => {
    expect(run(loud, '05:50 50', '06:00', '05:59 60', '06:02 50')).toEqual([]);
  });

  it('runs delays inside only, and asks for a timer at each turn', () => {
    const slow = { ...loud, onDelayMs: 600_000 };
    expect(run(slow, '21:55 60', '22:00', '22:05 60', '22:10 60')).toEqual(['raised 22:10 60 ≥ 55, 600 s']);
    expect(run(slow, '05:55 60', '06:00', '06:06 60')).toEqual([]);
    const rule: JudgedRule = { condition: alarmConditionSchema.parse(loud), unit: '', spans };
    const { state } = evaluate(rule, initialState, { kind: 'timer', nowMs: at('12:00') });
    expect(dueOf(state)).toBe(at('22:00'));
  });

  it('counts silence from when the schedule begins', () => {
    const silent = { kind: 'stale', noDataMs: 600_000 };
    expect(run(silent, '21:40 1', '21:55', '22:00', '22:09', '22:10')).toEqual([
      'raised 22:10 no data ≥ 600 s',
    ]);
  });
});
