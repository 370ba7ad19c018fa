import { expect, test } from 'vitest';
import { systemClock } from '#infra/clock.ts';
import { queryReadings } from '#services/history/readings.ts';
import { fakeDirectory } from '#test/kit/directory.ts';
import { until } from '#test/kit/events.ts';
import { createTestDatabase } from '#test/kit/postgres.ts';
import { createPool } from '#infra/postgres.ts';
import { silentLog } from '#infra/log.ts';

const dayMs = 86_400_000;
const points = 40;
const days = 365;

test('rollups of a year, swollen by dead rows and never analyzed since, are read by their keys', async () => {
  await using database = await createTestDatabase();
  const db = database.pool;
  // Every row is written twice: the first versions are dead and stay, as behind a long transaction.
  await db.query(`
    alter table rollup_15m_day set (autovacuum_enabled = false);
    alter table rollup_1d set (autovacuum_enabled = false);
    insert into rollup_15m_day (day, point_id, count, good, summed, min, max, sum, first, last, first_us, last_us, quality)
      select (now() at time zone 'utc')::date - d, p, array_fill(1, array[96]), array_fill(1, array[96]), array_fill(1, array[96]),
        f, f, f, f, f, array_fill(0, array[96]), array_fill(0, array[96]), array_fill(0::smallint, array[96])
      from generate_series(1, ${days}) d, generate_series(1, ${points}) p, (select array_fill(1::float8, array[96]) as f) v;
    insert into rollup_1d (day, point_id, count, good, summed, quality, min, max, sum)
      select day, point_id, 96, 96, 96, 0, 1, 1, 96 from rollup_15m_day;
    update rollup_15m_day set count = count;
    update rollup_1d set count = count;
    select pg_stat_force_next_flush()`);
  const scanned = async () => {
    const { rows } = await db.query<{ rows: number }>(
      `select sum(seq_tup_read)::int as rows from pg_stat_user_tables where relname in ('rollup_15m_day', 'rollup_1d')`,
    );
    return rows[0]?.rows ?? -1;
  };
  const directory = fakeDirectory();
  for (let id = 1; id <= points; id++) directory.add(`em-${id}`, 'power');
  const pool = createPool({ url: database.url, max: 1, name: 'year', log: silentLog() });
  const clock = systemClock();
  const deps = { db: pool, directory, clock, horizonDays: 7, timeZone: 'UTC' };
  const toMs = Math.floor(clock.nowMs() / dayMs) * dayMs;
  const before = await scanned();
  for (const [resolution, span] of [
    ['15m', 3],
    ['1h', 10],
    ['1d', days],
  ] as const) {
    const range = { points: ['em-7.power'], fromMs: toMs - span * dayMs, toMs };
    const { series } = await queryReadings(deps, { ...range, resolution });
    expect(series[0]?.t.length).toBe(span * { '15m': 96, '1h': 24, '1d': 1 }[resolution]);
  }
  await pool.end();
  // Sessions report their counts when they end.
  const sessions = async () =>
    (await db.query(`select from pg_stat_activity where application_name = 'year'`)).rowCount;
  await until(async () => (await sessions()) === 0, 'the session to end');
  expect((await scanned()) - before).toBe(0);
});
