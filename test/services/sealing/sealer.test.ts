import { afterAll, beforeAll, expect, test } from 'vitest';
import { appendJournal } from '#infra/journal.ts';
import { silentLog } from '#infra/log.ts';
import { transaction } from '#infra/postgres.ts';
import { linkHash } from '#services/sealing/chain.ts';
import { startSealer, type Sealer } from '#services/sealing/sealer.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());

const noFence = async () => {};
const sealerOf = (fence = noFence) =>
  startSealer({ db: database.pool, clock: fakeClock(), log: silentLog(), fence });

async function chain(journal: string) {
  const { rows } = await database.pool.query<{ seq: number; prev: string; hash: string; body: string }>(
    'select seq, prev, hash, body from journal where journal = $1 and seq is not null order by seq',
    [journal],
  );
  return rows;
}

/** Rows wait while any older transaction of the server is open, those of other tests included. */
async function sealed(sealer: Sealer, rows: number): Promise<void> {
  let count = 0;
  await expect.poll(async () => (count += await sealer.seal())).toBe(rows);
}

/** What refuses to seal; nothing while there is no row to seal yet. */
async function refusal(sealer: Sealer): Promise<string> {
  return sealer.seal().then(
    () => '',
    (error: unknown) => String(error),
  );
}

test('seal() numbers each journal by itself, gapless, every hash recomputable from the stored bytes', async () => {
  await using sealer = sealerOf();
  await appendJournal(database.pool, 'audit', { b: 1, a: '一' });
  await appendJournal(database.pool, 'alarms', { x: 1 });
  await appendJournal(database.pool, 'audit', { b: 2 });
  await sealed(sealer, 3);
  expect(await sealer.seal()).toBe(0);
  const rows = await chain('audit');
  expect(rows.map((row) => row.seq)).toEqual([1, 2]);
  for (const row of rows) expect(linkHash({ journal: 'audit', ...row })).toBe(row.hash);
});

test('seal() leaves a row alone while an older transaction is open that could still write before it', async () => {
  await using sealer = sealerOf();
  const held = await database.pool.connect();
  await held.query('begin');
  await appendJournal(held, 'days', { first: true });
  await appendJournal(database.pool, 'days', { first: false });
  expect(await sealer.seal()).toBe(0);
  await held.query('commit');
  held.release();
  await sealed(sealer, 2);
  expect((await chain('days')).map((row) => row.body)).toEqual(['{"first":true}', '{"first":false}']);
});

test('seal() writes nothing when the fence says that the lease is lost', async () => {
  await appendJournal(database.pool, 'evidence', { n: 1 });
  const sealer = sealerOf(() => Promise.reject(new Error('lease lost')));
  await expect.poll(() => refusal(sealer)).toContain('lease lost');
  expect(await chain('evidence')).toEqual([]);
});

test('a row that was rolled back never gets a number', async () => {
  await using sealer = sealerOf();
  await transaction(database.pool, async (client) => {
    await appendJournal(client, 'alarms', { gone: true });
    throw new Error('undo');
  }).catch(() => {});
  await appendJournal(database.pool, 'alarms', { stays: true });
  // This one, and the one that the lost lease left behind.
  await sealed(sealer, 2);
  expect((await chain('alarms')).some((row) => row.body.includes('gone'))).toBe(false);
});
