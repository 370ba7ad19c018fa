import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '#infra/log.ts';
import { processNumberLimits, takeProcessNumber, type ProcessNumber } from '#infra/process-number.ts';
import { fakeClock, type FakeClock } from '#test/kit/clock.ts';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';

let database: TestDatabase;
let clock: FakeClock;
let taken: ProcessNumber[];

beforeEach(async () => {
  database = await createTestDatabase();
  clock = fakeClock();
  taken = [];
});
afterEach(async () => {
  for (const one of taken) await one[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

async function take(): Promise<ProcessNumber> {
  const one = await takeProcessNumber({ databaseUrl: database.url, clock, log: silentLog() });
  taken.push(one);
  return one;
}

/** Ends every session that holds a number, as a restart of the server would. */
async function endSessions(): Promise<void> {
  await database.pool.query(
    `select pg_terminate_backend(pid, 5000) from pg_stat_activity
     where application_name = 'parkwatch-number' and datname = current_database()`,
  );
}

async function held(): Promise<number[]> {
  const { rows } = await database.pool.query<{ objid: number }>(
    `select objid::int from pg_locks where locktype = 'advisory' and granted
     and database = (select oid from pg_database where datname = current_database()) order by 1`,
  );
  return rows.map(({ objid }) => objid);
}

describe('takeProcessNumber()', () => {
  it('gives each process the lowest number that is free', async () => {
    const [one, two, three] = [await take(), await take(), await take()];
    expect([one.number, two.number, three.number]).toEqual([1, 2, 3]);
    await two[Symbol.asyncDispose]();
    await expect.poll(held).toEqual([1, 3]);
    expect((await take()).number).toBe(2);
  });

  it('has its number again after the database was away', async () => {
    await take();
    const two = await take();
    await endSessions();
    await expect.poll(held).toEqual([]);
    await expect
      .poll(async () => {
        await clock.advance(processNumberLimits.retryMs);
        return held();
      })
      .toEqual([1, 2]);
    expect(two.number).toBe(2);
    expect((await take()).number).toBe(3);
  });

  it('says so when the database cannot be reached', async () => {
    const probe = new Client({ connectionString: database.url });
    const unreachable = `postgres://nobody@127.0.0.1:1/${probe.database}`;
    await expect(takeProcessNumber({ databaseUrl: unreachable, clock, log: silentLog() })).rejects.toThrow(
      'ECONNREFUSED',
    );
  });
});
