import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildConsoleInto } from './build.ts';

interface Chunk {
  readonly file: string;
  readonly isEntry?: boolean;
  readonly imports?: readonly string[];
  readonly css?: readonly string[];
}

/** CONSOLE.md: what must be here before the first page shows, gzipped. */
const initialBudgetBytes = 450 * 1024;

let folder: string;
let manifest: Readonly<Record<string, Chunk>>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parkwatch-console-'));
  await buildConsoleInto(folder);
  manifest = JSON.parse(await readFile(join(folder, '.vite/manifest.json'), 'utf8')) as typeof manifest;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A chunk and everything it imports at once. */
function withImports(name: string, seen = new Set<string>()): Set<string> {
  if (seen.has(name)) return seen;
  seen.add(name);
  for (const each of manifest[name]?.imports ?? []) withImports(each, seen);
  return seen;
}

/** Files of a page: the entry's and its own, each once. */
function filesOf(...names: readonly string[]): string[] {
  const chunks = new Set(names.flatMap((name) => [...withImports(name)]));
  return [
    ...new Set([...chunks].flatMap((name) => [manifest[name]?.file ?? '', ...(manifest[name]?.css ?? [])])),
  ];
}

async function gzipBytes(files: readonly string[]): Promise<number> {
  const sizes = await Promise.all(
    files.map(async (file) => gzipSync(await readFile(join(folder, file))).length),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

function entry(): string {
  const [name] = Object.entries(manifest).find(([, { isEntry }]) => isEntry === true) ?? [];
  if (name === undefined) throw new Error('the manifest has no entry');
  return name;
}

test('the first script, and the overview with it, stay within the budget', async () => {
  const initial = await gzipBytes(filesOf(entry()));
  const overview = await gzipBytes(filesOf(entry(), 'pages/overview/overview-page.tsx'));
  // oxlint-disable-next-line no-console
  console.info(
    `initial ${Math.round(initial / 1024)} KiB gzip, with the overview ${Math.round(overview / 1024)} KiB`,
  );
  expect(initial).toBeLessThanOrEqual(initialBudgetBytes);
  expect(overview).toBeLessThanOrEqual(initialBudgetBytes);
});

test('charts, zod and rubric items are not in what every page loads', async () => {
  const files = filesOf(entry(), 'pages/overview/overview-page.tsx');
  const code = (await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')))).join('\n');
  for (const foreign of ['ZodError', 'echarts', 'infra.network.duct-main-roads']) {
    expect(code.includes(foreign), foreign).toBe(false);
  }
});

test('the page loads nothing from elsewhere and runs under its content security policy', async () => {
  const html = await readFile(join(folder, 'index.html'), 'utf8');
  const addresses = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address);
  expect(addresses.length).toBeGreaterThan(1);
  expect(addresses.filter((address) => !address?.startsWith('/'))).toEqual([]);
  expect(html).not.toMatch(/<script(?![^>]*\bsrc=)/);
  expect(html).not.toMatch(/\son\w+=|<style/);
});
