import type { CalendarDay } from '#schemas/alarm-schedule.ts';
import type { Queryable } from '#infra/postgres.ts';

/** Days on which the park does not follow the weekday; local dates, both inclusive. */
export async function listCalendarDays(
  db: Queryable,
  range: { readonly from: string; readonly to: string },
): Promise<CalendarDay[]> {
  const { rows } = await db.query<CalendarDay>(
    `select to_char(day, 'YYYY-MM-DD') as day, kind, name from calendar_day
     where day between $1::date and $2::date order by day limit 4000`,
    [range.from, range.to],
  );
  return rows;
}

/** Sets the days of a range; what stood there before is gone. */
export async function replaceCalendarDays(
  client: Queryable,
  range: { readonly from: string; readonly to: string },
  days: readonly CalendarDay[],
): Promise<void> {
  await client.query('delete from calendar_day where day between $1::date and $2::date', [
    range.from,
    range.to,
  ]);
  await client.query(
    `insert into calendar_day (day, kind, name) select * from unnest($1::date[], $2::text[], $3::text[])`,
    [days.map((each) => each.day), days.map((each) => each.kind), days.map((each) => each.name)],
  );
}
