import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { assessmentSchema } from '#schemas/api/assessment.ts';
import { assessedPeriod, insertAssessedPark } from '#test/kit/assessed-park.ts';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';

const launcher = fileURLToPath(new URL('../../../parkwatch.mjs', import.meta.url));
let database: TestDatabase;
let folder: string;

beforeAll(async () => {
  database = await createTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'parkwatch-assess-'));
  await insertAssessedPark(database.pool);
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

function parkwatch(...args: string[]) {
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const env = { PATH: '/usr/bin:/bin', PARK_ID: 'demo', DATABASE_URL: database.url, DATA_DIR: folder };
    execFile(process.execPath, [launcher, ...args], { env }, (error, stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), stdout, stderr });
    });
  });
}

const period = ['--from', assessedPeriod.from, '--to', assessedPeriod.to];

test('parkwatch assess prints the three figures and stores nothing unless told', async () => {
  const { code, stdout, stderr } = await parkwatch('assess', 'chengdu-2021', ...period);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/满分 500 分：已判定 [\d.–]+ 分，[\d.]+ 分未判定/);
  expect(stdout).toMatch(/\n[\d.–]+ of 500 points, [\d.]+ undetermined/);
  expect(stdout).toContain('1–2 / 3  物业管理·远程抄表 / Remote meter reading');
  expect(stdout).toContain('DEMO');
  expect((await database.pool.query('select 1 from evidence')).rowCount).toBe(0);
  const none = await parkwatch(
    'export-evidence',
    '--rubric',
    'chengdu-2021',
    '--out',
    join(folder, 'none.zip'),
  );
  expect([none.code, none.stderr]).toEqual([1, 'No evidence of chengdu-2021 is stored\n']);
});

test('what parkwatch assess --store keeps, export-evidence writes sealed and verify finds whole', async () => {
  const stored = await parkwatch('assess', 'chengdu-2021', ...period, '--store', '--json');
  const answer = assessmentSchema.parse(JSON.parse(stored.stdout));
  const kept = answer.items.filter(({ evidenceId }) => evidenceId !== null);
  expect(kept.map(({ verdict }) => verdict)).not.toContain('missing');

  const file = join(folder, 'pack.zip');
  // Nobody else runs: the command seals by itself.
  const made = await parkwatch('export-evidence', '--rubric', 'chengdu-2021', '--out', file, ...period);
  expect([made.code, made.stderr]).toEqual([0, '']);
  expect(existsSync(`${file}.part`)).toBe(false);

  const verified = await parkwatch('verify', file);
  expect(verified.code).toBe(0);
  expect(verified.stdout).toContain('校验通过');
  expect(verified.stdout).toContain(`VERIFIED: every byte and every score of ${kept.length} evidence rows`);

  const bytes = await readFile(file);
  // One bit somewhere in the middle.
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  await writeFile(file, bytes);
  const tampered = await parkwatch('verify', '--lang', 'en', file);
  expect(tampered.code).toBe(1);
  expect(tampered.stdout).toContain('NOT VERIFIED');
});

test('the commands say in one sentence what is wrong', async () => {
  for (const [args, sentence] of [
    [['assess', 'chengdu-2021', '--from', 'yesterday'], '--from is a time with its offset'],
    [['assess', 'chengdu-2021', '--to', '2099-01-01T00:00:00Z'], 'to is not after asOf, nor in the future'],
    [['assess', 'nowhere'], 'Usage: parkwatch assess'],
    [['export-evidence', '--rubric', 'nowhere'], 'Usage: parkwatch export-evidence'],
    [
      ['export-evidence', '--rubric', 'chengdu-2021', '--period', '2026-13'],
      '--period is a year, a month or a day',
    ],
    [['verify', join(folder, 'missing.json')], 'ENOENT'],
    [['verify'], 'Usage: parkwatch verify'],
  ] as const) {
    const { code, stderr } = await parkwatch(...args);
    expect(code, args.join(' ')).not.toBe(0);
    expect(stderr).toContain(sentence);
    expect(stderr).not.toContain('    at ');
  }
});
