import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CollectRequest } from '#services/assessment/collect.ts';
import { collectCompleteDays, collectMarks } from '#services/assessment/places.ts';
import { coverReadings, insertDevices, insertReadings } from '#test/kit/park-rows.ts';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';

/** Three local days in Shanghai: the first two are folded, the third is not. */
const request: CollectRequest = {
  fromMs: Date.parse('2026-01-02T16:00:00Z'),
  toMs: Date.parse('2026-01-05T16:00:00Z'),
  asOfMs: Date.parse('2026-01-06T00:00:00Z'),
  timeZone: 'Asia/Shanghai',
};

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  const { pool } = database;
  await coverReadings(pool, { from: '2026-01-01', to: '2026-01-07' });
  const from = '2025-01-01T00:00:00Z';
  await insertDevices(
    pool,
    ['dense', 'thin', 'gap'].map((id) => ({ id, class: 'water-meter', from })),
  );
  for (const [id, ...good] of [
    ['dense', 24, 24],
    ['thin', 24, 2],
    ['gap', 0, 24],
  ] as const) {
    for (const [index, count] of good.entries()) {
      await pool.query(
        `insert into rollup_1d (day, point_id, count, good, summed, quality)
         select date '2026-01-03' + $2::int, point_id, 24, $3, $3, 0 from point where device_id = $1 and metric = 'volume'`,
        [id, index, count],
      );
    }
  }
  await pool.query(
    `insert into rollup_15m_day (day, point_id, count, good, summed, min, max, sum, first, last, first_us, last_us, quality)
     select day, point_id, '{1}', '{1}', '{1}', '{1}', '{1}', '{1}', '{1}', '{1}', '{1}', '{1}', '{0}'
     from (select min(point_id) as point_id from point) p, unnest(array[date '2026-01-03', date '2026-01-04']) day`,
  );
  const third = { metric: 'volume', from: '2026-01-04T16:00:00Z', to: '2026-01-05T16:00:00Z' };
  await insertReadings(pool, { device: 'dense', ...third, everyS: 3_600 });
  await insertReadings(pool, { device: 'thin', ...third, everyS: 21_600 });
});
afterAll(() => database[Symbol.asyncDispose]());

const asked = { classes: ['water-meter', 'camera'], metrics: ['volume', 'online'] };
const marks = async (perDay: number, memory?: Map<string, Promise<unknown>>) =>
  Object.fromEntries(
    await collectMarks(database.pool, { ...request, ...(memory && { memory }) }, { ...asked, perDay }),
  );

test('collectMarks() tells days out of rollups and out of raw readings alike, whatever makes a day', async () => {
  const any = { dense: '111', thin: '111', gap: '010' };
  const dense = { dense: '111', thin: '100', gap: '010' };
  expect(await marks(1)).toEqual(any);
  expect(await marks(20)).toEqual(dense);
  // In one run the second question leans on the first.
  const memory = new Map<string, Promise<unknown>>();
  expect([await marks(1, memory), await marks(20, memory), await marks(4, memory)]).toEqual([
    any,
    dense,
    { dense: '111', thin: '101', gap: '010' },
  ]);
});

test('collectCompleteDays() holds folded days for watched, and looks for readings on the others', async () => {
  const days = await collectCompleteDays(database.pool, request);
  expect(days.map(({ day, watched }) => [day, watched])).toEqual([
    ['2026-01-03', true],
    ['2026-01-04', true],
    ['2026-01-05', true],
  ]);
  await database.pool.query('delete from reading');
  const later = await collectCompleteDays(database.pool, request);
  expect(later.map(({ watched }) => watched)).toEqual([true, true, false]);
});
