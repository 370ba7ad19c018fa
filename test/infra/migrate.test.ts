import { expect, test } from 'vitest';
import { migrate, claimPark } from '#infra/migrate.ts';
import { silentLog } from '#infra/log.ts';
import { dumpSchema } from '#infra/schema-dump.ts';
import { until } from '#test/kit/events.ts';
import { createTestDatabase } from '#test/kit/postgres.ts';
import { readText } from '#test/kit/tree.ts';

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
