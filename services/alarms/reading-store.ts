import type { Queryable } from '#infra/postgres.ts';
import { sentDouble, sentInt, sentLength, sentSmallInt, sentTimeUs } from '#infra/sent-array.ts';
import type { Reading } from '#schemas/reading.ts';

type Columns = Readonly<Record<'points' | 'times' | 'values' | 'qualities', Buffer>>;

/**
 * Readings newer than what was handled, in order of time. They come as columns: a row each would cost this process four
 * times as much, and there are most of them when it has least time.
 * @param options.perPoint at most so many of each point: a point that gives as many has more
 */
export async function readMissed(
  db: Queryable,
  options: {
    readonly from: readonly { readonly pointId: number; readonly handledToMs: number }[];
    readonly perPoint: number;
  },
): Promise<Reading[]> {
  const { rows } = await db.query<Columns | Record<keyof Columns, null>>(
    `select array_send(array_agg(point_id)) as points, array_send(array_agg(time)) as times,
       array_send(array_agg(value)) as values, array_send(array_agg(quality)) as qualities
     from (select w.point_id, r.time, r.value, r.quality
       from unnest($1::int[], $2::float8[]) as w (point_id, handled_to_ms)
       cross join lateral (
         select time, value, quality from reading
         where point_id = w.point_id and time > to_timestamp(w.handled_to_ms / 1000)
         order by time limit $3
       ) r
       order by r.time) ordered`,
    [options.from.map((row) => row.pointId), options.from.map((row) => row.handledToMs), options.perPoint],
  );
  const [columns] = rows;
  if (columns === undefined || columns.points === null) return [];
  const { points, times, values, qualities } = columns;
  return Array.from({ length: sentLength(points) }, (_, at) => ({
    pointId: sentInt(points, at),
    timeMs: sentTimeUs(times, at) / 1_000,
    value: sentDouble(values, at),
    quality: qualityOf(sentSmallInt(qualities, at)),
  }));
}

function qualityOf(code: number): Reading['quality'] {
  return code === 0 || code === 1 ? code : 2;
}
