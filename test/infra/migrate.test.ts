import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { migrate, claimPark } from '#infra/migrate.ts';
import { silentLog } from '#infra/log.ts';
import { dumpSchema } from '#infra/schema-dump.ts';
import { until } from '#test/kit/events.ts';
import { createEmptyDatabase, createTestDatabase } from '#test/kit/postgres.ts';
import { readText, root } from '#test/kit/tree.ts';

test('migrate() gives the schema that infra/sql/schema.sql shows (else: npm run schema)', async () => {
  await using database = await createTestDatabase();
  expect(await dumpSchema(database.pool)).toBe(readText('infra/sql/schema.sql'));
});

test('migrate() does nothing on a database that is up to date', async () => {
  await using database = await createTestDatabase();
  expect((await migrate({ databaseUrl: database.url, log: silentLog() })).applied).toEqual([]);
});

test('migrate() stops when an applied migration has another text', async () => {
  await using database = await createTestDatabase();
  await database.pool.query(`update schema_migration set sha256 = 'other' where id = '0001-ground'`);
  await expect(migrate({ databaseUrl: database.url, log: silentLog() })).rejects.toThrow(
    'applied files never change',
  );
});

test('migrate() stops when the database was migrated by a newer program', async () => {
  await using database = await createTestDatabase();
  await database.pool.query(`insert into schema_migration (id, sha256) values ('9999-later', 'x')`);
  await expect(migrate({ databaseUrl: database.url, log: silentLog() })).rejects.toThrow('newer Parkwatch');
});

test('migrate() goes on where one that was killed has ended, each migration whole or not at all', async () => {
  await using database = await createEmptyDatabase();
  const applied = async () => {
    const { rows } = await database.pool.query<{ there: boolean }>(
      `select to_regclass('schema_migration') is not null as there`,
    );
    if (rows[0]?.there !== true) return 0;
    return (await database.pool.query('select from schema_migration')).rowCount ?? 0;
  };
  const steps = [];
  // Each is killed as soon as it has done one more than the one before.
  for (let least = 1; least < 12; least += 3) {
    const child = spawn(process.execPath, [join(root, 'test/kit/migrating-child.ts'), database.url]);
    const ended = once(child, 'exit');
    while ((await applied()) < least && child.exitCode === null) await setImmediate();
    child.kill('SIGKILL');
    await ended;
    steps.push(await applied());
  }
  expect(steps[0]).toBeGreaterThan(0);
  await migrate({ databaseUrl: database.url, log: silentLog() });
  expect(await dumpSchema(database.pool)).toBe(readText('infra/sql/schema.sql'));
});

test('migrate() rolls back a migration that fails in its midst, tells which, and goes on once it can', async () => {
  await using database = await createEmptyDatabase();
  // Something of the same name stands in the way of a later migration.
  await database.pool.query('create table rollup_1d (mine int)');
  await expect(migrate({ databaseUrl: database.url, log: silentLog() })).rejects.toThrow('0010-rollup');
  const { rows } = await database.pool.query<{ there: string | null }>(
    `select to_regclass('rollup_15m')::text as there`,
  );
  expect(rows).toEqual([{ there: null }]);
  await database.pool.query('drop table rollup_1d');
  await migrate({ databaseUrl: database.url, log: silentLog() });
  expect(await dumpSchema(database.pool)).toBe(readText('infra/sql/schema.sql'));
});

test('claimPark() refuses another park and another time zone', async () => {
  await using database = await createTestDatabase();
  await claimPark(database.url, { id: 'a', timeZone: 'Asia/Shanghai' });
  await claimPark(database.url, { id: 'a', timeZone: 'Asia/Shanghai' });
  await expect(claimPark(database.url, { id: 'b', timeZone: 'Asia/Shanghai' })).rejects.toThrow(
    'PARK_ID is b',
  );
  await expect(claimPark(database.url, { id: 'a', timeZone: 'Europe/Berlin' })).rejects.toThrow('time zone');
});

test('migrate() adopts unsealed journal rows that a restore brought with transaction ids of another server', async () => {
  await using database = await createTestDatabase();
  await database.pool.query(`insert into journal (journal, xid, body) values ('audit', '999999999', '{}')`);
  await migrate({ databaseUrl: database.url, log: silentLog() });
  // The row is sealable as soon as no older transaction of the whole server is open, other tests' included.
  const sealable = 'select 1 from journal where xid < pg_snapshot_xmin(pg_current_snapshot())';
  await until(async () => (await database.pool.query(sealable)).rows.length === 1, 'the row to be sealable');
});
