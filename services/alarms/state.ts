import type { StateCondition } from '#schemas/alarm.ts';
import { delaySuffix } from './judge.ts';

/** Whether a state is one that raises; pure. A code without a name is none of those named. */
export function isRaisingState(
  condition: StateCondition,
  states: readonly string[] | undefined,
  code: number,
): boolean {
  const name = states?.[code];
  const isNamed = name !== undefined && condition.states.includes(name);
  return condition.test === 'equals' ? isNamed : !isNamed;
}

/** E.g. `fault ∈ {fault, off}, 60 s`: the state that was met, and those of the rule. */
export function tellState(
  condition: StateCondition,
  told: {
    readonly value: number;
    readonly states: readonly string[] | undefined;
    readonly isRaised: boolean;
  },
): string {
  const isIn = (condition.test === 'equals') === told.isRaised;
  const delayMs = told.isRaised ? condition.onDelayMs : condition.offDelayMs;
  const name = told.states?.[told.value] ?? String(told.value);
  return `${name} ${isIn ? '∈' : '∉'} {${condition.states.join(', ')}}${delaySuffix(delayMs)}`;
}
