import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attachmentLimits, type Attachment } from '#schemas/api/attachments.ts';
import { openAttachmentFiles } from '#services/attachments/files.ts';
import { attachmentRoutes } from '#services/attachments/routes.ts';
import { sha256Hex } from '#services/sealing/chain.ts';
import { addPerson, openTestApi, type TestApi, type TestPerson } from '#test/kit/api.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { until } from '#test/kit/events.ts';
import { docxFile, pdfFile, pngFile } from '#test/kit/files.ts';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';

const clock = fakeClock();
const quotaBytes = 20_000;
const stack = new AsyncDisposableStack();
const people: Record<string, TestPerson> = {};
let database: TestDatabase;
let dataDir: string;
let api: TestApi;

beforeAll(async () => {
  database = stack.use(await createTestDatabase());
  dataDir = await mkdtemp(join(tmpdir(), 'parkwatch-attachments-'));
  stack.defer(() => rm(dataDir, { recursive: true }));
  const db = database.pool;
  api = stack.use(await openTestApi({ db, clock }));
  const files = openAttachmentFiles(dataDir);
  await api.register((v1) => attachmentRoutes(v1, { db, clock, files, quotaBytes }));
  await api.root.ready();
  for (const role of ['viewer', 'assessor', 'engineer'] as const) {
    people[role] = await addPerson({ db, clock }, role);
  }
});
afterAll(() => stack.disposeAsync());

const upload = async (name: string, payload: Buffer | Readable, type = 'application/octet-stream') => {
  const answer = await api.root.inject({
    method: 'POST',
    url: `/api/v1/attachments?name=${encodeURIComponent(name)}`,
    headers: { ...people['engineer']?.headers, 'content-type': type },
    payload,
  });
  return { status: answer.statusCode, body: answer.json<Attachment & { code?: string; detail?: string }>() };
};
const download = (role: string, sha256: string) =>
  api.root.inject({
    method: 'GET',
    url: `/api/v1/attachments/${sha256}`,
    headers: { ...people[role]?.headers },
  });
const kept = async () =>
  (await readdir(join(dataDir, 'attachments'), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .toSorted();

describe('POST /attachments', () => {
  test('keeps a file by its SHA-256; the same content twice is one file with its first name', async () => {
    const bytes = pdfFile('制度');
    const first = await upload('园区制度 2026.pdf', bytes);
    expect(first).toMatchObject({
      status: 201,
      body: {
        sha256: sha256Hex(bytes),
        bytes: bytes.length,
        mediaType: 'application/pdf',
        uploadedBy: 'engineer',
      },
    });
    const again = await upload('other.pdf', bytes);
    expect(again).toMatchObject({ status: 201, body: { name: '园区制度 2026.pdf' } });
    expect(await kept()).toEqual([sha256Hex(bytes)]);
  });

  test.each([
    ['a page that calls itself a PDF', 'a.pdf', Buffer.from('<html>'), '415 unsupported-media-type'],
    [
      'an image with an archive behind it',
      'a.png',
      Buffer.concat([pngFile, docxFile()]),
      '415 unsupported-media-type',
    ],
    ['a name that climbs', '../../evil.pdf', pdfFile(), '422 invalid-request'],
    ['a name that says another kind', 'a.png', pdfFile(), '422 invalid-request'],
  ])('refuses %s, and leaves nothing behind', async (_, name, bytes, expected) => {
    const before = await kept();
    const { status, body } = await upload(name, bytes);
    expect(`${status} ${body.code}`).toBe(expected);
    expect(await kept()).toEqual(before);
  });

  test('stops reading a file that is too large, whatever length it announced', async () => {
    const chunk = Buffer.alloc(1024 * 1024);
    let sent = 0;
    const endless = Readable.from(
      (function* () {
        for (; sent < 2 * attachmentLimits.bytes; sent += chunk.length) yield chunk;
      })(),
    );
    const before = await kept();
    const answer = await upload('big.pdf', endless).catch(() => null);
    // Told, or cut off: never kept, never read to its end.
    if (answer !== null) expect(answer).toMatchObject({ status: 413, body: { code: 'too-large' } });
    expect(sent).toBeLessThan(2 * attachmentLimits.bytes);
    await until(async () => (await kept()).join() === before.join(), 'what was received to be gone');
  });

  test('takes no other type of request, and no viewer', async () => {
    expect((await upload('a.pdf', pdfFile(), 'multipart/form-data')).status).toBe(415);
    const answer = await api.root.inject({
      method: 'POST',
      url: '/api/v1/attachments?name=a.pdf',
      headers: { ...people['viewer']?.headers, 'content-type': 'application/octet-stream' },
      payload: pdfFile(),
    });
    expect(answer.statusCode).toBe(403);
  });

  test('keeps all files together within the quota, several at once, too', async () => {
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, i) => upload('a.pdf', pdfFile(`${i}`.repeat(6_000)))),
    );
    const statuses = answers.map(({ status }) => status).toSorted();
    expect(statuses).toEqual([201, 201, 201, 413, 413, 413]);
    const { rows } = await database.pool.query<{ bytes: number }>(
      'select sum(bytes)::int8 as bytes from attachment',
    );
    expect(rows[0]?.bytes).toBeLessThanOrEqual(quotaBytes);
  });
});

describe('GET /attachments/{sha256}', () => {
  test('answers the bytes to be saved, in a sandbox, as nothing else', async () => {
    const bytes = pdfFile('制度');
    const answer = await download('assessor', sha256Hex(bytes));
    expect(answer.rawPayload.equals(bytes)).toBe(true);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/pdf',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "sandbox; default-src 'none'",
    });
    const saved = String(answer.headers['content-disposition']);
    expect(saved).toMatch(/^attachment; filename="[0-9a-f]{12}"; filename\*=UTF-8''/);
    expect(decodeURIComponent(saved)).toContain('园区制度 2026.pdf');
  });

  test('serves assessors and engineers; 404 for what is not there, 422 for what is no hash', async () => {
    expect((await download('viewer', 'a'.repeat(64))).statusCode).toBe(403);
    expect((await download('assessor', 'a'.repeat(64))).statusCode).toBe(404);
    expect((await download('assessor', '..%2F..%2Fetc%2Fpasswd')).statusCode).toBe(422);
  });
});
