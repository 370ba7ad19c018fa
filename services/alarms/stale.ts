import type { StaleCondition } from '#schemas/alarm.ts';
import {
  badQuality,
  endJudging,
  unchanged,
  type JudgeInput,
  type Judgement,
  type JudgedSample,
  type JudgeState,
} from './judge.ts';

/**
 * No data for so long; pure. Silence is counted on our clock and only while we listened: the time begins with a
 * reading that we judged, whatever its own time, and again whenever we begin to listen (`listening`: a start, or the
 * store or this process was away). A device that sends within `noDataMs` so never raises because of us.
 *
 * A bad sample is no data; a sample that is no newer than the newest one tells nothing of now. The onset is the time
 * of the last reading, so that judging the same rows again names the same occurrence.
 */
export function judgeStale(
  condition: StaleCondition,
  state: JudgeState,
  input: JudgeInput & { readonly nowMs: number },
): Judgement {
  if (input.kind === 'end') return endJudging(state, input.facts, input.nowMs);
  if (input.kind === 'sample') return onSample(condition, state, input);
  if (input.kind === 'timer') return onTimer(condition, state, input.nowMs);
  return input.kind === 'listening' ? onListening(condition, state, input.nowMs) : unchanged(state);
}

function onSample(
  condition: StaleCondition,
  state: JudgeState,
  sample: JudgedSample & { readonly nowMs: number },
): Judgement {
  const { timeMs, value, quality, nowMs } = sample;
  const handledToMs = Math.max(state.handledToMs ?? timeMs, timeMs);
  if (quality >= badQuality) {
    const badSinceMs = state.badSinceMs ?? timeMs;
    if (handledToMs === state.handledToMs && badSinceMs === state.badSinceMs) return unchanged(state);
    return unchanged({ ...state, handledToMs, badSinceMs });
  }
  if (state.lastMs !== null && timeMs <= state.lastMs) {
    return unchanged(handledToMs === state.handledToMs ? state : { ...state, handledToMs });
  }
  const heard: JudgeState = {
    ...state,
    phase: 'normal',
    sinceMs: null,
    lastMs: timeMs,
    lastValue: value,
    handledToMs,
    dueMs: nowMs + condition.noDataMs,
    badSinceMs: null,
  };
  if (state.phase !== 'active') return unchanged(heard);
  const clearedMs = Math.max(timeMs, state.raisedMs ?? 0);
  const onsetMs = state.onsetMs ?? 0;
  return {
    state: heard,
    changes: [{ kind: 'cleared', onsetMs, timeMs: clearedMs, value, facts: { code: 'heard' } }],
  };
}

function onTimer(condition: StaleCondition, state: JudgeState, nowMs: number): Judgement {
  if (state.phase === 'active' || state.dueMs === null || nowMs < state.dueMs) return unchanged(state);
  // Its first reading begins the time.
  if (condition.onceHeard === true && state.lastMs === null) return unchanged({ ...state, dueMs: null });
  const sinceMs = state.lastMs ?? state.sinceMs ?? state.dueMs - condition.noDataMs;
  const onsetMs = state.onsetMs === null ? sinceMs : Math.max(sinceMs, state.onsetMs + 1);
  const timeMs = Math.max(state.dueMs, onsetMs);
  const newerBad = state.badSinceMs !== null;
  const facts = { code: 'silent', noDataMs: condition.noDataMs, newerBad } as const;
  return {
    state: { ...state, phase: 'active', onsetMs, raisedMs: timeMs, sinceMs: null, dueMs: null },
    changes: [{ kind: 'raised', onsetMs, timeMs, value: state.lastValue, facts }],
  };
}

function onListening(condition: StaleCondition, state: JudgeState, nowMs: number): Judgement {
  if (state.phase === 'active') return unchanged(state);
  const dueMs = Math.max(state.dueMs ?? 0, nowMs + condition.noDataMs);
  const sinceMs = state.lastMs === null ? (state.sinceMs ?? nowMs) : null;
  return unchanged({ ...state, sinceMs, dueMs });
}
