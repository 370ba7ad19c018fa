import type { Queryable } from '#infra/postgres.ts';
import type { Reading } from '#schemas/reading.ts';

interface ReadingRow {
  readonly point_id: number;
  readonly time_ms: number;
  readonly value: number;
  readonly quality: 0 | 1 | 2;
}

function toReading(row: ReadingRow): Reading {
  return { pointId: row.point_id, timeMs: row.time_ms, value: row.value, quality: row.quality };
}

/**
 * Readings newer than what was handled, in order of time.
 * @param options.perPoint at most so many of each point: a point that gives as many has more
 */
export async function readMissed(
  db: Queryable,
  options: {
    readonly from: readonly { readonly pointId: number; readonly handledToMs: number }[];
    readonly perPoint: number;
  },
): Promise<Reading[]> {
  const { rows } = await db.query<ReadingRow>(
    `select w.point_id, (extract(epoch from r.time) * 1000)::float8 as time_ms, r.value, r.quality
     from unnest($1::int[], $2::float8[]) as w (point_id, handled_to_ms)
     cross join lateral (
       select time, value, quality from reading
       where point_id = w.point_id and time > to_timestamp(w.handled_to_ms / 1000)
       order by time limit $3
     ) r
     order by r.time`,
    [options.from.map((row) => row.pointId), options.from.map((row) => row.handledToMs), options.perPoint],
  );
  return rows.map(toReading);
}
