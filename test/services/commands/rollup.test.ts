import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { localCalendar, shiftDay } from '#schemas/local-time.ts';
import { insertDevices, insertReadings } from '#test/kit/park-rows.ts';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';

const launcher = fileURLToPath(new URL('../../../parkwatch.mjs', import.meta.url));
const calendar = localCalendar('Asia/Shanghai');
const today = calendar.dayOf(Date.now());
const day = shiftDay(today, -1);
let database: TestDatabase;
let folder: string;

beforeAll(async () => {
  database = await createTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'parkwatch-rollup-'));
  await insertDevices(database.pool, [{ id: 'meter', class: 'energy-meter', from: '2020-01-01T00:00:00Z' }]);
  await insertReadings(database.pool, {
    device: 'meter',
    metric: 'active_power',
    from: new Date(calendar.startOf(day)).toISOString(),
    to: new Date(calendar.startOf(today)).toISOString(),
    everyS: 60,
    value: 2,
  });
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

function rebuild(...args: string[]) {
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const env = { PATH: '/usr/bin:/bin', PARK_ID: 'demo', DATABASE_URL: database.url, DATA_DIR: folder };
    execFile(process.execPath, [launcher, 'rollup', ...args], { env }, (error, stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), stdout, stderr });
    });
  });
}

test('parkwatch rollup rebuild makes wrong rows right again', async () => {
  await database.pool.query(
    `insert into rollup_1d (day, point_id, count, good, summed, quality, sum)
     select d, point_id, 99, 99, 99, 0, 99 from point, unnest($1::date[]) d`,
    [[day, today]],
  );
  const { code, stdout, stderr } = await rebuild('rebuild', '--from', day, '--to', today);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toContain(`Rebuilt ${day} to ${today}.`);
  const { rows } = await database.pool.query(
    `select to_char(day, 'YYYY-MM-DD') as day, count, sum from rollup_1d`,
  );
  expect(rows).toEqual([{ day, count: 1_440, sum: 2_880 }]);
});

test('parkwatch rollup rebuild beyond the horizon names the first local day that it takes', async () => {
  const { stderr } = await rebuild('rebuild', '--from', shiftDay(today, -400), '--to', day);
  const first = /local day (\d{4}-\d\d-\d\d) on/.exec(stderr)?.[1] ?? '';
  expect((await rebuild('rebuild', '--from', shiftDay(first, -1), '--to', first)).stderr).toContain(first);
  expect((await rebuild('rebuild', '--from', first, '--to', first)).code).toBe(0);
});

test.each([
  [['rebuild', '--from', shiftDay(today, -400), '--to', day], 'Raw readings are whole from the local day '],
  [['rebuild', '--from', today, '--to', day], '--from is after --to'],
  [['rebuild', '--from', day, '--to', shiftDay(today, 1)], '--to is after today'],
  [['rebuild', '--from', '2026-02-30', '--to', day], '--from is a local day, such as 2026-11-20'],
  [['rebuild', '--from', day], 'Usage: parkwatch rollup rebuild'],
  [['compact'], 'Usage: parkwatch rollup rebuild'],
])('parkwatch rollup %s is refused with a sentence', async (args, sentence) => {
  const { code, stderr } = await rebuild(...args);
  expect(code).not.toBe(0);
  expect(stderr).toContain(sentence);
  expect(stderr).not.toContain('    at ');
});
