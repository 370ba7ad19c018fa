import { expect, inject, test } from 'vitest';
import { readConfig } from '#infra/config.ts';
import { createLifecycle } from '#infra/lifecycle.ts';
import { silentLog } from '#infra/log.ts';
import { openDatabase } from '#services/serve/database.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { freePort } from '#test/kit/ports.ts';
import { createEmptyDatabase } from '#test/kit/postgres.ts';

const log = silentLog();

function opening(databaseUrl: string, environment: Record<string, string> = {}) {
  const clock = fakeClock();
  const lifecycle = createLifecycle(log);
  const config = readConfig({ DATABASE_URL: databaseUrl, ...environment });
  return { clock, lifecycle, opened: openDatabase(config, { lifecycle, clock, log }) };
}

test('openDatabase() waits a minute for a server that refuses, and then says so in one sentence', async () => {
  const { clock, opened } = opening(`postgres://nobody@127.0.0.1:${await freePort()}/park`);
  let ended = false;
  const refused = opened.catch((error: unknown) => {
    ended = true;
    return error;
  });
  let waitedMs = 0;
  while (!ended) {
    await clock.advance(1_000);
    waitedMs += 1_000;
    // A refused connection is answered by the system, not by the clock.
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(String(await refused)).toMatch(/DATABASE_URL: the database does not answer \(ECONNREFUSED\)/);
  expect(waitedMs).toBeGreaterThanOrEqual(60_000);
});

test('openDatabase() does not wait where waiting cannot help: a database that does not exist', async () => {
  const url = new URL(inject('serverUrl'));
  url.pathname = '/no_such_park';
  await expect(opening(url.href).opened).rejects.toThrow(
    /^DATABASE_URL: database "no_such_park" does not exist/,
  );
});

test('openDatabase() refuses a database of another park or another time zone', async () => {
  await using database = await createEmptyDatabase();
  const first = opening(database.url, { PARK_ID: 'west' });
  expect((await first.opened).applied).toContain('0001-ground');
  await first.lifecycle[Symbol.asyncDispose]();
  await expect(opening(database.url, { PARK_ID: 'east' }).opened).rejects.toThrow('belongs to park west');
  await expect(
    opening(database.url, { PARK_ID: 'west', PARK_TIME_ZONE: 'Asia/Tokyo' }).opened,
  ).rejects.toThrow('started in time zone Asia/Shanghai');
});
