import type { EventCondition } from '#schemas/alarm.ts';
import type { AlarmFacts } from '#schemas/alarm-facts.ts';
import {
  endJudging,
  historyMs,
  unchanged,
  type AlarmChange,
  type JudgeInput,
  type Judgement,
  type JudgeState,
} from './judge.ts';

/**
 * An event was received; pure. It is an alarm from its own time on, until the event that ends it, or until none has
 * come for `clearAfterMs`, counted on our clock from when we heard of it. An event older than the newest one counts in
 * a window and otherwise changes nothing; one that is history when it is heard raises nothing and is noted.
 */
export function judgeEvent(
  condition: EventCondition,
  state: JudgeState,
  input: JudgeInput & { readonly nowMs: number },
): Judgement {
  if (input.kind === 'end') return endJudging(state, input.facts, input.nowMs);
  if (input.kind === 'timer') return onTimer(condition, state, input.nowMs);
  if (input.kind !== 'event') return unchanged(state);
  return input.isEnd ? onEnd(condition, state, input) : onEvent(condition, state, input);
}

interface Heard {
  readonly timeMs: number;
  readonly nowMs: number;
}

function onEvent(condition: EventCondition, state: JudgeState, { timeMs, nowMs }: Heard): Judgement {
  const isNewest = state.lastMs === null || timeMs > state.lastMs;
  const heard: JudgeState = {
    ...state,
    lastMs: isNewest ? timeMs : state.lastMs,
    handledToMs: Math.max(state.handledToMs ?? timeMs, timeMs),
    window: windowOf(condition, state.window ?? [], timeMs),
  };
  if (nowMs - timeMs > historyMs) {
    return { ...unchanged(heard), notRaised: { kind: 'history', timeMs, value: null } };
  }
  if (state.phase === 'active') {
    return unchanged(isNewest ? { ...heard, dueMs: nowMs + condition.clearAfterMs } : heard);
  }
  const times = heard.window?.length ?? 0;
  if (times < condition.count) return unchanged(heard);
  // One event is one occurrence: what ended it already is not raised again.
  if (!isNewest && state.onsetMs !== null) {
    return { ...unchanged(heard), notRaised: { kind: 'late', timeMs, value: null } };
  }
  const onsetMs = state.onsetMs === null ? timeMs : Math.max(timeMs, state.onsetMs + 1);
  const facts: AlarmFacts = {
    code: 'event',
    type: condition.type,
    times,
    windowMs: condition.count === 1 ? null : condition.windowMs,
  };
  const change: AlarmChange = { kind: 'raised', onsetMs, timeMs: onsetMs, value: null, facts };
  const dueMs = nowMs + condition.clearAfterMs;
  return { state: { ...heard, phase: 'active', onsetMs, raisedMs: onsetMs, dueMs }, changes: [change] };
}

/** Times of the newest events in the window that ends with the newest, as many as the rule asks for, oldest first. */
function windowOf(condition: EventCondition, window: readonly number[], timeMs: number): number[] {
  if (window.includes(timeMs)) return [...window];
  const all = [...window, timeMs].toSorted((a, b) => a - b);
  const newestMs = all.at(-1) ?? timeMs;
  return all.filter((atMs) => atMs > newestMs - condition.windowMs).slice(-condition.count);
}

function onEnd(condition: EventCondition, state: JudgeState, { timeMs }: Heard): Judgement {
  if (state.phase !== 'active' || timeMs < (state.lastMs ?? 0)) return unchanged(state);
  return clear(state, timeMs, { code: 'event-over', type: condition.clearType ?? '', afterMs: null });
}

function onTimer(condition: EventCondition, state: JudgeState, nowMs: number): Judgement {
  if (state.phase !== 'active' || state.dueMs === null || nowMs < state.dueMs) return unchanged(state);
  return clear(state, state.dueMs, { code: 'event-over', type: null, afterMs: condition.clearAfterMs });
}

function clear(state: JudgeState, atMs: number, facts: AlarmFacts): Judgement {
  const timeMs = Math.max(atMs, state.raisedMs ?? 0);
  return {
    state: { ...state, phase: 'normal', dueMs: null, window: [] },
    changes: [{ kind: 'cleared', onsetMs: state.onsetMs ?? 0, timeMs, value: null, facts }],
  };
}
