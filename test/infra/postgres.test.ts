import { expect, it } from 'vitest';
import { silentLog } from '#infra/log.ts';
import { createPool, transaction } from '#infra/postgres.ts';
import { createTestDatabase } from '#test/kit/postgres.ts';

it('transaction() rejects when its connection is ended, in a statement or between two, and the pool goes on', async () => {
  await using database = await createTestDatabase();
  const pool = createPool({ url: database.url, max: 1, name: 'ended', log: silentLog() });
  const end = (pid: number) => database.pool.query('select pg_terminate_backend($1, 5000)', [pid]);
  const run = (isBetween: boolean) =>
    transaction(pool, async (client) => {
      const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
      const pid = rows[0]?.pid ?? 0;
      // An error event that nobody hears would fail this test run.
      const ended = isBetween ? end(pid) : null;
      await ended;
      await (ended === null
        ? Promise.all([client.query('select pg_sleep(60)'), end(pid)])
        : client.query('select 1'));
    });
  await expect(run(false)).rejects.toThrow();
  await expect(run(true)).rejects.toThrow();
  expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  await pool.end();
});
