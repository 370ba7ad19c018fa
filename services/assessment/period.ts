import { ParkError } from '#schemas/errors.ts';
import { localCalendar, shiftDay } from '#schemas/local-time.ts';
import type { CollectRequest } from './collect.ts';

/** What a person asks for; RFC 3339, each of them may be left out. */
export interface PeriodQuery {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly asOf?: string | undefined;
}

/** The period that is assessed when none is given: the last complete local days. */
export const defaultPeriodDays = 30;
export const longestPeriodDays = 366;
const dayMs = 86_400_000;

/**
 * The period of an assessment. Without `to` it ends with the last complete local day, without `from` it begins 30
 * local days before its end.
 * @throws ParkError `invalid-request` when it is empty, too long, or reaches beyond what is known
 */
export function choosePeriod(
  query: PeriodQuery,
  { nowMs, timeZone }: { nowMs: number; timeZone: string },
): CollectRequest {
  const calendar = localCalendar(timeZone);
  const asOfMs = query.asOf === undefined ? nowMs : Date.parse(query.asOf);
  const toMs = query.to === undefined ? calendar.startOf(calendar.dayOf(asOfMs)) : Date.parse(query.to);
  const fromMs =
    query.from === undefined
      ? calendar.startOf(shiftDay(calendar.dayOf(toMs), -defaultPeriodDays))
      : Date.parse(query.from);
  if (asOfMs > nowMs) refuse('asOf', 'is not in the future');
  if (fromMs >= toMs) refuse('from', 'is before to');
  if (toMs > asOfMs) refuse('to', 'is not after asOf, nor in the future');
  if (toMs - fromMs > longestPeriodDays * dayMs)
    refuse('from', `is at most ${longestPeriodDays} days before to`);
  return { fromMs, toMs, asOfMs, timeZone };
}

function refuse(name: string, message: string): never {
  throw new ParkError('invalid-request', `${name} ${message}`, [{ path: `querystring/${name}`, message }]);
}
