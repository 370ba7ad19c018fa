import { expect, test } from 'vitest';
import { silentLog } from '#infra/log.ts';
import { createPool } from '#infra/postgres.ts';
import type { EnvironmentMedium } from '#schemas/environment-media.ts';
import { startServingJournal } from '#services/board/serving-journal.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { createTestDatabase } from '#test/kit/postgres.ts';

const air = (newestMs: number) => new Map<EnvironmentMedium, number>([['air', newestMs]]);

test('startServingJournal() adds up what several processes served in one minute, and writes the rest on disposal', async () => {
  await using database = await createTestDatabase();
  const clock = fakeClock();
  {
    const deps = { db: database.pool, clock, log: silentLog() };
    await using one = startServingJournal(deps);
    await using two = startServingJournal(deps);
    one.count(air(1_000));
    two.count(air(5_000));
    two.count(air(3_000));
  }
  const { rows } = await database.pool.query(
    'select medium, servings, extract(epoch from newest_time)::int as s from board_serving',
  );
  expect(rows).toEqual([{ medium: 'air', servings: 3, s: 5 }]);
});

test('startServingJournal() keeps what it counted while the store is away', async () => {
  await using database = await createTestDatabase();
  const clock = fakeClock();
  const gone = createPool({ url: 'postgres://127.0.0.1:1/none', max: 1, name: 'gone', log: silentLog() });
  // A pool whose server comes back: the first statement fails, later ones reach the real one.
  let away = true;
  const db = new Proxy(database.pool, {
    get: (target, name) =>
      name === 'query'
        ? (...args: Parameters<typeof target.query>) => (away ? gone : target).query(...args)
        : Reflect.get(target, name),
  });
  await using journal = startServingJournal({ db, clock, log: silentLog() });
  journal.count(air(1_000));
  await expect(journal.flush()).rejects.toThrow();
  journal.count(air(2_000));
  away = false;
  await journal.flush();
  const { rows } = await database.pool.query('select servings from board_serving');
  expect(rows).toEqual([{ servings: 2 }]);
  await gone.end();
});
