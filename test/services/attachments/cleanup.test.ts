import { mkdtemp, readdir, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { silentLog } from '#infra/log.ts';
import { transaction } from '#infra/postgres.ts';
import { attachmentLimits } from '#schemas/api/attachments.ts';
import { removeUnnamed, startCleanup } from '#services/attachments/cleanup.ts';
import { openAttachmentFiles } from '#services/attachments/files.ts';
import { keepUpload } from '#services/attachments/keep.ts';
import { knownAttachments } from '#services/attachments/store.ts';
import { makeClaim, withdraw } from '#services/claims/claims.ts';
import { createRecord, kindOf, withdrawRecord } from '#services/registers/registers.ts';
import { claimBody } from '#schemas/api/claims.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { pdfFile } from '#test/kit/files.ts';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';

const clock = fakeClock();
const stack = new AsyncDisposableStack();
const log = silentLog();
const weekMs = attachmentLimits.unnamedDays * 86_400_000;
let database: TestDatabase;
let folder: string;

beforeAll(async () => {
  database = stack.use(await createTestDatabase());
  folder = await mkdtemp(join(tmpdir(), 'parkwatch-cleanup-'));
  stack.defer(() => rm(folder, { recursive: true }));
});
afterAll(() => stack.disposeAsync());

const deps = () => ({ db: database.pool, clock, log, files: openAttachmentFiles(folder) });
async function upload(text: string) {
  const of = { stream: Readable.from([pdfFile(text)]), name: `${text}.pdf`, actor: 'eva', address: '::1' };
  const { sha256, name } = await keepUpload(deps(), of);
  return { sha256, name };
}
const known = async (sha256: string) => (await knownAttachments(database.pool, [sha256])).has(sha256);
const kept = async (sha256: string) =>
  (await readdir(join(folder, 'attachments'), { recursive: true })).some((path) => path.endsWith(sha256));
const editor = { actor: 'eva' };

function record(code: string, documents: readonly { sha256: string; name: string }[]) {
  return createRecord(deps(), kindOf('document'), {
    code,
    from: '2026-01-01',
    until: null,
    fields: { name: code, type: 'rules', version: '1' },
    documents,
    editor,
  });
}

test('removeUnnamed() removes a file that nobody named for the stated time, bytes and all, and tells the audit', async () => {
  const left = await upload('left');
  await clock.advance(weekMs - 1_000);
  expect(await removeUnnamed(deps())).toBe(0);
  await clock.advance(2_000);
  expect(await removeUnnamed(deps())).toBe(1);
  expect([await known(left.sha256), await kept(left.sha256)]).toEqual([false, false]);
  const { rows } = await database.pool.query(
    `select body::json ->> 'actor' as actor, body::json ->> 'object' as object from journal
     where journal = 'audit' and body::json ->> 'action' = 'attachment.remove'`,
  );
  expect(rows).toEqual([{ actor: 'system', object: left.sha256 }]);
});

test('removeUnnamed() keeps what a record or claim ever named, though it was withdrawn since', async () => {
  const [inRecord, inClaim] = [await upload('record'), await upload('claim')];
  await record('kept', [inRecord]);
  await withdrawRecord(deps(), kindOf('document'), { code: 'kept', version: 1, reason: 'gone', editor });
  const person = { userId: 'p-1', actor: 'eva', address: '::1' };
  const body = claimBody.parse({
    rubric: 'chengdu-2021',
    item: 'org.rules',
    content: { grade: 'full' },
    statement: 'there',
    documents: [inClaim],
    from: '2026-01-01',
    until: '2026-12-31',
  });
  const id = await makeClaim(deps(), body, person);
  await withdraw(deps(), { id, reason: 'gone' }, person);
  await clock.advance(2 * weekMs);
  expect(await removeUnnamed(deps())).toBe(0);
  expect([await kept(inRecord.sha256), await kept(inClaim.sha256)]).toEqual([true, true]);
});

test('removeUnnamed() counts from the last upload of the same content', async () => {
  const { sha256 } = await upload('twice');
  await clock.advance(weekMs + 1_000);
  await upload('twice');
  expect(await removeUnnamed(deps())).toBe(0);
  await clock.advance(weekMs + 1_000);
  expect(await removeUnnamed(deps())).toBe(1);
  expect(await known(sha256)).toBe(false);
});

test('removeUnnamed() passes over a file that a transaction is about to name', async () => {
  const file = await upload('about to be named');
  await clock.advance(weekMs + 1_000);
  await transaction(database.pool, async (client) => {
    expect((await knownAttachments(client, [file.sha256])).size).toBe(1);
    expect(await removeUnnamed(deps())).toBe(0);
  });
  expect(await known(file.sha256)).toBe(true);
  await record('named', [file]);
  expect(await removeUnnamed(deps())).toBe(0);
});

test('startCleanup() removes bytes that have no row, once they are old', async () => {
  const stray = await upload('stray');
  await database.pool.query('delete from attachment where sha256 = $1', [stray.sha256]);
  const path = join(folder, 'attachments', stray.sha256.slice(0, 2), stray.sha256);
  await using cleanup = startCleanup(deps());
  // Every folder gets its turn.
  const turns = async () => {
    for (let turn = 0; turn < 256; turn++) await cleanup.run();
  };
  await utimes(path, new Date(clock.nowMs()), new Date(clock.nowMs()));
  await turns();
  expect(await kept(stray.sha256)).toBe(true);
  const old = new Date(clock.nowMs() - weekMs - 1_000);
  await utimes(path, old, old);
  await turns();
  expect(await kept(stray.sha256)).toBe(false);
});
