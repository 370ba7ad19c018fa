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

/** How a calendar period is written: a year, a month or a day of the park. */
export const namedPeriodForm = /^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$/;

/**
 * A year `2026`, a month `2026-03` or a day `2026-03-05` in the park's time zone, as instants.
 * @throws ParkError `invalid-request` when the text is none
 */
export function namedPeriod(text: string, timeZone: string): { fromMs: number; toMs: number } {
  if (!namedPeriodForm.test(text)) refuse('period', 'is a year, a month or a day, such as 2026 or 2026-03');
  const [year = 0, month, day] = text.split('-').map(Number);
  const first = new Date(Date.UTC(year, (month ?? 1) - 1, day ?? 1));
  const next = new Date(
    day !== undefined
      ? Date.UTC(year, (month ?? 1) - 1, day + 1)
      : month !== undefined
        ? Date.UTC(year, month, 1)
        : Date.UTC(year + 1, 0, 1),
  );
  const calendar = localCalendar(timeZone);
  const startOf = (date: Date) => calendar.startOf(date.toISOString().slice(0, 10));
  return { fromMs: startOf(first), toMs: startOf(next) };
}

function refuse(name: string, message: string): never {
  throw new ParkError('invalid-request', `${name} ${message}`, [{ path: `querystring/${name}`, message }]);
}
