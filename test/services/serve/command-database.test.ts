import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { systemClock } from '#infra/clock.ts';
import { readConfig } from '#infra/config.ts';
import { findEmbeddedPostgres } from '#infra/embedded-postgres.ts';
import { createLifecycle } from '#infra/lifecycle.ts';
import { silentLog } from '#infra/log.ts';
import { openCommandDatabase } from '#services/serve/command-database.ts';
import { openDatabase } from '#services/serve/database.ts';

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

const parts = (lifecycle: ReturnType<typeof createLifecycle>) => ({
  lifecycle,
  clock: systemClock(),
  log: silentLog(),
});

test('openCommandDatabase() uses the server of a running park, leaves it running, and starts one alone', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'parkwatch-command-'));
  await chmod(dataDir, 0o755);
  folders.push(dataDir);
  const config = readConfig({ PARK_ID: 'p', DATA_DIR: dataDir });
  {
    await using park = createLifecycle(silentLog());
    const { url, db } = await openDatabase(config, parts(park));
    {
      await using command = createLifecycle(silentLog());
      const beside = await openCommandDatabase(config, parts(command));
      expect(beside.url).toBe(url);
      await beside.db.query(`update park set created_at = '2026-01-01Z'`);
    }
    await db.query('select 1');
    const other = readConfig({ PARK_ID: 'other', DATA_DIR: dataDir });
    await using wrong = createLifecycle(silentLog());
    await expect(openCommandDatabase(other, parts(wrong))).rejects.toThrow('belongs to park p');
  }
  expect(findEmbeddedPostgres(dataDir)).toBeUndefined();
  await using alone = createLifecycle(silentLog());
  const { db } = await openCommandDatabase(config, parts(alone));
  const { rows } = await db.query<{ year: number }>(
    'select extract(year from created_at)::int as year from park',
  );
  expect(rows).toEqual([{ year: 2026 }]);
});
