import type { LimitCondition } from '#schemas/alarm.ts';
import type { AlarmFacts, HeldNote } from '#schemas/alarm-facts.ts';

/** A limit without its delays. */
export type LimitTest = Pick<LimitCondition, 'side' | 'limit' | 'deadband'>;

/** A value beyond a limit; pure. At the limit is beyond it: a limit of 1 on a flag is its `on`. */
export function isBeyondLimit(condition: LimitTest, value: number): boolean {
  return isHigh(condition) ? value >= condition.limit : value <= condition.limit;
}

/** Back inside by the deadband. */
export function isBackInsideLimit(condition: LimitTest, value: number): boolean {
  if (isBeyondLimit(condition, value)) return false;
  return isHigh(condition)
    ? value <= condition.limit - condition.deadband
    : value >= condition.limit + condition.deadband;
}

/** E.g. `183 ≥ 150 ug/m3, 60 s`. */
export function limitFacts(
  condition: LimitCondition,
  told: { readonly value: number; readonly unit: string; readonly raised: boolean; readonly held: HeldNote },
): AlarmFacts {
  const delayMs = told.raised ? condition.onDelayMs : condition.offDelayMs;
  const side = isHigh(condition) ? 'high' : 'low';
  return { code: 'limit', side, limit: condition.limit, delayMs, ...told };
}

function isHigh(condition: LimitTest): boolean {
  return condition.side === 'high' || condition.side === 'high-high';
}
