import type { Queryable } from '#infra/postgres.ts';
import type { Run } from './timeline.ts';

/** Local days of the list whose runs are kept: the day's facts stand. */
export async function readKeptDays(
  db: Queryable,
  query: { pointId: number; firstDay: string; lastDay: string },
): Promise<Set<string>> {
  const { rows } = await db.query<{ day: string }>({
    name: 'history-kept-days',
    text: `select to_char(day, 'YYYY-MM-DD') as day from point_day
     where point_id = $1 and day between $2::date and $3::date`,
    values: [query.pointId, query.firstDay, query.lastDay],
  });
  return new Set(rows.map(({ day }) => day));
}

interface RunRow {
  readonly value: number;
  readonly from: number;
  readonly last: number;
}

const toRun = ({ value, from, last }: RunRow): Run => ({
  value,
  fromMs: Math.round(from * 1e6) / 1e3,
  lastSeenMs: Math.round(last * 1e6) / 1e3,
});

/** Kept runs of these local days, in order. */
export async function readKeptRuns(
  db: Queryable,
  query: { pointId: number; days: readonly string[]; most: number },
): Promise<Run[]> {
  const { rows } = await db.query<RunRow>({
    name: 'history-kept-runs',
    text: `select value, date_part('epoch', from_time) as from, date_part('epoch', last_seen) as last from state_span
     where day = any($2::date[]) and point_id = $1 order by from_time limit $3`,
    values: [query.pointId, query.days, query.most],
  });
  return rows.map(toRun);
}

/** Runs of raw readings of a range, in order: of the days whose facts do not stand yet. */
export async function readRawRuns(
  db: Queryable,
  query: { pointId: number; fromMs: number; toMs: number; holdMs: number; most: number },
): Promise<Run[]> {
  const { rows } = await db.query<RunRow>({
    name: 'history-raw-runs',
    text: `select value, date_part('epoch', min(time)) as from, date_part('epoch', max(time)) as last
     from (
       select time, value, sum(change) over (order by time) as run
       from (select time, value, (value is distinct from lag(value) over (order by time)
           or time - lag(time) over (order by time) > $5 * interval '1 millisecond')::int as change
         from reading where point_id = $1 and time >= $2 and time < $3 and quality < 2) changes
     ) runs
     group by run, value order by 2 limit $4`,
    values: [query.pointId, new Date(query.fromMs), new Date(query.toMs), query.most, query.holdMs],
  });
  return rows.map(toRun);
}

/** The run that stood before an instant, out of what is kept and of raw; as it was last seen before it. */
export async function readRunBefore(
  db: Queryable,
  query: { pointId: number; beforeMs: number; rawSinceMs: number },
): Promise<Run | null> {
  const { rows } = await db.query<RunRow>({
    name: 'history-run-before',
    text: `select * from (
       (select value, date_part('epoch', from_time) as from, date_part('epoch', least(last_seen, $2)) as last
        from state_span where point_id = $1 and from_time < $2 order by from_time desc limit 1)
       union all
       (select value, date_part('epoch', time), date_part('epoch', time) from reading
        where point_id = $1 and time < $2 and time >= $3 and quality < 2 order by time desc limit 1)
     ) found order by last desc limit 1`,
    values: [query.pointId, new Date(query.beforeMs), new Date(query.rawSinceMs)],
  });
  const [row] = rows;
  return row === undefined ? null : toRun(row);
}
