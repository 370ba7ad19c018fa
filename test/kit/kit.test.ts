import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fakeClock } from '#test/kit/clock.ts';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';

describe('createTestDatabase()', () => {
  let databases: TestDatabase[] = [];
  beforeAll(async () => {
    databases = await Promise.all([createTestDatabase(), createTestDatabase()]);
  });
  afterAll(() => Promise.all(databases.map((database) => database[Symbol.asyncDispose]())));

  it('gives each caller a migrated database of its own', async () => {
    const [one, two] = databases;
    await one?.pool.query(`insert into park (id, time_zone) values ('one', 'UTC')`);
    const there = await two?.pool.query('select id from park');
    expect(there?.rows).toEqual([]);
  });
});

describe('fakeClock()', () => {
  it('runs what is due in order of time when it is advanced', async () => {
    const clock = fakeClock(1_000);
    const seen: string[] = [];
    clock.after(20, () => seen.push(`after ${clock.nowMs()}`));
    clock.every(15, () => seen.push(`every ${clock.nowMs()}`));
    void clock
      .sleep(20)
      .then(() => clock.sleep(5))
      .then(() => seen.push(`slept ${clock.nowMs()}`));
    await clock.advance(40);
    expect(seen).toEqual(['every 1015', 'after 1020', 'slept 1025', 'every 1030']);
    expect(clock.nowMs()).toBe(1_040);
  });
});
