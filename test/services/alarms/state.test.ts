import { expect, it } from 'vitest';
import { plainReason } from '#schemas/alarm-facts.ts';
import { stateConditionSchema } from '#schemas/alarm.ts';
import { isRaisingState, stateFacts } from '#services/alarms/state.ts';

const states = ['normal', 'fault', 'off'];
const condition = (test: 'equals' | 'leaves', named: string[]) =>
  stateConditionSchema.parse({ kind: 'state', test, states: named, onDelayMs: 60_000 });

it('isRaisingState() holds for states that are named, or for all others, unknown codes included', () => {
  const raising = (test: 'equals' | 'leaves', named: string[]) =>
    [0, 1, 2, 7].filter((code) => isRaisingState(condition(test, named), states, code));
  expect(raising('equals', ['fault', 'off'])).toEqual([1, 2]);
  expect(raising('leaves', ['normal', 'off'])).toEqual([1, 7]);
  expect(isRaisingState(condition('equals', ['fault']), undefined, 1)).toBe(false);
});

it('stateFacts() tells the state that was met beside those of the rule', () => {
  const tell = (value: number, raised: boolean) =>
    plainReason(stateFacts(condition('leaves', ['normal']), { value, states, raised, held: '' }));
  expect(tell(1, true)).toBe('fault ∉ {normal}, 60 s');
  expect(tell(0, false)).toBe('normal ∈ {normal}');
  expect(tell(9, true)).toBe('9 ∉ {normal}, 60 s');
});
