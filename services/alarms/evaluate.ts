import type { AlarmCondition, LimitCondition } from '#schemas/alarm.ts';

/**
 * How one rule judges one point; pure. Every condition is judged in source time: an alarm is raised when the value
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
export type JudgePhase = 'normal' | 'pending' | 'active' | 'clearing';

/** Serialisable; all times epoch ms of the source, except `dueMs`, which is our own clock. */
export interface JudgeState {
  readonly phase: JudgePhase;
  /** Since when the running delay runs: the first value beyond (pending) or back (clearing). */
  readonly sinceMs: number | null;
  /** Onset of the current occurrence, or of the last one; onsets of a point only grow. */
  readonly onsetMs: number | null;
  readonly raisedMs: number | null;
  /** The newest sample that counted. */
  readonly lastMs: number | null;
  readonly lastValue: number | null;
  /** Every sample up to here has been judged. */
  readonly handledToMs: number | null;
  /** When to ask again if nothing newer has come. */
  readonly dueMs: number | null;
  /** Since when only bad samples came; null while the newest one counted. */
  readonly badSinceMs: number | null;
}

export const initialState: JudgeState = {
  phase: 'normal',
  sinceMs: null,
  onsetMs: null,
  raisedMs: null,
  lastMs: null,
  lastValue: null,
  handledToMs: null,
  dueMs: null,
  badSinceMs: null,
};

export interface JudgedSample {
  readonly timeMs: number;
  readonly value: number;
  /** 0 good, 1 uncertain, 2 bad. */
  readonly quality: number;
}

export type JudgeInput =
  | ({ readonly kind: 'sample' } & JudgedSample)
  | { readonly kind: 'timer' }
  /** The rule no longer watches the point: what is active clears, with this reason. */
  | { readonly kind: 'end'; readonly reason: string };

/** What the journal will tell; `onsetMs` names the occurrence. */
export interface AlarmChange {
  readonly kind: 'raised' | 'cleared';
  readonly onsetMs: number;
  readonly timeMs: number;
  readonly value: number;
  readonly reason: string;
}

export interface Judgement {
  readonly state: JudgeState;
  readonly changes: readonly AlarmChange[];
}

/** What a rule is, to the judge. */
export interface JudgedRule {
  readonly condition: AlarmCondition;
  /** Canonical unit, for the sentences. */
  readonly unit: string;
}

const badQuality = 2;
/** Two occurrences never share an onset: a correction of the newest sample counts as this much later, ms. */
const onsetStepMs = 1;

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
  if (input.kind === 'sample') return onSample(rule, state, input);
  if (input.kind === 'timer') return onTimer(rule, state, input.nowMs);
  return onEnd(state, input.reason, input.nowMs);
}

function onSample(rule: JudgedRule, state: JudgeState, sample: JudgedSample & { nowMs: number }): Judgement {
  const { timeMs, value, quality, nowMs } = sample;
  const handledToMs = Math.max(state.handledToMs ?? timeMs, timeMs);
  const isLate = state.lastMs !== null && timeMs < state.lastMs;
  if (quality >= badQuality) {
    const badSinceMs = isLate ? state.badSinceMs : (state.badSinceMs ?? timeMs);
    return unchanged({ ...state, handledToMs, badSinceMs });
  }
  if (isLate) return unchanged(interrupt(rule.condition, state, sample));
  if (timeMs === state.lastMs && value === state.lastValue) return unchanged(state);
  const seen: JudgeState = { ...state, lastMs: timeMs, lastValue: value, handledToMs, badSinceMs: null };
  return settle(rule, step(rule.condition, seen, { timeMs, value }), nowMs);
}

/** The phase a sample leads to, delays not yet considered. */
function step(
  condition: LimitCondition,
  state: JudgeState,
  { timeMs, value }: { timeMs: number; value: number },
): JudgeState {
  const beyond = isBeyond(condition, value);
  if (state.phase === 'normal' && beyond) {
    const onsetMs = state.onsetMs === null ? timeMs : Math.max(timeMs, state.onsetMs + onsetStepMs);
    return { ...state, phase: 'pending', sinceMs: onsetMs };
  }
  if (state.phase === 'pending' && !beyond) {
    return { ...state, phase: 'normal', sinceMs: null, dueMs: null };
  }
  if (state.phase === 'active' && isReturned(condition, value)) {
    return { ...state, phase: 'clearing', sinceMs: timeMs };
  }
  if (state.phase === 'clearing' && beyond) return { ...state, phase: 'active', sinceMs: null, dueMs: null };
  return state;
}

/** Ends a delay that the source's own clock has run out, or says when ours will have. */
function settle(rule: JudgedRule, state: JudgeState, nowMs: number): Judgement {
  const { condition } = rule;
  if (state.phase !== 'pending' && state.phase !== 'clearing') return unchanged(state);
  const delayMs = state.phase === 'pending' ? condition.onDelayMs : condition.offDelayMs;
  const leftMs = (state.sinceMs ?? 0) + delayMs - Math.max(state.lastMs ?? 0, state.sinceMs ?? 0);
  if (leftMs > 0) return unchanged({ ...state, dueMs: nowMs + leftMs });
  return finish(rule, state, '');
}

function onTimer(rule: JudgedRule, state: JudgeState, nowMs: number): Judgement {
  if (state.dueMs === null || nowMs < state.dueMs) return unchanged(state);
  const bad = state.badSinceMs === null ? '' : '; newer samples are bad';
  return finish(rule, state, `, no newer value${bad}`);
}

/** The delay is over: pending becomes active, clearing becomes normal. */
function finish(rule: JudgedRule, state: JudgeState, note: string): Judgement {
  const { condition, unit } = rule;
  const sinceMs = state.sinceMs ?? 0;
  const value = state.lastValue ?? 0;
  if (state.phase === 'pending') {
    const raisedMs = sinceMs + condition.onDelayMs;
    const reason = sentence(condition, {
      value,
      unit,
      delayMs: condition.onDelayMs,
      sign: signs(condition).beyond,
    });
    return {
      state: { ...state, phase: 'active', onsetMs: sinceMs, raisedMs, sinceMs: null, dueMs: null },
      changes: [{ kind: 'raised', onsetMs: sinceMs, timeMs: raisedMs, value, reason: reason + note }],
    };
  }
  const timeMs = Math.max(sinceMs + condition.offDelayMs, state.raisedMs ?? 0);
  const reason = sentence(condition, {
    value,
    unit,
    delayMs: condition.offDelayMs,
    sign: signs(condition).inside,
  });
  return {
    state: { ...state, phase: 'normal', sinceMs: null, dueMs: null },
    changes: [{ kind: 'cleared', onsetMs: state.onsetMs ?? 0, timeMs, value, reason: reason + note }],
  };
}

/** A late sample never raises; one that contradicts a running delay lets it start again at the newest sample. */
function interrupt(
  condition: LimitCondition,
  state: JudgeState,
  { timeMs, value, nowMs }: { timeMs: number; value: number; nowMs: number },
): JudgeState {
  if (state.sinceMs === null || timeMs <= state.sinceMs) return state;
  if (state.phase === 'pending' && !isBeyond(condition, value)) {
    return { ...state, sinceMs: state.lastMs, dueMs: nowMs + condition.onDelayMs };
  }
  if (state.phase === 'clearing' && isBeyond(condition, value)) {
    return { ...state, sinceMs: state.lastMs, dueMs: nowMs + condition.offDelayMs };
  }
  return state;
}

function onEnd(state: JudgeState, reason: string, nowMs: number): Judgement {
  const ended: JudgeState = { ...state, phase: 'normal', sinceMs: null, dueMs: null };
  if (state.phase !== 'active' && state.phase !== 'clearing') return unchanged(ended);
  const timeMs = Math.max(nowMs, state.raisedMs ?? 0);
  const value = state.lastValue ?? 0;
  return {
    state: ended,
    changes: [{ kind: 'cleared', onsetMs: state.onsetMs ?? 0, timeMs, value, reason }],
  };
}

function isHigh(condition: LimitCondition): boolean {
  return condition.side === 'high' || condition.side === 'high-high';
}

/** At the limit is beyond it: a limit of 1 on a flag is its `on`. */
function isBeyond(condition: LimitCondition, value: number): boolean {
  return isHigh(condition) ? value >= condition.limit : value <= condition.limit;
}

function isReturned(condition: LimitCondition, value: number): boolean {
  if (isBeyond(condition, value)) return false;
  return isHigh(condition)
    ? value <= condition.limit - condition.deadband
    : value >= condition.limit + condition.deadband;
}

function signs(condition: LimitCondition): { beyond: string; inside: string } {
  return isHigh(condition) ? { beyond: '≥', inside: '<' } : { beyond: '≤', inside: '>' };
}

/** E.g. `183 ≥ 150 ug/m3, 60 s`: figures and signs, read alike in every language. */
function sentence(
  condition: LimitCondition,
  told: { value: number; unit: string; delayMs: number; sign: string },
): string {
  const unit = told.unit === '' || told.unit === '1' ? '' : ` ${told.unit}`;
  const delay = told.delayMs === 0 ? '' : `, ${told.delayMs / 1000} s`;
  return `${told.value} ${told.sign} ${condition.limit}${unit}${delay}`;
}

function unchanged(state: JudgeState): Judgement {
  return { state, changes: [] };
}
