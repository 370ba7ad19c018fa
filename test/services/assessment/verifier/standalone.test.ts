import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hasChromium, openPage, startBrowser } from '#test/dashboards/browser.ts';
import { makeAssessedPack } from '#test/kit/assessed-pack.ts';
import { repack, setText, textIn, unpack } from '#test/kit/pack.ts';
import { root } from '#test/kit/tree.ts';

/** The Node of the machine, where it is older than ours: the verifier must run on it. */
const machineNode = ['/usr/bin/node', '/usr/local/bin/node'].find((file) => existsSync(file));
let folder: string;
let pack: Buffer;
let verifier: string;
let page: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parkwatch-standalone-'));
  verifier = join(folder, 'parkwatch-verify.mjs');
  page = join(folder, 'parkwatch-verify.html');
  for (const config of ['vite.config.ts', 'page/vite.config.ts']) {
    await build({
      configFile: join(root, 'services/assessment/verifier', config),
      logLevel: 'warn',
      build: { outDir: folder },
    });
  }
  pack = await makeAssessedPack();
  await writeFile(join(folder, 'pack.zip'), pack);
  await writeFile(join(folder, 'tampered.zip'), await tampered());
  await writeFile(join(folder, 'cut.zip'), pack.subarray(0, pack.length - 1_000));
});
afterAll(() => rm(folder, { recursive: true }));

/** Three of four meters become all of them. */
function tampered(): Promise<Buffer> {
  const files = unpack(pack);
  for (const path of [...files.keys()].filter((name) => name.startsWith('records/'))) {
    setText(files, path, textIn(files, path).replace('"value":75', '"value":95'));
  }
  return repack(files);
}

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
    'node:zlib',
  ]);
  expect(text).not.toMatch(/\brequire\(/);
  expect(text.startsWith('#!/usr/bin/env node\n')).toBe(true);
});

test.skipIf(machineNode === undefined)('the built verifier runs under the Node of the machine', async () => {
  const node = machineNode ?? '';
  const major = Number(/^v(\d+)/.exec(execFileSync(node, ['--version'], { encoding: 'utf8' }))?.[1]);
  expect(major).toBeGreaterThanOrEqual(20);
  expect(await verify(node, 'pack.zip')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('VERIFIED'),
  });
  expect((await verify(node, 'tampered.zip')).code).toBe(1);
});

test('the built verifier tells a tampered pack, one that is cut off, and a file that is not there', async () => {
  expect(await verify(process.execPath, 'tampered.zip')).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('NOT VERIFIED'),
  });
  expect(await verify(process.execPath, 'cut.zip')).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('The archive is cut off'),
  });
  expect((await verify(process.execPath, 'nowhere.zip')).code).toBe(2);
});

test('the built page is one file that may connect to nowhere', async () => {
  const text = await readFile(page, 'utf8');
  expect(text).toContain("default-src 'none'");
  expect(text).not.toMatch(/<(script|link|img)[^>]+(src|href)=/);
  expect(text).not.toMatch(/\b(fetch|XMLHttpRequest|WebSocket|sendBeacon)\s*\(/);
});

test.skipIf(!hasChromium())(
  'the page, opened from the disk, checks a pack that is dropped on it, and finds the tampered ones',
  async () => {
    const browser = await startBrowser();
    try {
      const { page: tab, faults } = await openPage(browser);
      const asked: string[] = [];
      tab.on('request', (request) => asked.push(request.url()));
      await tab.goto(`file://${page}`);
      const verdict = async (file: string) => {
        const content = (await readFile(join(folder, file))).toString('base64');
        // Dropped as by a hand: a DataTransfer with the file, made in the page.
        await tab.evaluate(`{
          const bytes = Uint8Array.from(atob('${content}'), (character) => character.charCodeAt(0));
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File([bytes], '${file}'));
          document.getElementById('drop').dispatchEvent(new DragEvent('drop', { dataTransfer }));
        }`);
        await tab.locator('#verdict[data-state=good], #verdict[data-state=bad]').waitFor();
        return `${await tab.locator('#verdict').innerText()}\n${await tab.locator('#report').innerText()}`;
      };
      const good = await verdict('pack.zip');
      expect(good).toMatch(/校验通过 VERIFIED[^]*operation\.property\.remote-metering/);
      expect(await verdict('tampered.zip')).toMatch(/不通过 NOT VERIFIED[^]*records\/\d{8}\.json/);
      expect(await verdict('cut.zip')).toContain('压缩包不完整');
      // A file by the button gives the same.
      await tab.locator('#file').setInputFiles(join(folder, 'pack.zip'));
      await tab.locator('#verdict[data-state=good]').waitFor();
      expect(asked).toEqual([`file://${page}`]);
      expect(faults).toEqual([]);
    } finally {
      await browser.close();
    }
  },
);
