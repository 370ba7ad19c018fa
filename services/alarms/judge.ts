import type { AlarmCondition } from '#schemas/alarm.ts';

/** What judges of every kind share. */
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
  /** What a rate (rate.ts) or a count (count.ts) is taken from; absent for other kinds. */
  readonly window?: readonly number[];
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
  /** From now on we listen: silence before proves nothing. */
  | { readonly kind: 'listening' }
  /** The rule no longer watches the point: what is active clears, with this reason. */
  | { readonly kind: 'end'; readonly reason: string };

/** What the journal will tell; `onsetMs` names the occurrence. */
export interface AlarmChange {
  readonly kind: 'raised' | 'cleared';
  readonly onsetMs: number;
  readonly timeMs: number;
  /** Null where nothing was ever heard. */
  readonly value: number | null;
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
  /** Names of the metric's states by code; absent or empty for numbers. */
  readonly states?: readonly string[];
}

/** Quality codes from here on do not count. */
export const badQuality = 2;

/** E.g. ` V`; nothing for pure numbers. */
export function unitSuffix(unit: string): string {
  return unit === '' || unit === '1' ? '' : ` ${unit}`;
}

/** E.g. `, 60 s`; nothing without a delay. */
export function delaySuffix(delayMs: number): string {
  return delayMs === 0 ? '' : `, ${delayMs / 1000} s`;
}

export function unchanged(state: JudgeState): Judgement {
  return { state, changes: [] };
}

/** Clears what is active, whatever the rule was. */
export function endJudging(state: JudgeState, reason: string, nowMs: number): Judgement {
  const ended: JudgeState = { ...state, phase: 'normal', sinceMs: null, dueMs: null };
  if (state.phase !== 'active' && state.phase !== 'clearing') return unchanged(ended);
  const timeMs = Math.max(nowMs, state.raisedMs ?? 0);
  const change = {
    kind: 'cleared',
    onsetMs: state.onsetMs ?? 0,
    timeMs,
    value: state.lastValue,
    reason,
  } as const;
  return { state: ended, changes: [change] };
}
