import { afterAll, beforeAll, expect, test } from 'vitest';
import { collectRecords, recordDays } from '#services/assessment/collect-records.ts';
import { recordKinds } from '#schemas/registers/index.ts';
import { amendRecord, createRecord, withdrawRecord } from '#services/registers/registers.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';

const clock = fakeClock();
const editor = { actor: 'test' };
const timeZone = 'Asia/Shanghai';
let database: TestDatabase;
const staff = recordKinds.get('staff');
const training = recordKinds.get('training');
if (staff === undefined || training === undefined) throw new Error('kinds are missing');

const person = (team: string) => ({ name: '王五', post: '运维', team, employment: 'full-time' });
const hire = (code: string, from: string, until: string | null) =>
  createRecord({ db: database.pool, clock }, staff, {
    code,
    from,
    until,
    fields: person('it'),
    documents: [],
    editor,
  });

beforeAll(async () => {
  database = await createTestDatabase();
  const ground = { db: database.pool, clock };
  await hire('stays', '2024-01-01', null);
  await hire('left-before', '2024-01-01', '2025-12-29');
  await hire('left-on-the-first-day', '2024-01-01', '2025-12-30');
  await hire('comes-after', '2026-01-05', null);
  await hire('comes-on-the-last-day', '2026-01-04', null);
  await hire('mistake', '2024-01-01', null);
  await withdrawRecord(ground, staff, { code: 'mistake', version: 1, reason: '误录', editor });
  await amendRecord(ground, staff, {
    code: 'stays',
    version: 1,
    how: 'change',
    from: '2026-01-02',
    until: null,
    fields: person('security'),
    documents: [],
    editor,
  });
  for (const day of ['2025-01-04', '2025-01-05', '2026-01-04']) {
    const fields = { topic: day, type: 'training', participants: 9 };
    await createRecord(ground, training, {
      code: day,
      from: day,
      until: null,
      fields,
      documents: [],
      editor,
    });
  }
});
afterAll(() => database[Symbol.asyncDispose]());

// Six local days: 2025-12-30 to 2026-01-04.
const request = {
  fromMs: Date.parse('2025-12-29T16:00:00Z'),
  toMs: Date.parse('2026-01-04T16:00:00Z'),
  asOfMs: clock.nowMs(),
  timeZone,
};

test('collectRecords() is what holds on any local day of the period, piece by piece, with no name of a person', async () => {
  const rows = await collectRecords(database.pool, request, { kinds: ['staff'], fields: ['team', 'name'] });
  expect(rows.map(({ code, from, until, fields }) => [code, from, until, fields])).toEqual([
    ['comes-on-the-last-day', '2026-01-04', null, { team: 'it' }],
    ['left-on-the-first-day', '2024-01-01', '2025-12-30', { team: 'it' }],
    ['stays', '2024-01-01', '2026-01-01', { team: 'it' }],
    ['stays', '2026-01-02', null, { team: 'security' }],
  ]);
  expect(rows[0]).toMatchObject({ reviewBy: '2026-07-05', provenance: 'field', documents: [] });
  expect(new Set(rows.map(({ sha256 }) => sha256)).size).toBe(4);
});

test('collectRecords() reaches back the months that are asked for', async () => {
  expect(recordDays(request, 12)).toEqual({ fromDay: '2025-01-05', toDay: '2026-01-04' });
  const rows = await collectRecords(database.pool, request, { kinds: ['training'], fields: [], months: 12 });
  expect(rows.map(({ code }) => code)).toEqual(['2025-01-05', '2026-01-04']);
});
