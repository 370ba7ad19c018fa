import type { RetentionDeps } from './job.ts';
import { withSession } from './partitions.ts';
import { readChunks, type PartedTable } from './store.ts';

/** Drops the chunks that end at or before an instant. */
export async function dropChunks(
  deps: RetentionDeps,
  table: PartedTable,
  untilMs: number,
): Promise<string[]> {
  if (untilMs === -Infinity) return [];
  return withSession(deps.db, async (session) => {
    await deps.check();
    const { rows } = await session.query<{ name: string }>(
      `select drop_chunks($2::regclass, older_than => $1::timestamptz) as name`,
      [new Date(untilMs), table],
    );
    return rows.map(({ name }) => name);
  });
}

/**
 * Compresses chunks that end at or before an instant, one after the other; what still comes later goes into compressed
 * chunks. Returns how many; none where the build cannot.
 */
export async function compressChunks(
  deps: RetentionDeps,
  table: PartedTable,
  beforeMs: number,
): Promise<number> {
  const { rows } = await deps.db.query<{ license: string }>(
    `select current_setting('timescaledb.license', true) as license`,
  );
  if (rows[0]?.license !== 'timescale') return 0;
  const due = (await readChunks(deps.db, table)).filter(
    (chunk) => !chunk.isCompressed && chunk.toMs <= beforeMs,
  );
  if (due.length === 0) return 0;
  return withSession(deps.db, async (session) => {
    await session.query(`alter table ${table} set (timescaledb.compress,
      timescaledb.compress_segmentby = 'point_id', timescaledb.compress_orderby = 'time')`);
    for (const { name } of due) {
      deps.signal.throwIfAborted();
      await deps.check();
      await session.query('select compress_chunk($1::regclass, if_not_compressed => true)', [name]);
    }
    return due.length;
  });
}
