import type { StateCondition } from '#schemas/alarm.ts';
import type { AlarmFacts, HeldNote } from '#schemas/alarm-facts.ts';

/** A test of a state without its delays. */
export type StateTest = Pick<StateCondition, 'test' | 'states'>;

/** Whether a state is one that raises; pure. A code without a name is none of those named. */
export function isRaisingState(
  condition: StateTest,
  states: readonly string[] | undefined,
  code: number,
): boolean {
  const name = states?.[code];
  const isNamed = name !== undefined && condition.states.includes(name);
  return condition.test === 'equals' ? isNamed : !isNamed;
}

/** E.g. `fault ∈ {fault, off}, 60 s`: the state that was met, and those of the rule. */
export function stateFacts(
  condition: StateCondition,
  told: {
    readonly value: number;
    readonly states: readonly string[] | undefined;
    readonly raised: boolean;
    readonly held: HeldNote;
  },
): AlarmFacts {
  return {
    code: 'state',
    state: told.states?.[told.value] ?? String(told.value),
    states: [...condition.states],
    among: (condition.test === 'equals') === told.raised,
    delayMs: told.raised ? condition.onDelayMs : condition.offDelayMs,
    held: told.held,
  };
}
