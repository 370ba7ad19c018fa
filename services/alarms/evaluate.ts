import type { AlarmCondition, CountCondition, RateCondition } from '#schemas/alarm.ts';
import { isBeyondCount, measureCount, tellCount } from './count.ts';
import {
  badQuality,
  endJudging,
  unchanged,
  type JudgedRule,
  type JudgedSample,
  type JudgeInput,
  type Judgement,
  type JudgeState,
} from './judge.ts';
import { isBackInsideLimit, isBeyondLimit, tellLimit } from './limit.ts';
import { isBackInsideRate, isBeyondRate, measureRate, tellRate } from './rate.ts';
import { judgeStale } from './stale.ts';
import { isRaisingState, tellState } from './state.ts';

/**
 * How one rule judges one point; pure. What kinds have in common is their life cycle, written here; what is beyond is
 * each kind's own file. Silence has its own life cycle (stale.ts). Every other condition is judged in source time: an alarm is raised when the value
 * has been beyond the limit for the on-delay of the source's own clock, whatever the transport did meanwhile. Our
 * clock is asked only when nothing newer comes: then the last value is taken to hold, and the delay that was left
 * when it arrived runs on our clock. An alarm raised either way carries the same time: onset + on-delay.
 *
 * - A bad sample is noted and changes nothing; an uncertain one counts.
 * - A sample older than the newest one never raises. If it shows that the running delay was interrupted, the delay
 *   starts again at the newest sample.
 * - While the on-delay runs, a value on the right side of the limit ends it, deadband or not (fewer false alarms).
 *   Clearing needs a value back by the deadband; while the off-delay runs only a value beyond the limit ends it.
 */
/** Two occurrences never share an onset: a correction of the newest sample counts as this much later, ms. */
const onsetStepMs = 1;

/** Conditions that hold a value against something: all but silence. */
type ValueCondition = Exclude<AlarmCondition, { readonly kind: 'stale' }>;

interface ValueRule extends JudgedRule {
  readonly condition: ValueCondition;
}

function isValueRule(rule: JudgedRule): rule is ValueRule {
  return rule.condition.kind !== 'stale';
}

/**
 * Judges one input.
 * @param nowMs our clock, epoch ms
 * @returns the next state (`state.dueMs`: call again with a timer then, if not before) and what happened
 */
export function evaluate(
  rule: JudgedRule,
  state: JudgeState,
  input: JudgeInput & { readonly nowMs: number },
): Judgement {
  const { condition } = rule;
  if (condition.kind === 'stale') return judgeStale(condition, state, input);
  if (!isValueRule(rule)) throw new Error(`No judge for the condition ${condition.kind}`);
  if (input.kind === 'sample') return onSample(rule, state, input);
  if (input.kind === 'timer') return onTimer(rule, state, input.nowMs);
  return input.kind === 'end' ? endJudging(state, input.reason, input.nowMs) : unchanged(state);
}

function onSample(rule: ValueRule, state: JudgeState, sample: JudgedSample & { nowMs: number }): Judgement {
  const { timeMs, quality, nowMs } = sample;
  const { condition } = rule;
  const handledToMs = Math.max(state.handledToMs ?? timeMs, timeMs);
  const isLate = state.lastMs !== null && timeMs < state.lastMs;
  if (quality >= badQuality) {
    const badSinceMs = isLate ? state.badSinceMs : (state.badSinceMs ?? timeMs);
    return unchanged({ ...state, handledToMs, badSinceMs });
  }
  if (isLate) return unchanged(interrupt(rule, state, sample));
  if (condition.kind !== 'rate' && condition.kind !== 'count') {
    const { value } = sample;
    if (timeMs === state.lastMs && value === state.lastValue) return unchanged(state);
    const seen: JudgeState = { ...state, lastMs: timeMs, lastValue: value, handledToMs, badSinceMs: null };
    return settle(rule, step(rule, seen, { timeMs, value }), nowMs);
  }
  const { figure, window } = measure(condition, { state, states: rule.states }, sample);
  if (timeMs === state.lastMs && figure === state.lastValue && window === state.window)
    return unchanged(state);
  const seen: JudgeState = {
    ...state,
    lastMs: timeMs,
    lastValue: figure,
    handledToMs,
    badSinceMs: null,
    window,
  };
  return figure === null ? unchanged(seen) : settle(rule, step(rule, seen, { timeMs, value: figure }), nowMs);
}

/** What is held against the limit where it is not the value itself; null while that cannot be told. */
function measure(
  condition: RateCondition | CountCondition,
  { state, states }: { readonly state: JudgeState; readonly states: readonly string[] | undefined },
  sample: JudgedSample,
): { readonly figure: number | null; readonly window: readonly number[] } {
  const window = state.window ?? [];
  if (condition.kind === 'rate') {
    const measured = measureRate(condition, window, sample);
    return { figure: measured.rate, window: measured.window };
  }
  const { timeMs, value } = sample;
  const measured = measureCount(condition, window, { timeMs, state: states?.[value] });
  return { figure: measured.count, window: measured.window };
}

/** The phase a sample leads to, delays not yet considered. */
function step(
  rule: ValueRule,
  state: JudgeState,
  { timeMs, value }: { timeMs: number; value: number },
): JudgeState {
  const beyond = isBeyond(rule, value);
  if (state.phase === 'normal' && beyond) {
    const onsetMs = state.onsetMs === null ? timeMs : Math.max(timeMs, state.onsetMs + onsetStepMs);
    return { ...state, phase: 'pending', sinceMs: onsetMs };
  }
  if (state.phase === 'pending' && !beyond) {
    return { ...state, phase: 'normal', sinceMs: null, dueMs: null };
  }
  if (state.phase === 'active' && isReturned(rule, value)) {
    return { ...state, phase: 'clearing', sinceMs: timeMs };
  }
  if (state.phase === 'clearing' && beyond) return { ...state, phase: 'active', sinceMs: null, dueMs: null };
  return state;
}

/** Ends a delay that the source's own clock has run out, or says when ours will have. */
function settle(rule: ValueRule, state: JudgeState, nowMs: number): Judgement {
  if (state.phase !== 'pending' && state.phase !== 'clearing') return unchanged(state);
  const { condition } = rule;
  const delayMs = state.phase === 'pending' ? onDelayOf(condition) : offDelayOf(condition);
  const leftMs = (state.sinceMs ?? 0) + delayMs - Math.max(state.lastMs ?? 0, state.sinceMs ?? 0);
  if (leftMs > 0) return unchanged({ ...state, dueMs: nowMs + leftMs });
  return finish(rule, state, '');
}

function onTimer(rule: ValueRule, state: JudgeState, nowMs: number): Judgement {
  if (state.dueMs === null || nowMs < state.dueMs) return unchanged(state);
  const bad = state.badSinceMs === null ? '' : '; newer samples are bad';
  return finish(rule, state, `, no newer value${bad}`);
}

/** The delay is over: pending becomes active, clearing becomes normal. */
function finish(rule: ValueRule, state: JudgeState, note: string): Judgement {
  const { condition } = rule;
  const sinceMs = state.sinceMs ?? 0;
  const value = state.lastValue ?? 0;
  const isRaised = state.phase === 'pending';
  const reason = tell(rule, value, isRaised) + note;
  if (isRaised) {
    const raisedMs = sinceMs + onDelayOf(condition);
    return {
      state: { ...state, phase: 'active', onsetMs: sinceMs, raisedMs, sinceMs: null, dueMs: null },
      changes: [{ kind: 'raised', onsetMs: sinceMs, timeMs: raisedMs, value, reason }],
    };
  }
  const timeMs = Math.max(sinceMs + offDelayOf(condition), state.raisedMs ?? 0);
  return {
    state: { ...state, phase: 'normal', sinceMs: null, dueMs: null },
    changes: [{ kind: 'cleared', onsetMs: state.onsetMs ?? 0, timeMs, value, reason }],
  };
}

/**
 * A late sample never raises; one that contradicts a running delay lets it start again at the newest sample. Rates and
 * counts are of samples in order only.
 */
function interrupt(
  rule: ValueRule,
  state: JudgeState,
  { timeMs, value, nowMs }: { timeMs: number; value: number; nowMs: number },
): JudgeState {
  if (
    rule.condition.kind === 'rate' ||
    rule.condition.kind === 'count' ||
    state.sinceMs === null ||
    timeMs <= state.sinceMs
  )
    return state;
  if (state.phase === 'pending' && !isBeyond(rule, value)) {
    return { ...state, sinceMs: state.lastMs, dueMs: nowMs + rule.condition.onDelayMs };
  }
  if (state.phase === 'clearing' && isBeyond(rule, value)) {
    return { ...state, sinceMs: state.lastMs, dueMs: nowMs + rule.condition.offDelayMs };
  }
  return state;
}

/** Rates and counts have their window and no delay: with nothing new there is no rate that could go on. */
function onDelayOf(condition: ValueCondition): number {
  return condition.kind === 'rate' || condition.kind === 'count' ? 0 : condition.onDelayMs;
}

function offDelayOf(condition: ValueCondition): number {
  return condition.kind === 'count' ? 0 : condition.offDelayMs;
}

function isBeyond({ condition, states }: ValueRule, value: number): boolean {
  if (condition.kind === 'limit') return isBeyondLimit(condition, value);
  if (condition.kind === 'count') return isBeyondCount(condition, value);
  return condition.kind === 'state'
    ? isRaisingState(condition, states, value)
    : isBeyondRate(condition, value);
}

function isReturned({ condition, states }: ValueRule, value: number): boolean {
  if (condition.kind === 'limit') return isBackInsideLimit(condition, value);
  if (condition.kind === 'count') return !isBeyondCount(condition, value);
  return condition.kind === 'state'
    ? !isRaisingState(condition, states, value)
    : isBackInsideRate(condition, value);
}

function tell({ condition, states, unit }: ValueRule, value: number, isRaised: boolean): string {
  if (condition.kind === 'limit') return tellLimit(condition, { value, unit, isRaised });
  if (condition.kind === 'count') return tellCount(condition, { value, isRaised });
  return condition.kind === 'state'
    ? tellState(condition, { value, states, isRaised })
    : tellRate(condition, { value, unit, isRaised });
}
