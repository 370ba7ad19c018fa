import {
  endJudging,
  unchanged,
  type AlarmChange,
  type JudgeInput,
  type Judgement,
  type JudgeState,
} from './judge.ts';
import type { Span, Spans } from './schedule.ts';

type Timed = JudgeInput & { readonly nowMs: number };
type Judge = (state: JudgeState, input: Timed) => Judgement;

/**
 * A schedule around a judge; pure. Readings belong to the span of their own time; when nothing comes, our clock turns
 * the page. Outside, values are followed and nothing is raised; what is active when it ends clears, and what stands
 * when it begins is judged as of then. A reading of a span that is over changes nothing any more.
 */
export function judgeScheduled(
  spans: Spans,
  { state, input }: { readonly state: JudgeState; readonly input: Timed },
  judge: Judge,
): Judgement {
  if (input.kind === 'end') return judge(state, input);
  const { nowMs } = input;
  const isTold = input.kind === 'sample' || input.kind === 'event';
  const span = spans.at(isTold ? input.timeMs : nowMs);
  if (state.spanFromMs !== undefined && span.fromMs < state.spanFromMs) return ofThePast(state, input);
  const changes: AlarmChange[] = [];
  let next = turn(state, { span, nowMs }, { judge, changes });
  const isTimer = input.kind === 'timer';
  const isDue = next.dueMs !== null && nowMs >= next.dueMs;
  const judged = isTimer && !isDue ? unchanged(next) : judge(next, input);
  next = judged.state;
  if (span.isInside) changes.push(...judged.changes);
  else next = silenced(next);
  if (next.boundaryMs !== span.toMs) next = { ...next, boundaryMs: span.toMs };
  return span.isInside ? { ...judged, state: next, changes } : { state: next, changes };
}

/** Goes over into the span: out of it with what was active cleared, into it with what stands judged. */
function turn(
  state: JudgeState,
  { span, nowMs }: { readonly span: Span; readonly nowMs: number },
  { judge, changes }: { readonly judge: Judge; readonly changes: AlarmChange[] },
): JudgeState {
  const isOutside = !span.isInside;
  if (state.isOutside === isOutside && state.spanFromMs === span.fromMs) return state;
  const turned: JudgeState = { ...state, isOutside, spanFromMs: span.fromMs };
  if (isOutside) {
    const ended = endJudging(turned, { code: 'outside-schedule' }, span.fromMs);
    changes.push(...ended.changes);
    return ended.state;
  }
  if (state.isOutside !== true) return turned;
  const listening = judge(turned, { kind: 'listening', nowMs }).state;
  const rechecked = judge(listening, { kind: 'recheck', timeMs: span.fromMs, nowMs });
  changes.push(...rechecked.changes);
  return rechecked.state;
}

/** Followed, and nothing more. */
function silenced(state: JudgeState): JudgeState {
  if (state.phase === 'normal' && state.dueMs === null) return state;
  return { ...state, phase: 'normal', sinceMs: null, dueMs: null };
}

function ofThePast(state: JudgeState, input: Timed): Judgement {
  if (input.kind !== 'sample') return unchanged(state);
  const handledToMs = Math.max(state.handledToMs ?? input.timeMs, input.timeMs);
  return unchanged(handledToMs === state.handledToMs ? state : { ...state, handledToMs });
}
