import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';

const launcher = fileURLToPath(new URL('../../../parkwatch.mjs', import.meta.url));
let database: TestDatabase;
let folder: string;

beforeAll(async () => {
  database = await createTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'parkwatch-import-'));
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

async function importFile(text: string | Buffer, ...args: string[]) {
  const file = join(folder, 'park.yaml');
  await writeFile(file, text);
  const env = { PATH: '/usr/bin:/bin', PARK_ID: 'demo', DATABASE_URL: database.url };
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, [launcher, 'import', file, ...args], { env }, (error, stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), stdout, stderr });
    });
  });
}

const park = `spaces:
  - { id: park, kind: park, name: 智园 }
devices:
  - { id: em-1, name: Meter, class: energy-meter, spaceId: park }
`;

test('parkwatch import writes a park, and finds it unchanged the second time', async () => {
  expect(await importFile(park, '--dry-run')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('--dry-run'),
  });
  const first = await importFile(park);
  expect(first).toMatchObject({ code: 0, stdout: expect.stringContaining('devices: 1 created') });
  expect((await importFile(park)).stdout).toContain('devices: 0 created, 0 changed, 1 unchanged');
});

test('parkwatch import prints every fault with its line and imports nothing', async () => {
  const { code, stderr } = await importFile(
    `${park}  - { id: em-2, name: Two, class: toaster }\n  - { id: em 3 }\n`,
  );
  expect(code).toBe(1);
  expect(stderr).toContain('park.yaml:5:35 /devices/1/class there is no device class "toaster"');
  expect(stderr).toContain('park.yaml:6:11 /devices/2/id');
  const { rows } = await database.pool.query(`select 1 from device where id = 'em-2'`);
  expect(rows).toEqual([]);
});

test('parkwatch import says in one sentence what it cannot read', async () => {
  expect(await importFile(Buffer.from([0xc3, 0x28]))).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('is not UTF-8 text'),
  });
});
