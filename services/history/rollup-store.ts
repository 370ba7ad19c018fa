import type { Queryable } from '#infra/postgres.ts';
import type { PointCell } from '#services/rollup/cell-store.ts';

/** How history reads rollups. Instants are epoch milliseconds, days `YYYY-MM-DD`; ranges are closed-open. */

export interface PointsRange {
  readonly pointIds: readonly number[];
  readonly fromMs: number;
  readonly toMs: number;
}

/** Cells that are not packed: of today, and late ones of earlier days, which stand before what is packed. */
export async function readOpenCells(db: Queryable, range: PointsRange): Promise<PointCell[]> {
  const { rows } = await db.query<PointCell>({
    name: 'history-open-cells',
    text: `select point_id as "pointId", (extract(epoch from bucket) * 1000)::float8 as "bucketMs", count, summed,
       min, max, sum, sum_cos as "sumCos", quality
     from rollup_15m where point_id = any($1::int[]) and bucket >= $2 and bucket < $3`,
    values: [range.pointIds, new Date(range.fromMs), new Date(range.toMs)],
  });
  return rows;
}

/** A packed local day: one place a bucket, null where it is empty. */
export interface PackedDay {
  readonly pointId: number;
  readonly day: string;
  readonly count: readonly (number | null)[];
  readonly summed: readonly (number | null)[];
  readonly min: readonly (number | null)[];
  readonly max: readonly (number | null)[];
  readonly sum: readonly (number | null)[];
  readonly sumCos: readonly (number | null)[] | null;
  readonly quality: readonly (number | null)[];
}

/** Packed days, first to last day included. */
export async function readPackedDays(
  db: Queryable,
  query: { pointIds: readonly number[]; days: readonly string[] },
): Promise<PackedDay[]> {
  const { rows } = await db.query<PackedDay>({
    name: 'history-packed-days',
    // As JSON, which is read far faster than the text of arrays.
    text: `select point_id as "pointId", to_char(day, 'YYYY-MM-DD') as day, to_json(count) as count,
       to_json(summed) as summed, to_json(min) as min, to_json(max) as max, to_json(sum) as sum,
       to_json(sum_cos) as "sumCos", to_json(quality) as quality
     from rollup_15m_day where point_id = any($1::int[]) and day = any($2::date[])`,
    values: [query.pointIds, query.days],
  });
  return rows;
}

/** Folded local days; `bucketMs` is left to whoever knows the calendar. */
export async function readFoldedDays(
  db: Queryable,
  query: { pointIds: readonly number[]; fromDay: string; toDay: string },
): Promise<(Omit<PointCell, 'bucketMs'> & { day: string })[]> {
  const { rows } = await db.query<Omit<PointCell, 'bucketMs'> & { day: string }>({
    name: 'history-folded-days',
    text: `select point_id as "pointId", to_char(day, 'YYYY-MM-DD') as day, count, summed, min, max, sum,
       sum_cos as "sumCos", quality
     from rollup_1d where point_id = any($1::int[]) and day between $2::date and $3::date`,
    values: [query.pointIds, query.fromDay, query.toDay],
  });
  return rows;
}
