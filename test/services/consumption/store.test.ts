import type { QueryArrayConfig } from 'pg';
import { expect, test } from 'vitest';
import type { Queryable } from '#infra/postgres.ts';
import { keptSamples } from '#services/consumption/store.ts';
import { coverReadings } from '#test/kit/park-rows.ts';
import { createTestDatabase } from '#test/kit/postgres.ts';

const pointId = 7;
const keptSince = '2026-01-11T00:00:00Z';
const us = (time: string) => Date.parse(time) * 1_000;

test('keptSamples() reads no raw reading before the time since which those are whole', async () => {
  await using database = await createTestDatabase();
  const db = database.pool;
  await coverReadings(db, { from: '2026-01-09', to: '2026-01-11' });
  // Days whose knots are kept, but whose raw readings still stand: of another value, to tell which were read.
  await db.query(
    `insert into reading (time, value, point_id, quality)
     select t, case when t < $2 then 1 else 3 end, $1, 0
     from generate_series('2026-01-09T00:00:00Z', '2026-01-11T00:02:00Z'::timestamptz, interval '1 minute') t`,
    [pointId, keptSince],
  );
  await db.query(
    `insert into register_knot (time, value, covered_us, point_id, quality)
     select $2::timestamptz - n * interval '10 minutes', 2, 0, $1, 0 from generate_series(1, 20) n`,
    [pointId, keptSince],
  );
  await db.query('insert into raw_kept (since) values ($1)', [keptSince]);

  const rawValues: unknown[] = [];
  const query = async (statement: QueryArrayConfig) => {
    const answer = await db.query<unknown[]>(statement);
    if (statement.name === 'consumption-reading-before') rawValues.push(...answer.rows.map((row) => row[1]));
    return answer;
  };
  const watched: Queryable = Object.assign(Object.create(db), { query });

  const range = { pointId, fromUs: -Infinity, toUs: us('2026-01-11T00:03:00Z') };
  const samples = await keptSamples(watched).before(range, 10);
  expect(samples.map(({ value }) => value)).toEqual([2, 2, 2, 2, 2, 2, 2, 3, 3, 3]);
  expect(rawValues).toEqual([3, 3, 3]);
  const bounded = { ...range, fromUs: us('2026-01-11T00:01:00Z') };
  expect(await keptSamples(watched).before(bounded, 10)).toHaveLength(2);
});
