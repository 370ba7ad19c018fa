import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { scoredRubrics } from '#schemas/rubrics/index.ts';
import { hasChromium, openPage, startBrowser } from '#test/dashboards/browser.ts';
import { makeAssessedPacks } from '#test/kit/assessed-pack.ts';
import { chainIn, repack, setChain, setText, textIn, unpack, type PackFiles } from '#test/kit/pack.ts';
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
  const packs = await makeAssessedPacks([...scoredRubrics.keys()]);
  for (const [id, bytes] of Object.entries(packs)) await writeFile(join(folder, `${id}.zip`), bytes);
  pack = packs['chengdu-2021'] ?? Buffer.alloc(0);
  await writeFile(join(folder, 'pack.zip'), pack);
  await writeFile(join(folder, 'tampered.zip'), await tampered());
  await writeFile(join(folder, 'cut.zip'), pack.subarray(0, pack.length - 1_000));
  for (const [name, { bytes }] of Object.entries(await badPacks())) {
    await writeFile(join(folder, `${name}.zip`), bytes);
  }
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

interface BadPack {
  readonly bytes: Uint8Array;
  /** What the verdict has to say, in English. */
  readonly says: string;
}

/** Every way to spoil a pack, each with what it has to be told by. */
async function badPacks(): Promise<Record<string, BadPack>> {
  const record = [...unpack(pack).keys()].find((path) => path.startsWith('records/')) ?? '';
  const changedBy = async (edit: (files: PackFiles) => void) => {
    const files = unpack(pack);
    edit(files);
    return repack(files);
  };
  const swapped = (files: PackFiles) => {
    const [a, b, ...rest] = chainIn(files);
    if (a !== undefined && b !== undefined) setChain(files, [b, a, ...rest]);
  };
  return {
    'changed-byte': {
      bytes: await changedBy((files) =>
        setText(files, record, textIn(files, record).replace('"maximum":', '"maximum": ')),
      ),
      says: `${record} (row 1) is not the one of the signed manifest`,
    },
    'left-out': {
      bytes: await changedBy((files) => void files.delete(record)),
      says: `${record} (row 1) is missing`,
    },
    reordered: { bytes: await changedBy(swapped), says: 'Row 1 is numbered 2' },
    truncated: { bytes: pack.subarray(0, pack.length >> 1), says: 'The archive is cut off' },
    // A directory that promises more than anybody may unpack: the size of each file stands there.
    bomb: { bytes: bombOf(pack), says: 'zip bomb' },
  };
}

/** The pack with the unpacked size of its first file set to 3 GiB, in the file's header and in the directory. */
function bombOf(bytes: Buffer): Buffer {
  const bomb = Buffer.from(bytes);
  // The end of the archive, 22 bytes and a comment of 64, says where its directory begins.
  const directory = bomb.readUInt32LE(bomb.length - 64 - 22 + 16);
  for (const at of [22, directory + 24]) bomb.writeUInt32LE(3 * 2 ** 30, at);
  return bomb;
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

/** Drops a file on the page as by a hand: a DataTransfer with it, made in the page. Returns what the page then says. */
async function dropped(tab: Page, file: string): Promise<string> {
  const content = (await readFile(join(folder, file))).toString('base64');
  await tab.evaluate(`{
    const bytes = Uint8Array.from(atob('${content}'), (character) => character.charCodeAt(0));
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([bytes], '${file}'));
    document.getElementById('drop').dispatchEvent(new DragEvent('drop', { dataTransfer }));
  }`);
  await tab.locator('#verdict[data-state=good], #verdict[data-state=bad]').waitFor();
  return `${await tab.locator('#verdict').innerText()}\n${await tab.locator('#report').innerText()}`;
}

describe.skipIf(!hasChromium())('the page, opened from the disk', () => {
  let browser: Browser;
  let tab: Page;
  const asked: string[] = [];
  const faults: string[] = [];
  beforeAll(async () => {
    browser = await startBrowser();
    const opened = await openPage(browser);
    tab = opened.page;
    tab.on('request', (request) => asked.push(request.url()));
    tab.on('pageerror', (error) => faults.push(String(error)));
    await tab.goto(`file://${page}`);
  });
  afterAll(async () => {
    await browser.close();
    expect(asked).toEqual([`file://${page}`]);
    expect(faults).toEqual([]);
  });
  const speak = (language: string) => tab.getByRole('button', { name: language, exact: true }).click();

  test('finds a pack whole that is dropped on it, in either language, and the tampered ones not', async () => {
    await speak('中文');
    expect(await dropped(tab, 'pack.zip')).toMatch(
      /✓? ?校验通过[^]*满分 500 分[^]*operation\.property\.remote-metering .*远程抄表/,
    );
    // The words change, the verdict stays.
    await speak('English');
    const english = `${await tab.locator('#verdict').innerText()}\n${await tab.locator('#report').innerText()}`;
    expect(english).toMatch(/VERIFIED[^]*of 500 points[^]*operation\.property\.remote-metering Remote meter/);
    expect(await tab.locator('body').innerText()).not.toMatch(/校验(通过|不通过)|园区公布/);
    expect(await dropped(tab, 'tampered.zip')).toMatch(/NOT VERIFIED[^]*records\/\d{8}\.json/);
    await speak('中文');
    expect(await dropped(tab, 'cut.zip')).toContain('压缩包不完整');
    // A file by the button gives the same.
    await tab.locator('#file').setInputFiles(join(folder, 'pack.zip'));
    await tab.locator('#verdict[data-state=good]').waitFor();
  });

  test('asks for another key as soon as one is typed', async () => {
    await speak('English');
    await dropped(tab, 'pack.zip');
    await tab.locator('#key').fill('0123456789abcdef');
    await tab.locator('#key').press('Tab');
    await tab.locator('#verdict[data-state=bad]').waitFor();
    await tab.locator('#key').fill('');
    await tab.locator('#key').press('Tab');
    await tab.locator('#verdict[data-state=good]').waitFor();
  });

  test.each([...scoredRubrics.keys()])('finds the pack of %s whole', async (id) => {
    await speak('English');
    expect(await dropped(tab, `${id}.zip`)).toMatch(/^[^]*VERIFIED[^]*Computed anew/);
    expect(await tab.locator('#verdict').getAttribute('data-state')).toBe('good');
  });

  test.each(['changed-byte', 'left-out', 'reordered', 'truncated', 'bomb'])(
    'says of a pack what is wrong: %s',
    async (name) => {
      await speak('English');
      const { says } = (await badPacks())[name] ?? { says: 'no such pack' };
      const told = await dropped(tab, `${name}.zip`);
      expect(told).toContain('NOT VERIFIED');
      expect(told).toContain(says);
      // The program says the same.
      expect(await verify(process.execPath, `${name}.zip`)).toMatchObject({
        code: 1,
        stdout: expect.stringContaining(says),
      });
    },
  );

  test.each([390, 1280, 3840])('stands within a window of %d pixels', async (width) => {
    await tab.setViewportSize({ width, height: 800 });
    await dropped(tab, 'tampered.zip');
    expect(await tab.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
  });
});
