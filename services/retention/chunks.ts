import type { RetentionDeps } from './job.ts';
import { withSession } from './partitions.ts';
import { readChunks } from './store.ts';

/** Chunks are compressed once late data have become rare; what still comes later goes into compressed chunks. */
const compressAfterMs = 2 * 86_400_000;

/** Drops the chunks that end at or before an instant. */
export async function dropChunks(deps: RetentionDeps, untilMs: number): Promise<string[]> {
  if (untilMs === -Infinity) return [];
  return withSession(deps.db, async (session) => {
    await deps.check();
    const { rows } = await session.query<{ name: string }>(
      `select drop_chunks('reading', older_than => $1::timestamptz) as name`,
      [new Date(untilMs)],
    );
    return rows.map(({ name }) => name);
  });
}

/** Compresses chunks that are old enough, one after the other. Returns how many; none where the build cannot. */
export async function compressChunks(deps: RetentionDeps): Promise<number> {
  const { rows } = await deps.db.query<{ license: string }>(
    `select current_setting('timescaledb.license', true) as license`,
  );
  if (rows[0]?.license !== 'timescale') return 0;
  const beforeMs = deps.clock.nowMs() - compressAfterMs;
  const due = (await readChunks(deps.db)).filter((chunk) => !chunk.isCompressed && chunk.toMs <= beforeMs);
  if (due.length === 0) return 0;
  return withSession(deps.db, async (session) => {
    await session.query(`alter table reading set (timescaledb.compress,
      timescaledb.compress_segmentby = 'point_id', timescaledb.compress_orderby = 'time')`);
    for (const { name } of due) {
      deps.signal.throwIfAborted();
      await deps.check();
      await session.query('select compress_chunk($1::regclass, if_not_compressed => true)', [name]);
    }
    return due.length;
  });
}
