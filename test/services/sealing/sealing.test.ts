import { expect, test } from 'vitest';
import { systemClock } from '#infra/clock.ts';
import { appendJournal } from '#infra/journal.ts';
import { silentLog } from '#infra/log.ts';
import { startSealing } from '#services/sealing/sealing.ts';
import { until } from '#test/kit/events.ts';
import { createTestDatabase } from '#test/kit/postgres.ts';

test('startSealing() has one leader seal, and another goes on in the same chain when it stops', async () => {
  await using database = await createTestDatabase();
  const options = { databaseUrl: database.url, clock: systemClock(), log: silentLog() };
  const sealed = (count: number) =>
    until(async () => {
      const { rows } = await database.pool.query<{ seq: number }>(
        `select seq from journal where journal = 'audit' and sealed_at is not null order by seq`,
      );
      return rows.length === count ? rows.map(({ seq }) => seq) : undefined;
    }, `${count} sealed rows`);
  await appendJournal(database.pool, 'audit', { n: 1 });
  {
    await using first = startSealing(options);
    expect(await sealed(1)).toEqual([1]);
    expect(first.epoch).toBe(1);
  }
  await appendJournal(database.pool, 'audit', { n: 2 });
  await using second = startSealing(options);
  expect(await sealed(2)).toEqual([1, 2]);
  expect(second.epoch).toBe(2);
});
