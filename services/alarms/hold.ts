import { shelveMostMs } from '#schemas/alarm-figures.ts';
import type { Severity } from '#schemas/device-class.ts';

/** What shelving was asked for. */
export interface ShelveRequest {
  /** Until this occurrence clears; without it for later ones too, until the time is up. */
  readonly oneShot: boolean;
  /** How long at most; absent: as long as the severity allows. */
  readonly forMs?: number | undefined;
}

export type ShelveDecision =
  | { readonly kind: 'until'; readonly untilMs: number }
  | { readonly kind: 'refused'; readonly reason: string };

/** Whether an alarm may be shelved, and until when; pure. Whatever was asked, it ends by itself. */
export function decideShelve(
  alarm: { readonly severity: Severity; readonly active: boolean },
  { oneShot, forMs }: ShelveRequest,
  nowMs: number,
): ShelveDecision {
  const mostMs = shelveMostMs[alarm.severity];
  if (oneShot && !alarm.active) {
    return { kind: 'refused', reason: 'it has cleared: shelving until it clears would end at once' };
  }
  if (forMs !== undefined && forMs > mostMs) {
    const reason = `an alarm of severity ${alarm.severity} is shelved for ${mostMs / 60_000} minutes at most`;
    return { kind: 'refused', reason };
  }
  return { kind: 'until', untilMs: nowMs + (forMs ?? mostMs) };
}
