import type { AlarmFacts } from '#schemas/alarm-facts.ts';
import { evaluate } from './evaluate.ts';
import {
  dueOf,
  initialState,
  type AlarmChange,
  type JudgedRule,
  type JudgedSample,
  type JudgeInput,
  type JudgeState,
} from './judge.ts';

/** An occurrence that a rule would have raised; times epoch ms. */
export interface ReplayedOccurrence {
  readonly raisedMs: number;
  /** Null while it would still be active. */
  readonly clearedMs: number | null;
  readonly value: number | null;
  readonly facts: AlarmFacts;
}

/** Of a schedule that turns often, over a month without a reading. */
const timersAtOnce = 10_000;

/**
 * Judges readings of one object as if each had come at its own time, by the same judge as live ones; pure but for its
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
  sample(sample: JudgedSample & { readonly of?: number | undefined }): void {
    const { of, ...rest } = sample;
    this.#timers(sample.timeMs - 1);
    const nowMs = sample.timeMs;
    this.#judge({ kind: 'sample', ...rest, ...(of === undefined ? {} : { of }), nowMs });
  }

  /** The next event, in order of time. */
  happened(event: Extract<JudgeInput, { kind: 'event' }>): void {
    this.#timers(event.timeMs - 1);
    this.#judge({ ...event, nowMs: event.timeMs });
  }

  /** Nothing more came until then. */
  end(nowMs: number): readonly ReplayedOccurrence[] {
    this.#timers(nowMs);
    return this.#active === null ? this.#occurrences : [...this.#occurrences, this.#active];
  }

  /** Those that are due until then, one after the other. */
  #timers(untilMs: number): void {
    for (let n = 0; n < timersAtOnce; n++) {
      const dueMs = dueOf(this.#state);
      if (dueMs === null || dueMs > untilMs) return;
      this.#judge({ kind: 'timer', nowMs: dueMs });
      if (dueOf(this.#state) === dueMs) return;
    }
  }

  #judge(input: Parameters<typeof evaluate>[2]): void {
    const { state, changes } = evaluate(this.#rule, this.#state, input);
    this.#state = state;
    for (const change of changes) this.#note(change);
  }

  #note({ kind, timeMs, value, facts }: AlarmChange): void {
    if (kind === 'raised') this.#active = { raisedMs: timeMs, clearedMs: null, value, facts };
    else if (this.#active !== null) {
      this.#occurrences.push({ ...this.#active, clearedMs: timeMs });
      this.#active = null;
    }
  }
}
