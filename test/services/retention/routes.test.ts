import { expect, inject, test } from 'vitest';
import type { RawRetention } from '#schemas/api/retention.ts';
import { estimate, retentionRoutes } from '#services/retention/routes.ts';
import { createTestDatabase } from '#test/kit/postgres.ts';
import { openRouteApi } from '#test/kit/route-api.ts';

test('estimate() multiplies rate, days and measured size, and claims no size before there is one', () => {
  const rates = [{ class: 'camera', points: 3, readingsPerDay: 1_000 }];
  const common = { horizonDays: 7, dialect: 'plain', rates } as const;
  expect(estimate({ ...common, size: { bytes: 2_000_000, rows: 20_000 } })).toMatchObject({
    bytesPerReading: 100,
    classes: [{ class: 'camera', bytes: 900_000 }],
  });
  expect(estimate({ ...common, size: { bytes: 80_000, rows: 5 } })).toMatchObject({
    bytesPerReading: null,
    classes: [{ bytes: null }],
  });
});

test('GET /raw-retention measures what readings take, by closed days, else by the last hours', async () => {
  await using database = await createTestDatabase();
  const db = database.pool;
  await db.query(`
    insert into device (id, valid_from, class, name) values ('em', now(), 'energy-meter', 'em'), ('cam', now(), 'camera', 'cam');
    insert into point (device_id, metric) values ('em', 'active_power'), ('cam', 'online');
    insert into rollup_15m (bucket, point_id, count, good, summed, quality)
      select date_bin('15 minutes', now(), 'epoch') - n * interval '15 minutes', point_id,
        case device_id when 'em' then 90 else 1 end, 1, 1, 0
      from point, generate_series(1, 2) n;
    insert into reading select now() - n * interval '1 second', n, point_id, 0
      from point, generate_series(1, 20000) n`);
  await db.query('analyze reading');
  const dialect = inject('dialect');
  await using api = await openRouteApi((v1) => retentionRoutes(v1, { db, dialect, horizonDays: 7 }));
  const ask = async () => (await api.ask('viewer', 'GET', '/raw-retention')).body as RawRetention;
  const first = await ask();
  expect(first.classes).toMatchObject([
    { class: 'energy-meter', points: 1, readingsPerDay: 8_640 },
    { class: 'camera', points: 1, readingsPerDay: 96 },
  ]);
  expect(first.bytesPerReading).toBeGreaterThan(24);
  expect(first.bytesPerReading).toBeLessThan(200);
  await db.query(`
    insert into day_close (day, version, root) values ('2026-01-01', 1, ''), ('2026-01-02', 1, '');
    insert into point_day (day, point_id, expected, received, good, first_time, last_time, longest_gap_s, sha256)
      select d::date, point_id, 1, 500, 1, now(), now(), 0, '' from point, unnest(array['2026-01-01', '2026-01-02']) d
      where device_id = 'cam'`);
  expect((await ask()).classes).toMatchObject([{ class: 'camera', points: 1, readingsPerDay: 500 }]);
});
