import type { CountCondition } from '#schemas/alarm.ts';
import type { AlarmFacts, HeldNote } from '#schemas/alarm-facts.ts';

export interface MeasuredCount {
  /** Entries in the window that ends with this sample; never told higher than the rule asks for. */
  readonly count: number;
  /** First whether the newest sample is in one of the states (1, 0), then the times of the newest entries, ms. */
  readonly window: readonly number[];
}

/**
 * How often the state went over into one of those named; pure. What stood at the first sample is no entry: nobody saw
 * it come. Only as many entries are kept as the rule asks for.
 */
export function measureCount(
  condition: CountCondition,
  window: readonly number[],
  sample: { readonly timeMs: number; readonly state: string | undefined },
): MeasuredCount {
  const { timeMs, state } = sample;
  const isIn = state !== undefined && condition.states.includes(state);
  const [wasIn, ...entries] = window;
  const isEntry = isIn && wasIn === 0;
  // A correction of the newest sample takes its entry back.
  const kept = entries.filter((atMs) => atMs > timeMs - condition.windowMs && (isIn || atMs < timeMs));
  const next = isEntry ? [...kept, timeMs].slice(-condition.count) : kept;
  const isSame = wasIn === (isIn ? 1 : 0) && next.length === entries.length && !isEntry;
  return { count: next.length, window: isSame ? window : [isIn ? 1 : 0, ...next] };
}

export function isBeyondCount(condition: CountCondition, count: number): boolean {
  return count >= condition.count;
}

/** E.g. `3 × {fault} ≥ 3, 3600 s`. */
export function countFacts(
  condition: CountCondition,
  told: { readonly value: number; readonly raised: boolean; readonly held: HeldNote },
): AlarmFacts {
  const { states, count, windowMs } = condition;
  const { value: times, raised, held } = told;
  return { code: 'count', times, states: [...states], count, windowMs, raised, held };
}
