import type { Queryable } from '#infra/postgres.ts';

/** The SQL of local days of which readings came when they were older than the horizon. Instants are epoch milliseconds. */

/** Who stores late readings holds this advisory lock shared; who closes their days holds it alone. */
export const lateDaysLock = 7_141_003;

/**
 * The points of which late readings of these days are kept, by day.
 * @param of.pointIds only these are asked about; null is all
 */
export async function readLatePoints(
  db: Queryable,
  { days, pointIds }: { days: readonly string[]; pointIds: readonly number[] | null },
): Promise<Map<string, Set<number>>> {
  const { rows } = await db.query<{ day: string; id: number }>(
    `select to_char(day, 'YYYY-MM-DD') as day, point_id as id from late_day where day = any($1::date[])
       and ($2::int[] is null or point_id = any($2::int[]))`,
    [days, pointIds],
  );
  const found = new Map<string, Set<number>>();
  for (const { day, id } of rows) {
    const points = found.get(day) ?? new Set<number>();
    found.set(day, points.add(id));
  }
  return found;
}
