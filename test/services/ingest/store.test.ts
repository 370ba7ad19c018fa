import { describe, expect, test } from 'vitest';
import { queryLatest, queryReadings } from '#services/history/readings.ts';
import { readNewestTimes, timestampText } from '#services/ingest/store.ts';
import { until } from '#test/kit/events.ts';
import { telemetry } from '#test/kit/packets.ts';
import { createTestDatabase } from '#test/kit/postgres.ts';
import { startHarness, storePoints } from './harness.ts';

const now = Math.floor(Date.now() / 1000) * 1000;
const points = 20;
const history = 180_000;

describe('no statement reads more as history grows', () => {
  test('writing, starting again, latest and raw readings never scan a partition of readings', async () => {
    await using database = await createTestDatabase();
    const scans = async () => {
      const { rows } = await database.pool.query<{ scanned: number; probes: number }>(
        `select sum(seq_tup_read)::int as scanned, sum(idx_scan)::int as probes from pg_stat_user_tables
         where relname ~ '^(reading_\\d+|_hyper_\\d+_\\d+_chunk)$'`,
      );
      return rows[0] ?? { scanned: -1, probes: -1 };
    };
    await database.pool.query(
      `insert into reading select now() - n * interval '1 minute', n, p, 0
       from generate_series(1, $1) n, generate_series(1, $2) p`,
      [history / points, points],
    );
    await database.pool.query('analyze reading');
    const sessions = async () =>
      (
        await database.pool.query(
          'select from pg_stat_activity where datname = current_database() and backend_type = $1',
          ['client backend'],
        )
      ).rowCount;
    const before = await scans();
    {
      await using harness = await startHarness(database.url);
      for (let id = 1; id <= points; id++) harness.directory.add(`device-${id}`, 'power');
      await storePoints(harness.db, harness.directory);
      await using again = await startHarness(database.url, { directory: harness.directory });
      for (let id = 1; id <= points; id++) {
        const at = (timeMs: number, value: number, rev = 0) => ({ metric: 'power', timeMs, value, rev });
        const samples = [at(now, 1), at(now - 3_600_123, 2), at(now - 3_600_123, 3), at(now, 4, 1)];
        await again.writer.write(telemetry(`device-${id}`, samples));
        await again.writer.write(telemetry(`device-${id}`, samples));
      }
      const deps = { ...harness, horizonDays: 7, timeZone: 'Asia/Shanghai' };
      const wanted = harness.directory.ofDevice('device-1');
      expect(await queryLatest({ ...deps, latest: { of: () => undefined } }, wanted)).toHaveLength(1);
      const range = { points: ['device-1.power'], fromMs: now - 3_600_000, toMs: now };
      for (const resolution of ['raw', '1m', '15m', '1h', '1d'] as const) {
        const { series } = await queryReadings(deps, { ...range, resolution });
        expect(series[0]?.t.length).toBeGreaterThan(0);
      }
    }
    // Sessions report their counts when they end.
    await until(async () => (await sessions()) === 1, 'the other sessions to end');
    const after = await scans();
    expect(after.probes).toBeGreaterThan(before.probes);
    // An empty or nearly empty day may be scanned; the days that hold the history may not.
    expect(after.scanned - before.scanned).toBeLessThan(history / 100);
  });
});

describe('readNewestTimes()', () => {
  test('readNewestTimes() finds the newest reading of each point, to the microsecond', async () => {
    await using database = await createTestDatabase();
    await using harness = await startHarness(database.url);
    const { pointId } = harness.directory.add('em-1', 'power');
    harness.directory.add('em-1', 'silent');
    await storePoints(harness.db, harness.directory);
    for (const offsetMs of [0, -86_400_000, 0.123]) {
      await harness.writer.write(telemetry('em-1', [{ metric: 'power', timeMs: now + offsetMs, value: 1 }]));
    }
    expect([...(await readNewestTimes(harness.db))]).toEqual([[pointId, now * 1000 + 123]]);
  });
});

describe('timestampText()', () => {
  test('timestampText() writes microseconds, before 1970 too', () => {
    expect(timestampText(Date.UTC(2026, 0, 2, 3, 4, 5, 6) * 1000 + 7)).toBe('2026-01-02T03:04:05.006007Z');
    expect(timestampText(-1)).toBe('1969-12-31T23:59:59.999999Z');
  });
});
