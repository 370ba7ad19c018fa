import type { AlarmCondition, CombinationInput } from '#schemas/alarm.ts';
import type { AlarmFacts, HeldNote } from '#schemas/alarm-facts.ts';
import type { Severity } from '#schemas/device-class.ts';
import type { Spans } from './schedule.ts';

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
  /** The values of a combination, in its order; absent for other kinds. */
  readonly inputs?: readonly InputState[];
  /** What a device told with the alarm it reports. */
  readonly told?: { readonly text: string; readonly severity?: Severity | undefined };
  /** Of a rule with a schedule: whether it holds now, and when that changes, in our own clock. */
  readonly isOutside?: boolean;
  /** Since when, in the time of the source. */
  readonly spanFromMs?: number;
  readonly boundaryMs?: number | null;
}

/** Where one value of a combination stands. */
export interface InputState {
  readonly handledToMs: number | null;
  /** The newest that counted; null when none did. */
  readonly lastMs: number | null;
  readonly lastValue: number | null;
  /** Whether its test is met, deadband considered. */
  readonly met: boolean;
  readonly isBad: boolean;
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

/** When the state asks for a timer, in our own clock. */
export function dueOf({ dueMs, boundaryMs = null }: JudgeState): number | null {
  if (dueMs === null || boundaryMs === null) return dueMs ?? boundaryMs;
  return Math.min(dueMs, boundaryMs);
}

export interface JudgedSample {
  readonly timeMs: number;
  readonly value: number;
  /** 0 good, 1 uncertain, 2 bad. */
  readonly quality: number;
}

export type JudgeInput =
  /** `of` is the place of the value in a combination. */
  | ({ readonly kind: 'sample'; readonly of?: number | undefined } & JudgedSample)
  /** Something happened at the device: events, and what it reports itself (then with `told`). */
  | {
      readonly kind: 'event';
      readonly timeMs: number;
      readonly isEnd: boolean;
      readonly told?: JudgeState['told'];
    }
  | { readonly kind: 'timer' }
  /** What stands is judged as if it were told again at this time of the source. */
  | { readonly kind: 'recheck'; readonly timeMs: number }
  /** From now on we listen: silence before proves nothing. */
  | { readonly kind: 'listening' }
  /** The rule no longer watches the point: what is active clears, with this reason. */
  | { readonly kind: 'end'; readonly facts: AlarmFacts };

/** What the journal will tell; `onsetMs` names the occurrence. */
export interface AlarmChange {
  readonly kind: 'raised' | 'cleared';
  readonly onsetMs: number;
  readonly timeMs: number;
  /** Null where nothing was ever heard. */
  readonly value: number | null;
  readonly facts: AlarmFacts;
  /** Where the device says how grave it is. */
  readonly severity?: Severity | undefined;
}

/** What would have been raised, had it been known in time. */
export interface NotRaised {
  /** Older than the newest of its point, or older than what is judged as of now. */
  readonly kind: 'late' | 'history';
  readonly timeMs: number;
  readonly value: number | null;
}

export interface Judgement {
  readonly state: JudgeState;
  readonly changes: readonly AlarmChange[];
  readonly notRaised?: NotRaised | undefined;
}

/** What a rule is, to the judge. */
export interface JudgedRule {
  readonly condition: AlarmCondition;
  /** Canonical unit, for the sentences. */
  readonly unit: string;
  /** Names of the metric's states by code; absent or empty for numbers. */
  readonly states?: readonly string[];
  /** Of a combination: its values in order. */
  readonly inputs?: readonly JudgedValue[];
  /** Of a rule with a schedule: when it holds. */
  readonly spans?: Spans | undefined;
  /** Of an alarm that a device reports: its key. */
  readonly key?: string;
}

/** One value of a combination, as the judge knows it. */
export interface JudgedValue {
  readonly pointId: number;
  /** For the sentences: a point's key, or the metric of the watched device. */
  readonly name: string;
  readonly states: readonly string[];
  readonly test: CombinationInput['test'];
}

/** A reading older than this when it is judged is history: alone it raises nothing. */
export const historyMs = 15 * 60_000;
/**
 * The newest value of a point stands, old or not, up to this age: it raises when nothing newer has come for the grace,
 * so that the values of a delivery in progress are not taken for the newest.
 */
export const standingMs = 24 * 3_600_000;
export const standingGraceMs = 30_000;

/** Quality codes from here on do not count. */
export const badQuality = 2;

const noChanges: readonly AlarmChange[] = [];

export function unchanged(state: JudgeState): Judgement {
  return { state, changes: noChanges };
}

/** Clears what is active, whatever the rule was. */
export function endJudging(state: JudgeState, facts: AlarmFacts, nowMs: number): Judgement {
  const ended: JudgeState = { ...state, phase: 'normal', sinceMs: null, dueMs: null };
  if (state.phase !== 'active' && state.phase !== 'clearing') return unchanged(ended);
  const timeMs = Math.max(nowMs, state.raisedMs ?? 0);
  const change = {
    kind: 'cleared',
    onsetMs: state.onsetMs ?? 0,
    timeMs,
    value: state.lastValue,
    facts,
  } as const;
  return { state: ended, changes: [change] };
}

/** What the sentence says of a value that was taken to hold. */
export function heldNote(state: JudgeState): HeldNote {
  return state.badSinceMs === null ? 'no-newer' : 'no-newer-bad';
}
