import type { Client } from 'pg';
import { counterFacts, factsText } from '#services/consumption/facts.ts';
import { readCounters } from '#services/consumption/store.ts';

/** A year of derived rows, made by the server itself; what they hold is of no matter, how many there are and how wide is. */
export interface YearOptions {
  /** Points with rollups, and how many of their days. */
  readonly points: number;
  readonly days: number;
  /** Months of counters, and how many. */
  readonly months: number;
}

const zone = 'Asia/Shanghai';

/** One reading of every point, days of quarters of the first points, and what counters advanced by day and month. */
export async function fillYear(client: Client, { points, days, months }: YearOptions): Promise<void> {
  await client.query(
    `insert into reading (time, value, point_id, quality) select now() - interval '1 s', point_id, point_id, 0 from point`,
  );
  await client.query(`create temp table template as
    select k, array_fill(15, array[96]) as n, array_agg(random() * 100) as v, array_agg((random() * 9e8)::int) as us,
      array_fill(0::smallint, array[96]) as q
    from generate_series(0, 49) k, generate_series(1, 96) group by k`);
  await client.query(
    `insert into rollup_15m_day (day, point_id, count, good, summed, min, max, sum, first, last, first_us, last_us, quality)
     select current_date - d, p.point_id, t.n, t.n, t.n, t.v, t.v, t.v, t.v, t.v, t.us, t.us, t.q
     from (select point_id from point order by metric, point_id limit $1) p, generate_series(2, $2::int + 1) d,
       template t where t.k = (p.point_id + d) % 50`,
    [points, days],
  );
  await client.query(
    `insert into rollup_1d (day, point_id, count, good, summed, quality, min, max, sum, first, last, first_time, last_time)
     select day, point_id, 1440, 1440, 1440, 0, 1, 2, 2160, 1, 2, day, day + interval '23 h' from rollup_15m_day`,
  );
  await fillConsumption(client, months);
  await client.query('vacuum analyze');
}

async function fillConsumption(client: Client, months: number): Promise<void> {
  const { rows } = await client.query<{ id: number }>(
    `select point_id as id from point where metric = 'active_energy_import'`,
  );
  const counters = await readCounters(
    client,
    rows.map(({ id }) => id),
  );
  const facts = counters.map((counter) => counterFacts(counter));
  const texts = facts.map((each) => (each === null ? '' : factsText(each)));
  const today = `(now() at time zone '${zone}')::date`;
  const first = `(date_trunc('month', now() at time zone '${zone}') - $1 * interval '1 month')::date`;
  await client.query(
    `insert into consumption_head (point_id, since, first_day, next_day, facts)
     select id, ${first}::timestamp at time zone '${zone}', ${first}, ${today}, facts
     from unnest($2::int[], $3::text[]) c (id, facts)
     -- The park that runs beside may have begun already.
     on conflict (point_id) do update set since = excluded.since, first_day = excluded.first_day,
       next_day = excluded.next_day, facts = excluded.facts`,
    [months, counters.map(({ pointId }) => pointId), texts],
  );
  await client.query(
    `insert into consumption_day (point_id, day, value, covered_us, bits, depends_from, depends_to)
     select point_id, d::date, 240, 86400000000, 0, d::timestamp at time zone '${zone}',
       (d + interval '1 day')::timestamp at time zone '${zone}'
     from consumption_head h, generate_series(h.first_day, h.next_day - 1, interval '1 day') d`,
  );
  await client.query(
    `insert into consumption_quarter (point_id, day, value)
     select point_id, day, array_fill(2.5::float8, array[96]) from consumption_day`,
  );
  await client.query(
    `insert into consumption_month (point_id, month, value, covered_us, bits, depends_from, depends_to)
     select point_id, date_trunc('month', day)::date, sum(value), sum(covered_us), 0, min(depends_from), max(depends_to)
     from consumption_day where day < date_trunc('month', ${today})
     group by point_id, date_trunc('month', day)`,
  );
}

/**
 * Bytes a reading after a day: of points that report every 20 s, in the order in which they would arrive.
 * @returns of the table with its key, a row
 */
export async function bytesOfADay(
  client: Client,
  { points, perDay }: { points: number; perDay: number },
): Promise<number> {
  await client.query('create table bench_day (like reading including all)');
  await client.query(
    `insert into bench_day (time, value, point_id, quality)
     select date_trunc('day', now()) + t * interval '86400 s' / $2::int, random() * 100, p, 0
     from generate_series(0, $2::int - 1) t, generate_series(1, $1::int) p`,
    [points, perDay],
  );
  const { rows } = await client.query<{ bytes: number }>(
    `select pg_total_relation_size('bench_day')::float8 / count(*) as bytes from bench_day`,
  );
  await client.query('drop table bench_day');
  return rows[0]?.bytes ?? 0;
}
