import type { Database, DatabaseClient } from '#infra/postgres.ts';
import type { RetentionDeps } from './job.ts';
import { readDetached, readPartitions, readPendingDetach, type PartedTable } from './store.ts';

/**
 * A lock is waited for no longer than this: who waits for a strong lock makes others wait behind it. The next run tries
 * again.
 */
const lockTimeoutMs = 2_000;
/** Detaching waits for every transaction that uses the table. */
const statementTimeoutMs = 60_000;

/** Detaches and drops the partitions that end at or before an instant; begins with what an earlier run left half done. */
export async function dropPartitions(
  deps: RetentionDeps,
  table: PartedTable,
  untilMs: number,
): Promise<string[]> {
  const { db, check } = deps;
  return withSession(db, async (session) => {
    for (const name of await readPendingDetach(session, table)) {
      await check();
      await session.query(`alter table ${table} detach partition ${name} finalize`);
    }
    for (const { name, toMs } of await readPartitions(session, table)) {
      if (toMs > untilMs) break;
      deps.signal.throwIfAborted();
      await check();
      await session.query(`alter table ${table} detach partition ${name} concurrently`);
    }
    const dropped: string[] = [];
    if (untilMs === -Infinity) return dropped;
    for (const name of await readDetached(session, table, untilMs)) {
      await check();
      await session.query(`drop table ${name}`);
      dropped.push(name);
    }
    return dropped;
  });
}

/** Names come from the catalogue, already quoted; none of these statements takes parameters. */
export async function withSession<T>(db: Database, use: (session: DatabaseClient) => Promise<T>): Promise<T> {
  const session = await db.connect();
  try {
    await session.query(`set lock_timeout = ${lockTimeoutMs}; set statement_timeout = ${statementTimeoutMs}`);
    return await use(session);
  } finally {
    await session.query('reset lock_timeout; reset statement_timeout').catch(() => undefined);
    session.release();
  }
}
