import {
  heldNote,
  historyMs,
  standingGraceMs,
  standingMs,
  unchanged,
  type Judgement,
  type JudgeState,
} from './judge.ts';
import {
  factsOf,
  isBeyond,
  isOfWindow,
  isReturned,
  offDelayOf,
  onDelayOf,
  valueOf,
  type SignalRule,
} from './signal.ts';
import type { HeldNote } from '#schemas/alarm-facts.ts';

/**
 * The life cycle of an occurrence; pure. Everything is judged in source time: an alarm is raised when the figure has
 * been beyond the limit for the on-delay of the source's own clock, whatever the transport did meanwhile. Our clock is
 * asked only when nothing newer comes: then the last value is taken to hold, and the delay that was left when it
 * arrived runs on our clock. An alarm raised either way carries the same time: onset + on-delay.
 *
 * - A bad sample is noted and changes nothing; an uncertain one counts.
 * - A sample older than the newest one never raises. If it shows that the running delay was interrupted, the delay
 *   starts again at the newest sample.
 * - While the on-delay runs, a value on the right side of the limit ends it, deadband or not (fewer false alarms).
 *   Clearing needs a value back by the deadband; while the off-delay runs only a value beyond the limit ends it.
 * - A sample that is history when it is judged (older than {@link historyMs}: a back-fill, a delivery after an outage)
 *   moves the state on and clears, but raises nothing: what it would have raised waits until a newer sample is beyond
 *   as well, or until nothing newer has come for {@link standingGraceMs}. So the past raises nothing, and what still
 *   stands is seen.
 */
/** Two occurrences never share an onset: a correction of the newest sample counts as this much later, ms. */
const onsetStepMs = 1;

/** The phase a figure leads to, delays not yet considered. */
export function step(
  rule: SignalRule,
  state: JudgeState,
  { timeMs, value }: { readonly timeMs: number; readonly value: number },
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
export function settle(rule: SignalRule, state: JudgeState, nowMs: number): Judgement {
  if (state.phase !== 'pending' && state.phase !== 'clearing') return unchanged(state);
  const leftMs = leftOf(rule, state);
  if (state.phase === 'pending' && nowMs - (state.lastMs ?? nowMs) > historyMs) {
    return unchanged({ ...state, dueMs: standingDue(rule, state, { nowMs, leftMs }) });
  }
  if (leftMs > 0) return unchanged({ ...state, dueMs: nowMs + leftMs });
  return finish(rule, state, '');
}

/** How much of the running delay the source's own clock leaves, ms. */
function leftOf({ condition }: SignalRule, state: JudgeState): number {
  const delayMs = state.phase === 'pending' ? onDelayOf(condition) : offDelayOf(condition);
  return (state.sinceMs ?? 0) + delayMs - Math.max(state.lastMs ?? 0, state.sinceMs ?? 0);
}

function standingDue(
  { condition }: SignalRule,
  { lastMs }: JudgeState,
  { nowMs, leftMs }: { readonly nowMs: number; readonly leftMs: number },
): number | null {
  if (isOfWindow(condition) || nowMs - (lastMs ?? 0) > standingMs) return null;
  return nowMs + Math.max(leftMs, standingGraceMs);
}

/** Whether only its age has kept it from being raised. */
export function isHeldBack(rule: SignalRule, state: JudgeState): boolean {
  return state.phase === 'pending' && leftOf(rule, state) <= 0;
}

export function onTimer(rule: SignalRule, state: JudgeState, nowMs: number): Judgement {
  if (state.dueMs === null || nowMs < state.dueMs) return unchanged(state);
  return finish(rule, state, heldNote(state));
}

/** The delay is over: pending becomes active, clearing becomes normal. */
function finish(rule: SignalRule, state: JudgeState, held: HeldNote): Judgement {
  const { condition } = rule;
  const sinceMs = state.sinceMs ?? 0;
  const raised = state.phase === 'pending';
  const facts = factsOf(rule, state, { raised, held });
  const value = valueOf(condition, state);
  if (raised) {
    const raisedMs = sinceMs + onDelayOf(condition);
    const { severity } = state.told ?? {};
    return {
      state: { ...state, phase: 'active', onsetMs: sinceMs, raisedMs, sinceMs: null, dueMs: null },
      changes: [{ kind: 'raised', onsetMs: sinceMs, timeMs: raisedMs, value, facts, severity }],
    };
  }
  const timeMs = Math.max(sinceMs + offDelayOf(condition), state.raisedMs ?? 0);
  return {
    state: { ...state, phase: 'normal', sinceMs: null, dueMs: null },
    changes: [{ kind: 'cleared', onsetMs: state.onsetMs ?? 0, timeMs, value, facts }],
  };
}

/**
 * A late sample that contradicts a running delay lets it start again at the newest sample. Only where the figure is
 * the value itself: the others are of samples in order.
 */
export function interrupt(
  rule: SignalRule,
  state: JudgeState,
  { timeMs, value, nowMs }: { readonly timeMs: number; readonly value: number; readonly nowMs: number },
): JudgeState {
  const { condition } = rule;
  if (condition.kind !== 'limit' && condition.kind !== 'state') return state;
  if (state.sinceMs === null || timeMs <= state.sinceMs) return state;
  if (state.phase === 'pending' && !isBeyond(rule, value)) {
    return { ...state, sinceMs: state.lastMs, dueMs: nowMs + condition.onDelayMs };
  }
  if (state.phase === 'clearing' && isBeyond(rule, value)) {
    return { ...state, sinceMs: state.lastMs, dueMs: nowMs + condition.offDelayMs };
  }
  return state;
}
