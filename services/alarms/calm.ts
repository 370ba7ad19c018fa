import type { CombinationCondition } from '#schemas/alarm.ts';
import { judgeTogether, meetsTest } from './combination.ts';
import { badQuality, type InputState, type JudgedRule, type JudgedSample, type JudgeState } from './judge.ts';
import { isBeyond, type SignalRule } from './signal.ts';

/** A state that belongs to one watch alone and may be moved on in place. */
export type OwnState = Writable<Omit<JudgeState, 'inputs'>> & { inputs?: Writable<InputState>[] };
type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** A sample, with its place in a combination and our clock. */
export interface TimedSample extends JudgedSample {
  readonly of: number | undefined;
  readonly nowMs: number;
}

/** A copy that shares nothing with the state. */
export function ownState(state: JudgeState): OwnState {
  const { inputs, ...rest } = state;
  return inputs === undefined ? { ...rest } : { ...rest, inputs: inputs.map((input) => ({ ...input })) };
}

/** Whether {@link passCalmly} is worth asking: most states that are not normal answer no. */
export function mayPass({ condition, spans }: JudgedRule, state: JudgeState): boolean {
  if (spans !== undefined || state.phase !== 'normal' || state.badSinceMs !== null) return false;
  if (state.handledToMs === null || state.lastMs === null) return false;
  const { kind } = condition;
  return kind === 'limit' || kind === 'state' || kind === 'stale' || kind === 'combination';
}

/**
 * Moves a state on in place by a sample after which nothing has changed but how far was judged and when silence begins:
 * nearly every sample of a park is one, and a new state for each would be most of the garbage of the process. What comes
 * out is what `evaluate` would have answered.
 * @returns false when the sample must be judged in full; the state was not touched then
 */
export function passCalmly(rule: JudgedRule, state: OwnState, sample: TimedSample): boolean {
  const { condition } = rule;
  if (!mayPass(rule, state) || sample.quality >= badQuality) return false;
  const { timeMs, value } = sample;
  const lastMs = state.lastMs ?? timeMs;
  switch (condition.kind) {
    case 'limit':
    case 'state':
      if (timeMs <= lastMs || isBeyond(rule as SignalRule, value)) return false;
      break;
    case 'stale':
      if (timeMs <= lastMs || state.dueMs === null || state.sinceMs !== null) return false;
      state.dueMs = sample.nowMs + condition.noDataMs;
      break;
    case 'combination':
      return passInput(rule, condition, { state, sample });
    default:
      return false;
  }
  state.lastMs = timeMs;
  state.lastValue = value;
  state.handledToMs = Math.max(state.handledToMs ?? timeMs, timeMs);
  return true;
}

/** One value of a combination whose verdict is and stays that nothing is the matter. */
function passInput(
  rule: JudgedRule,
  condition: CombinationCondition,
  { state, sample }: { readonly state: OwnState; readonly sample: TimedSample },
): boolean {
  const { timeMs, value, of = 0 } = sample;
  const { inputs = [] } = state;
  const [given, input] = [rule.inputs?.[of], inputs[of]];
  if (given === undefined || input === undefined || input.isBad || input.handledToMs === null) return false;
  if (input.lastMs === null || timeMs <= input.lastMs) return false;
  const lastMs = Math.max(state.lastMs ?? timeMs, timeMs);
  const wasMet = input.met;
  const wasMs = input.lastMs;
  input.met = meetsTest(given, wasMet, value);
  input.lastMs = timeMs;
  if (judgeTogether(condition, inputs, lastMs) !== false) {
    input.met = wasMet;
    input.lastMs = wasMs;
    return false;
  }
  input.lastValue = value;
  input.handledToMs = Math.max(input.handledToMs, timeMs);
  state.lastMs = lastMs;
  state.lastValue = 0;
  state.handledToMs = Math.max(state.handledToMs ?? timeMs, timeMs);
  return true;
}
