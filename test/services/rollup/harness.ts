import type { Clock } from '#infra/clock.ts';
import { silentLog } from '#infra/log.ts';
import type { Database } from '#infra/postgres.ts';
import { localCalendar } from '#schemas/local-time.ts';
import type { JobDeps } from '#services/rollup/job.ts';

export const timeZone = 'Asia/Shanghai';
export const minuteMs = 60_000;
export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;

/** A job without a lease: what a leader gives is left out. */
export function jobDeps(db: Database, clock: Clock, more: Partial<JobDeps> = {}): JobDeps {
  return {
    db,
    clock,
    log: silentLog(),
    calendar: localCalendar(timeZone),
    fence: () => Promise.resolve(),
    signal: new AbortController().signal,
    ...more,
  };
}

/** Every derived row, as text that can be compared. */
export async function derivedRows(db: Database): Promise<Record<string, string[]>> {
  const tables = ['rollup_15m', 'rollup_15m_day', 'rollup_1d', 'point_day', 'state_span'];
  const found: Record<string, string[]> = {};
  for (const table of tables) {
    const { rows } = await db.query<{ text: string }>(`select t::text as text from ${table} t order by 1`);
    found[table] = rows.map(({ text }) => text);
  }
  return found;
}
