import type { Queryable } from '#infra/postgres.ts';
import type { RegisterSample } from './judge.ts';
import type { Knot } from './knots.ts';

/** SQL of samples of counters that came when their day was closed. Times are epoch µs. */

const instant = (place: string) => `(timestamptz 'epoch' + ${place}::float8 * interval '1 microsecond')`;

/** Counters that have such samples before a time, in order, at most so many. */
export async function readLateCounters(
  db: Queryable,
  query: { readonly beforeUs: number; readonly most: number },
): Promise<number[]> {
  const { rows } = await db.query<{ id: number }>(
    `select distinct point_id as id from late_sample where time < ${instant('$1')} order by 1 limit $2`,
    [query.beforeUs, query.most],
  );
  return rows.map(({ id }) => id);
}

/** Takes the first of them: whoever takes them weighs them in the same transaction. In order of time. */
export async function takeLateSamples(
  client: Queryable,
  query: { readonly pointId: number; readonly beforeUs: number; readonly most: number },
): Promise<RegisterSample[]> {
  const { rows } = await client.query<RegisterSample>(
    `with taken as (
       delete from late_sample where (point_id, time) in (
         select point_id, time from late_sample where point_id = $1 and time < ${instant('$2')}
         order by time limit $3)
       returning time, value, quality)
     select round(extract(epoch from time) * 1e6)::float8 as "timeUs", value, quality from taken order by time`,
    [query.pointId, query.beforeUs, query.most],
  );
  return rows;
}

/** Keeps a knot, or what one covers now. */
export async function writeKnot(client: Queryable, pointId: number, knot: Knot): Promise<void> {
  await client.query(
    `insert into register_knot (point_id, time, value, quality, covered_us)
     values ($1, ${instant('$2')}, $3, $4, $5)
     on conflict (point_id, time) do update set covered_us = excluded.covered_us`,
    [pointId, knot.timeUs, knot.value, knot.quality, Math.round(knot.coveredUs)],
  );
}
