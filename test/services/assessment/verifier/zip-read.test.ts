import { createHash } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import * as fc from 'fast-check';
import { zipSync } from 'fflate';
import { expect, test } from 'vitest';
import { nodePlatform } from '#services/assessment/verifier/node-platform.ts';
import { createBrowserPlatform } from '#services/assessment/verifier/page/browser-platform.ts';
import { bytesSource } from '#services/assessment/verifier/platform.ts';
import {
  archiveLimits,
  directoryEntry,
  endRecord,
  localHeader,
  type ZipEntry,
} from '#services/assessment/verifier/zip-form.ts';
import { hashEntry, isAsWritten, openArchive, readEntry } from '#services/assessment/verifier/zip-read.ts';
import { repack } from '#test/kit/pack.ts';

const platforms = [nodePlatform, createBrowserPlatform()];
const files = new Map([
  ['a/one.json', Buffer.from(JSON.stringify({ text: 'abc'.repeat(500) }))],
  ['report.pdf', Buffer.from('%PDF stored')],
  ['b.csv', Buffer.from('x,y\r\n')],
]);

/** An archive whose headers say what is asked, true or not. */
function forged(entries: readonly (Partial<ZipEntry> & { path: string; data: Uint8Array })[]): Buffer {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const { data, ...told } of entries) {
    const entry = {
      isDeflated: false,
      crc32: 0,
      packedBytes: data.length,
      bytes: data.length,
      offset: at,
      ...told,
    };
    parts.push(localHeader(entry), data);
    directory.push(directoryEntry(entry));
    at += localHeader(entry).length + data.length;
  }
  const bytes = directory.reduce((sum, part) => sum + part.length, 0);
  parts.push(...directory, endRecord({ entries: entries.length, bytes, offset: at }));
  const digest = createHash('sha256').update(Buffer.concat(parts)).digest('hex');
  return Buffer.concat([...parts, Buffer.from(digest)]);
}

async function problemOf(bytes: Uint8Array): Promise<string | null> {
  const [inNode, inBrowser] = await Promise.all(
    platforms.map((platform) => openArchive(bytesSource(bytes), platform)),
  );
  const told = [inNode, inBrowser].map((one) => (one !== undefined && 'en' in one ? one.en : null));
  expect(told[0]).toBe(told[1]);
  return told[0] ?? null;
}

/** Whether an archive opens, is as written, and every file of it can be read. */
async function isWhole(bytes: Uint8Array): Promise<boolean> {
  const archive = await openArchive(bytesSource(bytes), nodePlatform);
  if ('en' in archive) return false;
  for (const entry of archive.entries.values()) {
    if ((await hashEntry(archive, entry)) === null) return false;
  }
  return isAsWritten(archive);
}

test('openArchive() reads what ZipWriter made, and any zip tool does', async () => {
  const bytes = await repack(files);
  for (const platform of platforms) {
    const archive = await openArchive(bytesSource(bytes), platform);
    if ('en' in archive) throw new Error(archive.en);
    for (const [path, content] of files) {
      const entry = archive.entries.get(path);
      if (entry === undefined) throw new Error(path);
      expect(Buffer.from((await readEntry(archive, entry)) ?? []).equals(content)).toBe(true);
      expect(await hashEntry(archive, entry)).toBe(createHash('sha256').update(content).digest('hex'));
    }
    expect(await isAsWritten(archive)).toBe(true);
  }
});

test('a changed byte anywhere is found', async () => {
  const bytes = await repack(files);
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
      const other = Buffer.from(bytes);
      other[at] = (other[at] ?? 0) ^ flip;
      expect(await isWhole(other)).toBe(false);
    }),
    { numRuns: 1_000 },
  );
});

test('an archive cut off anywhere is found and called so; bytes after it, too', async () => {
  const bytes = await repack(files);
  for (let length = 4; length < bytes.length; length += 7) {
    expect(await problemOf(bytes.subarray(0, length)), `${length}`).toContain('cut off');
  }
  expect(await problemOf(bytes.subarray(0, bytes.length - 1))).toContain('cut off');
  expect(await problemOf(Buffer.concat([bytes, Buffer.from('x')]))).toContain('cut off');
  expect(await problemOf(Buffer.from('{"format":"json"}'))).toContain('no ZIP archive');
  expect(await problemOf(Buffer.alloc(0))).toContain('no ZIP archive');
});

test('an archive that another program packed is read, is not as written, and is held to the same limits', async () => {
  const anew = (paths: Record<string, Uint8Array>) => Buffer.from(zipSync(paths, { comment: 'anew' }));
  const packed = anew(Object.fromEntries(files));
  expect(await isWhole(packed)).toBe(false);
  const archive = await openArchive(bytesSource(packed), nodePlatform);
  if ('zh' in archive) throw new Error(archive.en);
  for (const [path, content] of files) {
    const entry = archive.entries.get(path);
    const read = entry === undefined ? null : await readEntry(archive, entry);
    expect(Buffer.from(read ?? []).equals(content), path).toBe(true);
  }
  for (let length = 4; length < packed.length; length += 7) {
    expect(await problemOf(packed.subarray(0, length)), `${length}`).toContain('cut off');
  }
  expect(await problemOf(anew({ '../out.json': files.get('b.csv') ?? Buffer.alloc(0) }))).toContain(
    'could leave the folder',
  );
  const bomb = anew({ 'a.json': Buffer.from('x') });
  bomb.writeUInt32LE(archiveLimits.entryBytes + 1, bomb.indexOf('PK\u0001\u0002') + 24);
  expect(await problemOf(bomb)).toContain('zip bomb');
  const overlap = anew({ 'a.json': Buffer.from('x'), 'b.json': Buffer.from('y') });
  overlap.writeUInt32LE(0, overlap.lastIndexOf('PK\u0001\u0002') + 42);
  expect(await problemOf(overlap)).toContain('cut off');
});

test('a name that would leave its folder is refused and shown', async () => {
  const data = Buffer.from('x');
  for (const path of [
    '../evil',
    '/etc/passwd',
    'a/../../b',
    String.raw`..\evil`,
    'C:/x',
    'a//b',
    '.hidden',
    'a\u001B[2J',
  ]) {
    const problem = await problemOf(forged([{ path, data }]));
    expect(problem, path).toContain('is not allowed');
    expect(problem).not.toContain('\u001B');
  }
});

test('two files of one name, files that overlap, and bytes between them are refused', async () => {
  const data = Buffer.from('x');
  expect(
    await problemOf(
      forged([
        { path: 'a', data },
        { path: 'a', data },
      ]),
    ),
  ).toContain('same name');
  // Many names for the same bytes: a few kilobytes that unpack to terabytes.
  const overlap = forged([
    { path: 'a', data },
    { path: 'b', data, offset: 0 },
  ]);
  expect(await problemOf(overlap)).toContain('overlaps');
  const gap = forged([{ path: 'a', data: Buffer.from('xx'), packedBytes: 1, bytes: 1 }]);
  expect(await problemOf(gap)).toContain('Bytes stand between');
});

test('a zip bomb is refused before it is unpacked, or stopped where it passes what it declares', async () => {
  const bomb = deflateRawSync(Buffer.alloc(50 * 2 ** 20));
  expect(bomb.length).toBeLessThan(60_000);
  const declared = { path: 'a', data: bomb, isDeflated: true };
  expect(await problemOf(forged([{ ...declared, bytes: archiveLimits.entryBytes + 1 }]))).toContain(
    'zip bomb',
  );
  const most = archiveLimits.entryBytes;
  const many = Array.from({ length: 33 }, (_, i) => ({ ...declared, path: `a${i}`, bytes: most }));
  expect(await problemOf(forged(many))).toContain('zip bomb');
  for (const platform of platforms) {
    const archive = await openArchive(bytesSource(forged([{ ...declared, bytes: 1_000 }])), platform);
    if ('en' in archive) throw new Error(archive.en);
    for (const entry of archive.entries.values()) {
      expect(await readEntry(archive, entry)).toBeNull();
      expect(await hashEntry(archive, entry)).toBeNull();
    }
  }
});

test('a stored file that claims another size, and a directory beyond the limit, are refused', async () => {
  expect(await problemOf(forged([{ path: 'a', data: Buffer.from('x'), bytes: 2 }]))).toContain('zip bomb');
  const end = endRecord({ entries: 65_535, bytes: 0, offset: 40 });
  const body = Buffer.concat([Buffer.from('PK\u0003\u0004'), Buffer.alloc(36), end, Buffer.alloc(64, '0')]);
  expect(await problemOf(body)).toContain('more than');
});
