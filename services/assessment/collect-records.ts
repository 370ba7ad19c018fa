import type { Queryable } from '#infra/postgres.ts';
import { registerLimits } from '#schemas/api/registers.ts';
import { ParkError } from '#schemas/errors.ts';
import { localCalendar } from '#schemas/local-time.ts';
import { recordKinds } from '#schemas/registers/index.ts';
import { addMonths } from '#services/registers/amend.ts';
import { readPeriodRecords } from '#services/registers/period-store.ts';
import { remembered, type CollectRequest } from './collect.ts';
import type { RecordFacts } from './measure.ts';

export interface RecordRequest {
  readonly kinds: readonly string[];
  /** Only these fields enter the facts; personal ones never do. */
  readonly fields: readonly string[];
  /** Months before the end of the period from which on records count; absent: the period itself. */
  readonly months?: number;
}

/** The local days of a period, both included, widened where months are asked for. */
export function recordDays(request: CollectRequest, months?: number): { fromDay: string; toDay: string } {
  const calendar = localCalendar(request.timeZone);
  const toDay = calendar.dayOf(request.toMs - 1);
  const fromDay =
    months === undefined ? calendar.dayOf(request.fromMs) : addMonths(calendar.dayOf(request.toMs), -months);
  return { fromDay, toDay };
}

/**
 * The records of some kinds that hold on any local day of the period, as they are known today.
 * @throws ParkError `too-many-values` above what one measure may look at
 */
export async function collectRecords(
  db: Queryable,
  request: CollectRequest,
  { kinds, fields, months }: RecordRequest,
): Promise<RecordFacts[]> {
  const limit = registerLimits.records;
  const days = recordDays(request, months);
  const question = `records ${kinds.join()} ${days.fromDay} ${days.toDay}`;
  const rows = await remembered(request, question, () =>
    readPeriodRecords(db, { kinds, ...days, asOf: new Date(request.asOfMs), limit: limit + 1 }),
  );
  if (rows.length > limit) {
    throw new ParkError(
      'too-many-values',
      `${kinds.join(', ')} hold more than ${limit} records of the period`,
    );
  }
  const calendar = localCalendar(request.timeZone);
  return rows.map(({ lookedAt, ...row }) => {
    const kind = recordKinds.get(row.kind);
    const reviewMonths = kind?.reviewMonths ?? null;
    const picked = Object.entries(row.fields).filter(
      ([key]) => fields.includes(key) && kind?.fields[key]?.personal !== true,
    );
    return {
      ...row,
      fields: Object.fromEntries(picked),
      reviewBy: reviewMonths === null ? null : addMonths(calendar.dayOf(lookedAt.getTime()), reviewMonths),
    };
  });
}
