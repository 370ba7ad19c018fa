import { ratePeriodMs, type RateCondition } from '#schemas/alarm.ts';
import type { AlarmFacts, HeldNote } from '#schemas/alarm-facts.ts';

/** Samples of a window that are kept: closer ones than a hundredth of it do not change what the rate tells. */
const windowParts = 100;

export interface MeasuredRate {
  /** Signed, in the unit of the rule; null until a value is old enough to compare with. */
  readonly rate: number | null;
  readonly window: readonly number[];
}

/**
 * The rate from the newest value that is at least a window older to this one; pure. So a gap makes the rate one over
 * the whole gap and never a jump.
 * @param window times (ms) and values in turn, oldest first
 */
export function measureRate(
  condition: RateCondition,
  window: readonly number[],
  sample: { readonly timeMs: number; readonly value: number },
): MeasuredRate {
  const { timeMs, value } = sample;
  let base = -1;
  for (let i = 0; i < window.length && (window[i] ?? 0) <= timeMs - condition.windowMs; i += 2) base = i;
  const kept = base > 0 ? window.slice(base) : window;
  const newestMs = kept.at(-2);
  const isApart = newestMs === undefined || timeMs - newestMs >= condition.windowMs / windowParts;
  const next = isApart ? [...kept, timeMs, value] : replaced(kept, { timeMs, value });
  if (base < 0) return { rate: null, window: next };
  const elapsedMs = timeMs - (window[base] ?? 0);
  const change = value - (window[base + 1] ?? 0);
  return { rate: (change / elapsedMs) * ratePeriodMs[condition.per], window: next };
}

/** A correction of the newest kept sample takes its place. */
function replaced(
  window: readonly number[],
  { timeMs, value }: { readonly timeMs: number; readonly value: number },
): readonly number[] {
  return window.at(-2) === timeMs && window.at(-1) !== value ? [...window.slice(0, -1), value] : window;
}

export function isBeyondRate(condition: RateCondition, rate: number): boolean {
  return speed(condition, rate) >= condition.limit;
}

export function isBackInsideRate(condition: RateCondition, rate: number): boolean {
  return !isBeyondRate(condition, rate) && speed(condition, rate) <= condition.limit - condition.deadband;
}

/** E.g. `12 ≥ 10 degC/minute, 300 s`. */
export function rateFacts(
  condition: RateCondition,
  told: { readonly value: number; readonly unit: string; readonly raised: boolean; readonly held: HeldNote },
): AlarmFacts {
  const { limit, per, windowMs } = condition;
  const { value, ...rest } = told;
  const rate = Number(speed(condition, value).toPrecision(4));
  return { code: 'rate', rate, limit, per, windowMs, ...rest };
}

function speed({ direction }: RateCondition, rate: number): number {
  if (direction === 'either') return Math.abs(rate);
  return direction === 'rising' ? rate : -rate;
}
