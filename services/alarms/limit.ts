import type { LimitCondition } from '#schemas/alarm.ts';
import { delaySuffix, unitSuffix } from './judge.ts';

/** A value beyond a limit; pure. At the limit is beyond it: a limit of 1 on a flag is its `on`. */
export function isBeyondLimit(condition: LimitCondition, value: number): boolean {
  return isHigh(condition) ? value >= condition.limit : value <= condition.limit;
}

/** Back inside by the deadband. */
export function isBackInsideLimit(condition: LimitCondition, value: number): boolean {
  if (isBeyondLimit(condition, value)) return false;
  return isHigh(condition)
    ? value <= condition.limit - condition.deadband
    : value >= condition.limit + condition.deadband;
}

/** E.g. `183 ≥ 150 ug/m3, 60 s`: figures and signs, read alike in every language. */
export function tellLimit(
  condition: LimitCondition,
  told: { readonly value: number; readonly unit: string; readonly isRaised: boolean },
): string {
  const delayMs = told.isRaised ? condition.onDelayMs : condition.offDelayMs;
  const raisedSign = isHigh(condition) ? '≥' : '≤';
  const clearedSign = isHigh(condition) ? '<' : '>';
  const sign = told.isRaised ? raisedSign : clearedSign;
  return `${told.value} ${sign} ${condition.limit}${unitSuffix(told.unit)}${delaySuffix(delayMs)}`;
}

function isHigh(condition: LimitCondition): boolean {
  return condition.side === 'high' || condition.side === 'high-high';
}
