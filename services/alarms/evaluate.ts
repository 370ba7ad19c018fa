import type { CountCondition, RateCondition } from '#schemas/alarm.ts';
import { initialInput, judgeTogether, takeInput } from './combination.ts';
import { measureCount } from './count.ts';
import { judgeEvent } from './event.ts';
import {
  badQuality,
  endJudging,
  standingMs,
  unchanged,
  type InputState,
  type JudgedRule,
  type JudgedSample,
  type JudgeInput,
  type Judgement,
  type JudgeState,
} from './judge.ts';
import { interrupt, isHeldBack, onTimer, settle, step } from './life-cycle.ts';
import { measureRate } from './rate.ts';
import { judgeScheduled } from './scheduled.ts';
import { isBeyond, onDelayOf, type SignalRule } from './signal.ts';
import { judgeStale } from './stale.ts';

type Timed = JudgeInput & { readonly nowMs: number };

/**
 * How one rule judges one object; pure. What kinds have in common is their life cycle (life-cycle.ts); what each holds
 * against what is its own file. Silence (stale.ts) and events (event.ts) have a life cycle of their own, and a
 * schedule (scheduled.ts) stands around all of them.
 * @param input with our clock, epoch ms
 * @returns the next state ({@link dueOf}: call again with a timer then, if not before) and what happened
 */
export function evaluate(rule: JudgedRule, state: JudgeState, input: Timed): Judgement {
  if (rule.spans === undefined) return judgeNow(rule, state, input);
  return judgeScheduled(rule.spans, { state, input }, (next, given) => judgeNow(rule, next, given));
}

function isSignalRule(rule: JudgedRule): rule is SignalRule {
  return rule.condition.kind !== 'stale' && rule.condition.kind !== 'event';
}

function judgeNow(rule: JudgedRule, state: JudgeState, input: Timed): Judgement {
  const { condition } = rule;
  if (condition.kind === 'stale') return judgeStale(condition, state, input);
  if (condition.kind === 'event') return judgeEvent(condition, state, input);
  if (!isSignalRule(rule)) throw new Error(`No judge for the condition ${condition.kind}`);
  switch (input.kind) {
    case 'sample':
      return condition.kind === 'combination' ? onInput(rule, state, input) : onSample(rule, state, input);
    case 'event':
      return condition.kind === 'reported' ? onReport(rule, state, input) : unchanged(state);
    case 'timer':
      return whenDue(rule, state, input.nowMs);
    case 'recheck':
      return onRecheck(rule, state, input);
    case 'end':
      return endJudging(state, input.facts, input.nowMs);
    case 'listening':
      return unchanged(state);
  }
}

function onSample(rule: SignalRule, state: JudgeState, sample: JudgedSample & { nowMs: number }): Judgement {
  const { timeMs, quality, value, nowMs } = sample;
  const { condition } = rule;
  const handledToMs = Math.max(state.handledToMs ?? timeMs, timeMs);
  const isLate = state.lastMs !== null && timeMs < state.lastMs;
  if (quality >= badQuality) {
    const badSinceMs = isLate ? state.badSinceMs : (state.badSinceMs ?? timeMs);
    return unchanged({ ...state, handledToMs, badSinceMs });
  }
  if (isLate) return onLate(rule, state, sample);
  if (condition.kind !== 'rate' && condition.kind !== 'count') {
    if (timeMs === state.lastMs && value === state.lastValue) return unchanged(state);
    const seen: JudgeState = { ...state, lastMs: timeMs, lastValue: value, handledToMs, badSinceMs: null };
    return advance(rule, { before: state, seen }, { timeMs, value, nowMs });
  }
  const { figure, window } = measure(condition, { state, states: rule.states }, sample);
  const isSame = timeMs === state.lastMs && figure === state.lastValue && window === state.window;
  if (isSame) return unchanged(state);
  const seen: JudgeState = {
    ...state,
    lastMs: timeMs,
    lastValue: figure,
    handledToMs,
    badSinceMs: null,
    window,
  };
  if (figure === null) return unchanged(seen);
  return advance(rule, { before: state, seen }, { timeMs, value: figure, nowMs });
}

/** On from a new figure; tells what history alone would have raised when it ends. */
function advance(
  rule: SignalRule,
  { before, seen }: { readonly before: JudgeState; readonly seen: JudgeState },
  at: { readonly timeMs: number; readonly value: number; readonly nowMs: number },
): Judgement {
  const next = step(rule, seen, at);
  const judgement = settle(rule, next, at.nowMs);
  if (next.phase !== 'normal' || !isHeldBack(rule, before)) return judgement;
  const timeMs = (before.sinceMs ?? 0) + onDelayOf(rule.condition);
  return { ...judgement, notRaised: { kind: 'history', timeMs, value: before.lastValue } };
}

/** Older than the newest: it never raises; that it is beyond is noted, unless it is of an occurrence that is known. */
function onLate(rule: SignalRule, state: JudgeState, sample: JudgedSample & { nowMs: number }): Judgement {
  const { timeMs, value } = sample;
  const judgement = unchanged(interrupt(rule, state, sample));
  const { kind } = rule.condition;
  if (kind !== 'limit' && kind !== 'state') return judgement;
  const isKnown = state.phase !== 'normal' || (state.onsetMs !== null && timeMs >= state.onsetMs);
  if (isKnown || !isBeyond(rule, value)) return judgement;
  return { ...judgement, notRaised: { kind: 'late', timeMs, value } };
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

/** One value of a combination. */
function onInput(
  rule: SignalRule,
  state: JudgeState,
  { of = 0, timeMs, value, quality, nowMs }: JudgedSample & { of?: number | undefined; nowMs: number },
): Judgement {
  const given = rule.inputs?.[of];
  if (given === undefined) return unchanged(state);
  const known: readonly InputState[] = state.inputs ?? (rule.inputs ?? []).map(() => initialInput);
  const before = known[of] ?? initialInput;
  const taken = takeInput(given, before, { timeMs, value, quality });
  if (taken === before) return unchanged(state);
  const inputs = known.with(of, taken);
  const lastMs = Math.max(state.lastMs ?? timeMs, timeMs);
  const handledToMs = Math.max(state.handledToMs ?? timeMs, timeMs);
  return decide(rule, { before: state, seen: { ...state, inputs, lastMs, handledToMs } }, nowMs);
}

/** Judges all values together at the newest time of them: without a verdict a running delay ends, and nothing else. */
function decide(
  rule: SignalRule,
  states: { readonly before: JudgeState; readonly seen: JudgeState },
  nowMs: number,
): Judgement {
  const { seen } = states;
  const timeMs = seen.lastMs ?? nowMs;
  const verdict = verdictAt(rule, seen, timeMs);
  if (verdict === null) return unchanged(withoutDelay(seen));
  const value = verdict ? 1 : 0;
  return advance(rule, { ...states, seen: { ...seen, lastValue: value } }, { timeMs, value, nowMs });
}

function verdictAt({ condition }: SignalRule, state: JudgeState, atMs: number): boolean | null {
  return condition.kind === 'combination' ? judgeTogether(condition, state.inputs ?? [], atMs) : null;
}

function withoutDelay(state: JudgeState): JudgeState {
  if (state.phase === 'pending') return { ...state, phase: 'normal', sinceMs: null, dueMs: null };
  if (state.phase === 'clearing') return { ...state, phase: 'active', sinceMs: null, dueMs: null };
  return state;
}

/** A device raises or clears an alarm of its own. */
function onReport(
  rule: SignalRule,
  state: JudgeState,
  { timeMs, isEnd, told, nowMs }: Extract<Timed, { kind: 'event' }>,
): Judgement {
  if (state.lastMs !== null && timeMs < state.lastMs) {
    const judgement = unchanged(state);
    return isEnd || state.phase === 'active'
      ? judgement
      : { ...judgement, notRaised: { kind: 'late', timeMs, value: null } };
  }
  const value = isEnd ? 0 : 1;
  if (timeMs === state.lastMs && value === state.lastValue) return unchanged(state);
  const said = isEnd && told?.text === '' ? state.told : told;
  const heard: JudgeState = { ...state, lastMs: timeMs, lastValue: value, handledToMs: timeMs };
  const seen: JudgeState = said === undefined ? heard : { ...heard, told: said };
  return advance(rule, { before: state, seen }, { timeMs, value, nowMs });
}

/** A delay of a combination ends only while its values still tell the same. */
function whenDue(rule: SignalRule, state: JudgeState, nowMs: number): Judgement {
  const isDue = state.dueMs !== null && nowMs >= state.dueMs;
  if (isDue && rule.condition.kind === 'combination') {
    if (verdictAt(rule, state, nowMs) !== (state.phase === 'pending')) return unchanged(withoutDelay(state));
  }
  return onTimer(rule, state, nowMs);
}

function onRecheck(
  rule: SignalRule,
  state: JudgeState,
  { timeMs, nowMs }: { readonly timeMs: number; readonly nowMs: number },
): Judgement {
  if (rule.condition.kind === 'rate' || rule.condition.kind === 'count') return unchanged(state);
  if (state.lastMs === null || state.badSinceMs !== null || nowMs - state.lastMs > standingMs) {
    return unchanged(state);
  }
  const verdict = rule.condition.kind === 'combination' ? verdictAt(rule, state, timeMs) : undefined;
  if (verdict === null) return unchanged(state);
  const value = verdict === undefined ? (state.lastValue ?? 0) : verdict ? 1 : 0;
  return settle(rule, step(rule, state, { timeMs, value }), nowMs);
}
