import { expect, inject, test } from 'vitest';
import { systemClock } from '#infra/clock.ts';
import type { RawRetention } from '#schemas/api/retention.ts';
import { estimate, retentionRoutes } from '#services/retention/routes.ts';
import { createTestDatabase } from '#test/kit/postgres.ts';
import { openRouteApi } from '#test/kit/route-api.ts';

test('estimate() multiplies rate, days and measured size, and claims no size before there is one', () => {
  const rates = [{ class: 'camera', points: 3, readingsPerDay: 1_000 }];
  const nothing = { keptSize: { bytes: 0, rows: 0 }, keeps: [], oldestMs: new Map() };
  const common = { horizonDays: 7, dialect: 'plain', rates, ...nothing } as const;
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
  await using api = await openRouteApi((v1) =>
    retentionRoutes(v1, { db, clock: systemClock(), dialect, horizonDays: 7 }),
  );
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

test('PUT /raw-retention/{class} keeps a class longer, with author and reason, and refuses what cannot be', async () => {
  await using database = await createTestDatabase();
  const db = database.pool;
  const dialect = inject('dialect');
  const clock = systemClock();
  await using api = await openRouteApi((v1) => retentionRoutes(v1, { db, clock, dialect, horizonDays: 7 }));
  const put = (name: string, body: object) => api.ask('admin', 'PUT', `/raw-retention/${name}`, body);
  const reason = 'the auditor asks for it';
  expect((await put('energy-meter', { days: 90, reason })).body).toMatchObject({
    classes: [
      { class: 'energy-meter', days: 90, keptSince: null, setting: { author: 'admin', reason }, bytes: null },
    ],
  });
  expect(await put('energy-meter', { days: 7, reason })).toMatchObject({
    status: 422,
    body: { code: 'invalid-request', errors: [{ path: '/days' }] },
  });
  expect(await put('no-such-class', { days: 90, reason })).toMatchObject({ status: 404 });
  expect(await put('energy-meter', { days: 91 })).toMatchObject({ status: 422 });
  expect(await put('energy-meter', { days: 3_651, reason })).toMatchObject({ status: 422 });

  await db.query(`
    insert into device (id, valid_from, class, name) values ('em', now(), 'energy-meter', 'em');
    insert into point (device_id, metric) values ('em', 'active_power');
    insert into raw_kept_point select point_id, now() - interval '60 days' from point;
    insert into day_close (day, version, root) values ('2026-01-01', 1, '');
    insert into point_day (day, point_id, expected, received, good, first_time, last_time, longest_gap_s, sha256)
      select '2026-01-01', point_id, 1, 1000, 1, now(), now(), 0, '' from point;
    insert into reading select now() - n * interval '1 second', n, 1, 0 from generate_series(1, 20000) n`);
  await db.query('analyze reading');
  const refused = await put('energy-meter', { days: 40, reason });
  expect(refused).toMatchObject({ status: 409, body: { code: 'confirmation-required' } });
  // 60 days are there, of the 90; at 1,000 a day 20,000 would go.
  expect((refused.body as { detail: string }).detail).toMatch(/ 20000 readings, \d+\.\d MiB that are older/);
  expect(await put('energy-meter', { days: null, reason })).toMatchObject({ status: 409 });
  expect(await put('energy-meter', { days: 40, reason, confirm: true })).toMatchObject({
    status: 200,
    body: { classes: [{ days: 40, readingsPerDay: 1_000 }] },
  });
  const { rows } = await db.query<{ body: string }>(
    `select body from journal where journal = 'audit' order by id`,
  );
  expect(rows.map(({ body }) => JSON.parse(body) as unknown)).toMatchObject([
    { actor: 'admin', action: 'raw-retention.update', object: 'energy-meter', reason, after: { days: 90 } },
    { before: { days: 90 }, after: { days: 40 } },
  ]);
});

test('PUT /raw-retention/{class} lets two administrators follow each other, not cross', async () => {
  await using database = await createTestDatabase();
  const db = database.pool;
  const deps = { db, clock: systemClock(), dialect: inject('dialect'), horizonDays: 7 };
  await using api = await openRouteApi((v1) => retentionRoutes(v1, deps));
  const answers = await Promise.all(
    [90, 60].map((days) => api.ask('admin', 'PUT', '/raw-retention/camera', { days, reason: 'x' })),
  );
  // Whoever came second either kept it longer or had to confirm.
  const { rows } = await db.query<{ days: number }>('select days from raw_keep order by id');
  const statuses = answers.map(({ status }) => status);
  expect([rows.map(({ days }) => days), statuses]).toEqual(
    rows.length === 1
      ? [[90], [200, 409]]
      : [
          [60, 90],
          [200, 200],
        ],
  );
});
