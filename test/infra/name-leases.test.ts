import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { silentLog } from '#infra/log.ts';
import { startNameLeases, type NameLeases } from '#infra/name-leases.ts';
import type { Queryable } from '#infra/postgres.ts';
import { fakeClock, type FakeClock } from '#test/kit/clock.ts';
import { until } from '#test/kit/events.ts';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';

let database: TestDatabase;
let cleanup = new AsyncDisposableStack();
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  await cleanup.disposeAsync();
  cleanup = new AsyncDisposableStack();
  await database[Symbol.asyncDispose]();
});

interface Process {
  readonly leases: NameLeases;
  readonly clock: FakeClock;
  /** What it held whenever that changed. */
  readonly changes: string[][];
  /** Whether the database answers it. */
  isAway: boolean;
}

function start(names: readonly string[]): Process {
  const clock = fakeClock();
  const db: Pick<Queryable, 'query'> = {
    query: ((text: string, values: unknown[]) =>
      one.isAway ? Promise.reject(new Error('away')) : database.pool.query(text, values)) as never,
  };
  const leases = cleanup.use(startNameLeases({ db, clock, log: silentLog(), kind: 'opcua' }));
  const one: Process = { leases, clock, changes: [], isAway: false };
  leases.onChange(() => one.changes.push(names.filter((name) => leases.holds(name))));
  return one;
}

/** The time of every lease passes, as when its holder was frozen or killed. */
const expire = () => database.pool.query('update lease set expires_at = clock_timestamp()');
const kept = async () =>
  (await database.pool.query<{ role: string }>('select role from lease order by role')).rows.map(
    ({ role }) => role,
  );

describe('startNameLeases()', () => {
  test('gives each name to one process; the other gets it when that one wants it no more, or stops', async () => {
    const one = start(['a', 'b']);
    const two = start(['a', 'b', 'c']);
    await one.leases.want(['a', 'b']);
    await two.leases.want(['a', 'b', 'c']);
    expect(['a', 'b', 'c'].map((name) => one.leases.holds(name))).toEqual([true, true, false]);
    expect(['a', 'b', 'c'].map((name) => two.leases.holds(name))).toEqual([false, false, true]);
    await one.leases.want(['a']);
    await two.clock.advance(1_000);
    await until(() => two.leases.holds('b'), 'the name that was given up');
    expect(two.leases.holds('a')).toBe(false);
    await one.leases[Symbol.asyncDispose]();
    await two.clock.advance(1_000);
    await until(() => two.leases.holds('a'), 'the name of who stopped');
    expect(two.changes).toEqual([['c'], ['b', 'c'], ['a', 'b', 'c']]);
    await two.leases[Symbol.asyncDispose]();
    expect(await kept()).toEqual([]);
  });

  test('renews what it holds, so that nobody takes it', async () => {
    const one = start(['a']);
    await one.leases.want(['a']);
    await database.pool.query(`update lease set expires_at = clock_timestamp() + interval '1 s'`);
    await one.clock.advance(3_000);
    const leftS = async () =>
      (
        await database.pool.query<{ left: number }>(
          'select extract(epoch from expires_at - clock_timestamp())::float8 as left from lease',
        )
      ).rows[0]?.left ?? 0;
    await until(async () => (await leftS()) > 5, 'the renewal');
    expect(one.changes).toEqual([['a']]);
  });

  test('is taken over from when its holder is dead; one that was only frozen learns it', async () => {
    const one = start(['a']);
    const two = start(['a']);
    await one.leases.want(['a']);
    await two.leases.want(['a']);
    await expire();
    await two.clock.advance(1_000);
    await until(() => two.leases.holds('a'), 'the takeover');
    await one.clock.advance(3_000);
    await until(() => !one.leases.holds('a'), 'the loss to be known');
    expect(one.changes).toEqual([['a'], []]);
  });

  test('goes on holding while the database is away: nobody else can have taken it', async () => {
    const one = start(['a']);
    await one.leases.want(['a']);
    one.isAway = true;
    await one.clock.advance(60_000);
    expect(one.leases.holds('a')).toBe(true);
    const two = start(['a']);
    await expire();
    await two.leases.want(['a']);
    one.isAway = false;
    await one.clock.advance(3_000);
    await until(() => !one.leases.holds('a'), 'the loss to be known');
  });
});
