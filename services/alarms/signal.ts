import type { AlarmCondition } from '#schemas/alarm.ts';
import type { AlarmFacts, HeldNote } from '#schemas/alarm-facts.ts';
import { combinationFacts } from './combination.ts';
import { countFacts, isBeyondCount } from './count.ts';
import type { JudgedRule, JudgeState } from './judge.ts';
import { isBackInsideLimit, isBeyondLimit, limitFacts } from './limit.ts';
import { isBackInsideRate, isBeyondRate, rateFacts } from './rate.ts';
import { isRaisingState, stateFacts } from './state.ts';

/** Conditions that hold a figure against something and share one life cycle: all but silence and events. */
export type SignalCondition = Exclude<AlarmCondition, { readonly kind: 'stale' | 'event' }>;

export interface SignalRule extends JudgedRule {
  readonly condition: SignalCondition;
}

/**
 * What each kind means by its figure: the value itself, the code of a state, a rate, a count; for combinations and
 * what a device reports 1 is met and 0 is not.
 */
export function isBeyond({ condition, states }: SignalRule, figure: number): boolean {
  switch (condition.kind) {
    case 'limit':
      return isBeyondLimit(condition, figure);
    case 'state':
      return isRaisingState(condition, states, figure);
    case 'rate':
      return isBeyondRate(condition, figure);
    case 'count':
      return isBeyondCount(condition, figure);
    default:
      return figure === 1;
  }
}

/** Back, and by the deadband where there is one. */
export function isReturned(rule: SignalRule, figure: number): boolean {
  const { condition } = rule;
  if (condition.kind === 'limit') return isBackInsideLimit(condition, figure);
  if (condition.kind === 'rate') return isBackInsideRate(condition, figure);
  return !isBeyond(rule, figure);
}

/** Rates, counts and reports have no delay before: with nothing new there is none that could go on. */
export function onDelayOf(condition: SignalCondition): number {
  return 'onDelayMs' in condition ? condition.onDelayMs : 0;
}

export function offDelayOf(condition: SignalCondition): number {
  return 'offDelayMs' in condition ? condition.offDelayMs : 0;
}

/** Whether the figure is of a window and says nothing when nothing new comes. */
export function isOfWindow({ kind }: SignalCondition): boolean {
  return kind === 'rate' || kind === 'count';
}

/** What the alarm tells as its value; none where the figure is only met or not. */
export function valueOf({ kind }: SignalCondition, state: JudgeState): number | null {
  return kind === 'combination' || kind === 'reported' ? null : (state.lastValue ?? 0);
}

export function factsOf(
  { condition, unit, states, inputs = [], key = '' }: SignalRule,
  state: JudgeState,
  { raised, held }: { readonly raised: boolean; readonly held: HeldNote },
): AlarmFacts {
  const value = state.lastValue ?? 0;
  switch (condition.kind) {
    case 'limit':
      return limitFacts(condition, { value, unit, raised, held });
    case 'state':
      return stateFacts(condition, { value, states, raised, held });
    case 'rate':
      return rateFacts(condition, { value, unit, raised, held });
    case 'count':
      return countFacts(condition, { value, raised, held });
    case 'combination': {
      const atMs = state.lastMs ?? 0;
      return combinationFacts(condition, { inputs: state.inputs ?? [], values: inputs, atMs, raised, held });
    }
    case 'reported':
      return { code: 'reported', key, text: state.told?.text ?? '', raised, held };
  }
}
