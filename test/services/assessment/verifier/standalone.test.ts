import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rubrics } from '#schemas/rubrics/index.ts';
import { assess } from '#services/assessment/assess.ts';
import { storeEvidence } from '#services/assessment/evidence.ts';
import { makePack } from '#services/assessment/pack.ts';
import { loadSigner } from '#services/sealing/signing.ts';
import { assessedPeriod, assessmentDeps, insertAssessedPark, sealAll } from '#test/kit/assessed-park.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { createTestDatabase } from '#test/kit/postgres.ts';
import { root } from '#test/kit/tree.ts';

/** The Node of the machine, where it is older than ours: the verifier must run on it. */
const machineNode = ['/usr/bin/node', '/usr/local/bin/node'].find((file) => existsSync(file));
let folder: string;
let pack: string;
let verifier: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parkwatch-standalone-'));
  verifier = join(folder, 'verify.mjs');
  await build({
    configFile: join(root, 'services/assessment/verifier/vite.config.ts'),
    logLevel: 'warn',
    build: { outDir: folder },
  });
  await using database = await createTestDatabase();
  const [db, clock] = [database.pool, fakeClock()];
  await insertAssessedPark(db);
  const deps = assessmentDeps({ db, clock, signer: await loadSigner(join(folder, 'key.pem')) });
  const rubric = rubrics.get('chengdu-2021');
  if (rubric === undefined) throw new Error('no rubric');
  const period = { fromMs: Date.parse(assessedPeriod.from), toMs: Date.parse(assessedPeriod.to) };
  const run = await assess(db, { rubric, ...period, asOfMs: clock.nowMs(), timeZone: 'Asia/Shanghai' });
  await storeEvidence(db, run, { parkId: 'demo', program: '0.0.0-test', actor: 'eva' });
  await sealAll(db, clock);
  pack = await makePack(deps, { rubricId: rubric.id, period, patienceMs: 0 });
  await writeFile(join(folder, 'pack.json'), pack);
});
afterAll(() => rm(folder, { recursive: true }));

function verify(node: string, file: string) {
  return new Promise<{ code: number; stdout: string }>((resolve) => {
    // Copied alone into a folder without packages: it finds nothing beside itself.
    execFile(
      node,
      [verifier, join(folder, file), '--lang', 'en'],
      { cwd: folder, env: {} },
      (error, stdout) => {
        resolve({ code: Number(error?.code ?? 0), stdout });
      },
    );
  });
}

test('the built verifier is one file that imports nothing but Node', async () => {
  const text = await readFile(verifier, 'utf8');
  const imports = [...text.matchAll(/^\s*import\b[^'"]*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)/gm)];
  expect(imports.map(([, name, dynamic]) => name ?? dynamic).toSorted()).toEqual([
    'node:crypto',
    'node:fs/promises',
    'node:util',
  ]);
  expect(text).not.toMatch(/\brequire\(/);
  expect(text.startsWith('#!/usr/bin/env node\n')).toBe(true);
});

test.skipIf(machineNode === undefined)('the built verifier runs under the Node of the machine', async () => {
  const node = machineNode ?? '';
  const major = Number(/^v(\d+)/.exec(execFileSync(node, ['--version'], { encoding: 'utf8' }))?.[1]);
  expect(major).toBeGreaterThanOrEqual(20);
  expect(await verify(node, 'pack.json')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('VERIFIED'),
  });
});

test('the built verifier tells a tampered pack and bytes that are no UTF-8', async () => {
  // Bodies are texts within the text.
  const other = pack.replace(String.raw`\"value\":75`, String.raw`\"value\":95`);
  expect(other).not.toBe(pack);
  await writeFile(join(folder, 'tampered.json'), other);
  expect(await verify(process.execPath, 'tampered.json')).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('NOT VERIFIED'),
  });
  await writeFile(join(folder, 'broken.json'), Buffer.concat([Buffer.from(pack), Buffer.from([0xff])]));
  expect((await verify(process.execPath, 'broken.json')).code).toBe(2);
});
