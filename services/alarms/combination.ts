import type { CombinationCondition, CombinationInput } from '#schemas/alarm.ts';
import type { AlarmFacts, HeldNote } from '#schemas/alarm-facts.ts';
import { badQuality, type InputState, type JudgedSample, type JudgedValue } from './judge.ts';
import { isBackInsideLimit, isBeyondLimit } from './limit.ts';
import { isRaisingState } from './state.ts';

/** The values of a combination in order, groups unfolded. */
export function valuesOf({ of }: CombinationCondition): CombinationInput[] {
  return of.flatMap((each) => ('test' in each ? [each] : each.of));
}

export const initialInput: InputState = {
  handledToMs: null,
  lastMs: null,
  lastValue: null,
  met: false,
  isBad: false,
};

/**
 * Takes in a sample of one value; pure.
 * @returns the same state when the sample is no newer and tells nothing of now
 */
export function takeInput(
  { test, states }: Pick<JudgedValue, 'test' | 'states'>,
  state: InputState,
  { timeMs, value, quality }: JudgedSample,
): InputState {
  if (state.lastMs !== null && timeMs < state.lastMs) return state;
  const handledToMs = Math.max(state.handledToMs ?? timeMs, timeMs);
  if (quality >= badQuality) return { ...state, handledToMs, isBad: true };
  if (timeMs === state.lastMs && value === state.lastValue && !state.isBad) return state;
  const met = meetsTest({ test, states }, state.met, value);
  return { handledToMs, lastMs: timeMs, lastValue: value, met, isBad: false };
}

/** Whether a value meets its test, deadband considered. */
export function meetsTest(
  { test, states }: Pick<JudgedValue, 'test' | 'states'>,
  wasMet: boolean,
  value: number,
): boolean {
  if (test.kind === 'state') return isRaisingState(test, states, value);
  return isBeyondLimit(test, value) || (wasMet && !isBackInsideLimit(test, value));
}

/** What one value says at an instant: null when it is bad, not there, or too old. */
function verdictOf(input: InputState | undefined, oldestMs: number): boolean | null {
  if (input === undefined || input.isBad || input.lastMs === null || input.lastMs < oldestMs) return null;
  return input.met;
}

/** The verdict of all values at an instant of the source; null when it cannot be told (Kleene's logic). */
export function judgeTogether(
  condition: CombinationCondition,
  inputs: readonly InputState[],
  atMs: number,
): boolean | null {
  const oldestMs = atMs - condition.maxAgeMs;
  const all = new Together(condition.match);
  let next = 0;
  for (const each of condition.of) {
    if ('test' in each) {
      all.hear(verdictOf(inputs[next++], oldestMs));
      continue;
    }
    const group = new Together(each.match);
    for (let i = 0; i < each.of.length; i++) group.hear(verdictOf(inputs[next++], oldestMs));
    all.hear(group.verdict);
  }
  return all.verdict;
}

/** What several verdicts come to. */
class Together {
  readonly #decisive: boolean;
  /** What it is until one decides. */
  verdict: boolean | null;

  constructor(match: 'all' | 'any') {
    this.#decisive = match === 'any';
    this.verdict = !this.#decisive;
  }

  hear(verdict: boolean | null): void {
    if (this.verdict === this.#decisive) return;
    if (verdict !== !this.#decisive) this.verdict = verdict;
  }
}

export function combinationFacts(
  condition: CombinationCondition,
  told: {
    readonly inputs: readonly InputState[];
    readonly values: readonly JudgedValue[];
    readonly atMs: number;
    readonly raised: boolean;
    readonly held: HeldNote;
  },
): AlarmFacts {
  const { inputs, values, atMs, raised, held } = told;
  return {
    code: 'combination',
    match: condition.match,
    raised,
    inputs: values.map(({ name }, i) => ({
      of: name,
      value: inputs[i]?.lastValue ?? null,
      met: verdictOf(inputs[i], atMs - condition.maxAgeMs),
    })),
    delayMs: raised ? condition.onDelayMs : condition.offDelayMs,
    held,
  };
}
