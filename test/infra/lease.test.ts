import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startLeader, type Leader, type LeaderOptions, type Leadership } from '#infra/lease.ts';
import { silentLog } from '#infra/log.ts';
import { createPool, transaction } from '#infra/postgres.ts';
import { fakeClock, type FakeClock } from '#test/kit/clock.ts';
import { until } from '#test/kit/events.ts';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';

/** One process's leader, and what it was told. */
interface Candidate {
  readonly leader: Leader;
  readonly clock: FakeClock;
  /** Set while its work runs. */
  current: Leadership | undefined;
}

let database: TestDatabase;
let candidates: Candidate[] = [];

beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  for (const { leader } of candidates.splice(0)) await leader[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

function stand(openPool: LeaderOptions['openPool'] = createPool): Candidate {
  const clock = fakeClock();
  const candidate: Candidate = {
    clock,
    current: undefined,
    leader: startLeader({
      role: 'alarms',
      databaseUrl: database.url,
      clock,
      log: silentLog(),
      openPool,
      lead: (leadership) => {
        candidate.current = leadership;
        return {
          [Symbol.asyncDispose]: () => {
            candidate.current = undefined;
            return Promise.resolve();
          },
        };
      },
    }),
  };
  candidates.push(candidate);
  return candidate;
}

const leads = (candidate: Candidate): Promise<Leadership> => until(() => candidate.current, 'leadership');
/** The time of the lease passes in the database, as when the leader was frozen. */
const expire = () => database.pool.query('update lease set expires_at = clock_timestamp()');
const asksAgain = async (candidate: Candidate) => {
  await until(() => candidate.clock.waiting > 0, 'the standby to have asked');
  await candidate.clock.advance(3_000);
};

describe('startLeader()', () => {
  it('makes one of two candidates the leader, and the other when the first stops', async () => {
    const one = stand();
    expect((await leads(one)).epoch).toBe(1);
    const two = stand();
    await asksAgain(two);
    await asksAgain(two);
    expect(two.current).toBeUndefined();
    await one.leader[Symbol.asyncDispose]();
    expect(one.current).toBeUndefined();
    await asksAgain(two);
    expect((await leads(two)).epoch).toBe(2);
  });

  it('leads on although a standby froze with the row locked', async () => {
    const one = stand();
    await leads(one);
    await database.pool.query(`update lease set expires_at = clock_timestamp() + interval '1 hour'`);
    const asked = Promise.withResolvers<void>();
    const frozen = Promise.withResolvers<never>();
    stand((options) => {
      const pool = createPool(options);
      const connect = async () => {
        const client = await pool.connect();
        const query = (text: string, values?: unknown[]) => {
          if (text !== 'commit') return client.query(text, values);
          asked.resolve();
          return frozen.promise;
        };
        return { query, release: (error?: Error) => client.release(error) };
      };
      const end = () => pool.end();
      return { connect, end, ended: false } as unknown as ReturnType<typeof createPool>;
    });
    await asked.promise;
    const locked = () =>
      database.pool.query('select from lease for update nowait').then(
        () => false,
        () => true,
      );
    expect(await locked()).toBe(true);
    await expect.poll(locked).toBe(false);
    frozen.reject(new Error('woken up'));
    expect(one.current).toBeDefined();
  });

  it('renews its lease every 3 s', async () => {
    const one = stand();
    await leads(one);
    await database.pool.query(`update lease set expires_at = clock_timestamp() + interval '1 s'`);
    await one.clock.advance(3_000);
    await until(async () => {
      const { rows } = await database.pool.query<{ left: number }>(
        `select extract(epoch from expires_at - clock_timestamp())::float8 as left from lease`,
      );
      return (rows[0]?.left ?? 0) > 5;
    }, 'the renewal');
    await one.clock.advance(8_000);
    expect(one.leader.epoch).toBe(1);
  });

  it('ends its work when the lease passed to another', async () => {
    const one = stand();
    const { signal } = await leads(one);
    await expire();
    const two = stand();
    expect((await leads(two)).epoch).toBe(2);
    await one.clock.advance(3_000);
    await until(() => one.current === undefined, 'the old leader to stop');
    expect(signal.aborted).toBe(true);
  });

  it('ends its work after 9 s in which the database did not answer', async () => {
    const one = stand();
    const { signal } = await leads(one);
    const blocker = new Client({ connectionString: database.url });
    await blocker.connect();
    await blocker.query('begin');
    await blocker.query('lock table lease in access exclusive mode');
    await one.clock.advance(8_999);
    expect(signal.aborted).toBe(false);
    await one.clock.advance(1);
    expect(signal.aborted).toBe(true);
    await blocker.end();
    await until(() => one.leader.epoch === undefined, 'the leader to stand by');
  });

  it('ends the sessions of the expired epoch, though one holds the lease row', async () => {
    const one = stand();
    const { db, fence } = await leads(one);
    const frozen = await db.connect();
    const closed = new Promise((resolve) => {
      frozen.on('error', resolve);
    });
    await expire();
    await database.pool.query(`update lease set expires_at = clock_timestamp() + interval '300 ms'`);
    await frozen.query('begin');
    await frozen.query('insert into park (id, time_zone) values ($1, $2)', ['frozen', 'UTC']);
    await fence(frozen);
    // Neither commits nor rolls back: this is what a stopped process looks like.
    await until(async () => {
      const { rows } = await database.pool.query('select from lease where expires_at <= clock_timestamp()');
      return rows.length === 1;
    }, 'the lease to expire');
    const two = stand();
    expect((await leads(two)).epoch).toBe(2);
    await closed;
    frozen.release(true);
    const { rows } = await database.pool.query('select id from park');
    expect(rows).toEqual([]);
  });
});

describe('Leadership.fence()', () => {
  it('lets a transaction of the leader commit', async () => {
    const { db, fence } = await leads(stand());
    await transaction(db, async (client) => {
      await client.query(`insert into park (id, time_zone) values ('ours', 'UTC')`);
      await fence(client);
    });
    expect((await database.pool.query('select id from park')).rows).toEqual([{ id: 'ours' }]);
  });

  it('rolls back what a leader did after its lease had passed on, and stops it', async () => {
    const one = stand();
    const { db, fence, signal, check } = await leads(one);
    await database.pool.query('update lease set epoch = epoch + 1');
    const work = transaction(db, async (client) => {
      await client.query(`insert into park (id, time_zone) values ('late', 'UTC')`);
      await fence(client);
    });
    await expect(work).rejects.toMatchObject({ name: 'LeaseLost' });
    expect((await database.pool.query('select id from park')).rows).toEqual([]);
    expect(signal.aborted).toBe(true);
    await expect(check()).rejects.toThrow();
  });

  it('refuses when the lease has expired, though nobody took it', async () => {
    const { check } = await leads(stand());
    await expire();
    await expect(check()).rejects.toMatchObject({ name: 'LeaseLost' });
  });
});
