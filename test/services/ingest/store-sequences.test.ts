import fc from 'fast-check';
import type { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { silentLog } from '#infra/log.ts';
import { createPool, transaction, type Database } from '#infra/postgres.ts';
import { countGaps, emptySequence, mergeMark, noMarks } from '#services/ingest/sequence.ts';
import {
  foldSequences,
  hearSequences,
  readDeviceSequences,
  readSequences,
} from '#services/ingest/store-sequences.ts';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';

interface Heard {
  readonly deviceId: string;
  readonly seq: number;
  readonly timeMs: number;
  readonly arrivedMs: number;
}

const now = 1_800_000_000_000;
let database: TestDatabase;
let db: Database;

beforeAll(async () => {
  database = await createTestDatabase();
  db = createPool({ url: database.url, max: 4, name: 'parkwatch-test', log: silentLog() });
});
afterAll(async () => {
  await db.end();
  await database[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await db.query('truncate sequence_heard, sequence_state');
});

async function hear(marks: readonly Heard[], source = 'mqtt'): Promise<void> {
  const heard = noMarks();
  for (const { deviceId, seq, timeMs, arrivedMs } of marks) {
    heard.deviceIds.push(deviceId);
    heard.seqs.push(seq);
    heard.timesMs.push(timeMs);
    heard.arrivedMs.push(arrivedMs);
  }
  await transaction(db, (client) => hearSequences(client as unknown as Client, source, heard));
}

const at = (deviceId: string, seq: number, arrivedMs = now): Heard => ({
  deviceId,
  seq,
  timeMs: now + seq,
  arrivedMs,
});

async function heardRows(): Promise<number> {
  const { rows } = await db.query<{ rows: number }>('select count(*)::int as rows from sequence_heard');
  return rows[0]?.rows ?? -1;
}

describe('readSequences()', () => {
  test('readSequences() tells the same before, between and after folds as all marks merged in order', async () => {
    const mark = fc.record({
      deviceId: fc.constantFrom('em-1', 'em-2', 'a-device-with-a-rather-long-name'),
      seq: fc.integer({ min: 0, max: 40 }),
      timeMs: fc.integer({ min: 0, max: 40 }).map((ms) => now + ms / 8),
      arrivedMs: fc.integer({ min: 0, max: 40 }).map((s) => now + s * 1_000),
    });
    const step = fc.record({
      marks: fc.array(mark, { minLength: 1, maxLength: 12 }),
      folds: fc.constantFrom(0, 0, 1, 2),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        await db.query('truncate sequence_heard, sequence_state');
        const expected = new Map<string, ReturnType<typeof emptySequence>>();
        const readMs = now + 70_000;
        for (const { marks, folds } of steps) {
          await hear(marks);
          for (const { deviceId, arrivedMs, ...rest } of marks) {
            const state = expected.get(deviceId) ?? emptySequence();
            mergeMark(state, rest, arrivedMs);
            expected.set(deviceId, state);
          }
          await Promise.all(Array.from({ length: folds }, () => foldSequences(db)));
          const states = [...expected.values()];
          expect((await readSequences(db, readMs)).get('mqtt')).toEqual({
            devices: states.length,
            gaps: states.reduce((sum, state) => sum + countGaps(state, readMs), 0),
            repeats: states.reduce((sum, { repeats }) => sum + repeats, 0),
          });
        }
        for (const [deviceId, state] of expected) {
          expect(await readDeviceSequences(db, deviceId, readMs)).toEqual([
            { source: 'mqtt', gaps: countGaps(state, readMs), repeats: state.repeats },
          ]);
        }
        await foldSequences(db);
        const { rows } = await db.query<{ id: string; runs: unknown }>(
          'select device_id as id, runs from sequence_state',
        );
        expect(new Map(rows.map(({ id, runs }) => [id, runs]))).toEqual(
          new Map([...expected].map(([id, { runs }]) => [id, runs])),
        );
      }),
      { numRuns: 40 },
    );
  });

  test('readSequences() counts a device for the source that heard it last, folded or not', async () => {
    await hear([at('em-1', 1), at('em-2', 1)], 'mqtt');
    await foldSequences(db);
    await hear([at('em-2', 2)], 'second-broker');
    expect(await readSequences(db, now)).toEqual(
      new Map([
        ['mqtt', { devices: 1, gaps: 0, repeats: 0 }],
        ['second-broker', { devices: 1, gaps: 0, repeats: 0 }],
      ]),
    );
  });

  test('readSequences() answers as of the first row it leaves out while folding is far behind', async () => {
    const rowsRead = 1_024;
    await hear([at('em-1', 1, now), at('em-1', 5, now)]);
    await db.query(
      `insert into sequence_heard (source, device_ids, seqs, times_ms, arrived_ms)
       select 'mqtt', array['em-2'], array[n], array[$1::float8 + n], array[$1::float8] from generate_series(1, $2) n`,
      [now, rowsRead - 1],
    );
    await hear([at('em-1', 3, now + 61_000)]);
    // What would fill the hole may be in what was not read: so late as that row the hole was not a minute old… and then it is.
    expect((await readSequences(db, now + 90_000)).get('mqtt')).toMatchObject({ gaps: 3 });
    await foldSequences(db);
    expect((await readSequences(db, now + 90_000)).get('mqtt')).toMatchObject({ devices: 2, gaps: 2 });
    expect(await heardRows()).toBe(0);
  });
});

describe('foldSequences()', () => {
  test('foldSequences() leaves it to whoever is at it, and does it when he is gone', async () => {
    await hear([at('em-1', 1)]);
    const other = await db.connect();
    await other.query(
      `begin; select pg_advisory_xact_lock(hashtextextended('parkwatch sequences', 0));
       delete from sequence_heard`,
    );
    expect(await foldSequences(db)).toBe(0);
    await other.query('rollback');
    other.release();
    expect(await foldSequences(db)).toBe(1);
    expect(await readSequences(db, now)).toEqual(new Map([['mqtt', { devices: 1, gaps: 0, repeats: 0 }]]));
  });

  test('foldSequences() that fails has changed nothing', async () => {
    await hear([at('em-1', 1), at('em-2', 1)]);
    await db.query(
      `alter table sequence_state add constraint refuses check (runs = '[]' or device_id <> 'em-2')`,
    );
    await expect(foldSequences(db)).rejects.toThrow(/refuses/);
    expect(await heardRows()).toBe(1);
    expect((await db.query('select 1 from sequence_state')).rowCount).toBe(0);
    await db.query('alter table sequence_state drop constraint refuses');
    expect(await foldSequences(db)).toBe(1);
  });

  test('foldSequences() takes more devices and rows than fit one statement', async () => {
    const devices = Array.from({ length: 1_201 }, (_, n) => at(`device-${n}`, 1));
    for (let row = 0; row < 6; row++) await hear(devices.map((mark) => ({ ...mark, seq: row + 1 })));
    expect(await foldSequences(db)).toBe(6);
    expect((await readSequences(db, now + 90_000)).get('mqtt')).toEqual({
      devices: devices.length,
      gaps: 0,
      repeats: 0,
    });
  });
});
