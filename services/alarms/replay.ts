import { evaluate } from './evaluate.ts';
import {
  initialState,
  type AlarmChange,
  type JudgedRule,
  type JudgedSample,
  type JudgeState,
} from './judge.ts';

/** An occurrence that a rule would have raised; times epoch ms. */
export interface ReplayedOccurrence {
  readonly raisedMs: number;
  /** Null while it would still be active. */
  readonly clearedMs: number | null;
  readonly value: number | null;
  readonly reason: string;
}

/**
 * Judges readings of one point as if each had come at its own time, by the same judge as live ones; pure but for its
 * own state. Listening begins with the first reading: what was before it is not known.
 */
export class Replay {
  readonly #rule: JudgedRule;
  #state: JudgeState = initialState;
  #active: ReplayedOccurrence | null = null;
  readonly #occurrences: ReplayedOccurrence[] = [];

  constructor(rule: JudgedRule) {
    this.#rule = rule;
  }

  /** The next reading, in order of time. */
  sample(sample: JudgedSample): void {
    const { dueMs } = this.#state;
    if (dueMs !== null && dueMs < sample.timeMs) this.#judge({ kind: 'timer', nowMs: dueMs });
    this.#judge({ kind: 'sample', ...sample, nowMs: sample.timeMs });
  }

  /** Nothing more came until then. */
  end(nowMs: number): readonly ReplayedOccurrence[] {
    const { dueMs } = this.#state;
    if (dueMs !== null && dueMs <= nowMs) this.#judge({ kind: 'timer', nowMs: dueMs });
    return this.#active === null ? this.#occurrences : [...this.#occurrences, this.#active];
  }

  #judge(input: Parameters<typeof evaluate>[2]): void {
    const { state, changes } = evaluate(this.#rule, this.#state, input);
    this.#state = state;
    for (const change of changes) this.#note(change);
  }

  #note({ kind, timeMs, value, reason }: AlarmChange): void {
    if (kind === 'raised') this.#active = { raisedMs: timeMs, clearedMs: null, value, reason };
    else if (this.#active !== null) {
      this.#occurrences.push({ ...this.#active, clearedMs: timeMs });
      this.#active = null;
    }
  }
}
