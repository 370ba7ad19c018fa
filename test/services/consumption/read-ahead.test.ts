import type { QueryArrayConfig } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Queryable } from '#infra/postgres.ts';
import { readAhead, withAhead } from '#services/consumption/read-ahead.ts';
import { samplesIn } from '#services/consumption/store.ts';
import { coverReadings, insertDevices } from '#test/kit/park-rows.ts';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';

const startUs = Date.parse('2026-03-10T00:00:00Z') * 1_000;
const minuteUs = 60_000_000;
const energy = 'active_energy_import';
let database: TestDatabase;
let pointIds: number[];

beforeAll(async () => {
  database = await createTestDatabase();
  const db = database.pool;
  await coverReadings(db, { from: '2026-03-09', to: '2026-03-12' });
  await insertDevices(
    db,
    ['one', 'two', 'none'].map((id) => ({ id, class: 'energy-meter', from: '2026-01-01T00:00:00Z' })),
  );
  const { rows } = await db.query<{ id: number }>(
    'select point_id as id from point where metric = $1 order by device_id desc',
    [energy],
  );
  pointIds = rows.map(({ id }) => id);
  // Microseconds and halves, every quality, out of order, of two of the three.
  await db.query(
    `insert into reading (point_id, time, value, quality)
     select p, timestamptz '2026-03-10T00:00:00Z' + n * interval '60.000001 s', n / 4.0 * p, abs(n) % 3
     from generate_series(-100, 199) n, unnest($1::int[]) p order by n % 7`,
    [pointIds.slice(0, 2)],
  );
});
afterAll(() => database[Symbol.asyncDispose]());

test('readAhead() holds what single questions answer, to the microsecond, and is asked instead of the server', async () => {
  const db = database.pool;
  const asked: string[] = [];
  const query = (statement: QueryArrayConfig) => {
    asked.push(statement.name ?? 'ahead');
    return db.query<unknown[]>(statement);
  };
  const watched: Queryable = Object.assign(Object.create(db), { query });
  const single = samplesIn(db, 'reading');
  const { page } = single;
  for (const sinceUs of [-Infinity, startUs - 5 * minuteUs]) {
    const range = { fromUs: startUs, toUs: startUs + 120 * minuteUs };
    asked.length = 0;
    const wanted = { ...range, pointIds, sinceUs, mostSamples: 1_000, page };
    const source = withAhead(samplesIn(watched, 'reading'), await readAhead(watched, wanted));
    for (const pointId of pointIds) {
      const before = { pointId, fromUs: sinceUs, toUs: range.fromUs };
      const within = { pointId, ...range };
      expect(await source.before(before, page.lead)).toEqual(await single.before(before, page.lead));
      expect(await source.between(within, 700)).toEqual(await single.between(within, 700));
      expect(await source.between(within, 7)).toEqual(await single.between(within, 7));
      const tail = await single.from(pointId, range.toUs, page.tail);
      expect(await source.from(pointId, range.toUs, page.tail)).toEqual(tail);
    }
    expect(asked).toEqual(['ahead', 'ahead']);
  }
});

test('readAhead() reads nothing ahead where there are too many samples; other questions go to the server', async () => {
  const db = database.pool;
  const single = samplesIn(db, 'reading');
  const { page } = single;
  const range = { fromUs: startUs, toUs: startUs + 120 * minuteUs };
  const query = { ...range, pointIds, sinceUs: -Infinity, mostSamples: 239, page };
  const ahead = await readAhead(db, query);
  expect([...ahead.byPoint.keys()]).toEqual([]);
  expect((await readAhead(db, { ...query, mostSamples: 240 })).byPoint.size).toBe(3);
  const source = withAhead(single, ahead);
  const [pointId = 0] = pointIds;
  expect(await source.between({ pointId, ...range }, 700)).toHaveLength(120);
  expect(await source.before({ pointId, fromUs: -Infinity, toUs: range.fromUs }, page.lead)).toHaveLength(32);
  expect(await source.from(pointId, range.toUs, page.tail)).toHaveLength(8);
});
