import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { localCalendar } from '#schemas/local-time.ts';
import type { Timeline } from '#schemas/api/timeline.ts';
import { timelineRoutes } from '#services/history/timeline-routes.ts';
import { localDay } from '#services/rollup/local-day.ts';
import { writeDayFacts } from '#services/rollup/day-store.ts';
import { transaction } from '#infra/postgres.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { fakeDirectory } from '#test/kit/directory.ts';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';
import { openRouteApi, type RouteApi } from '#test/kit/route-api.ts';

const calendar = localCalendar('Asia/Shanghai');
const hourMs = 3_600_000;
const today = calendar.dayOf(Date.now());
const midnightMs = calendar.startOf(today);
const directory = fakeDirectory();
const door = directory.add('lift-1', 'door', {
  kind: 'state',
  states: ['closed', 'open'],
  expectedIntervalMs: hourMs,
});
directory.add('em-1', 'power');
let database: TestDatabase;
let api: RouteApi;

beforeAll(async () => {
  database = await createTestDatabase();
  const clock = fakeClock(midnightMs + 12 * hourMs);
  const deps = { db: database.pool, directory, clock, horizonDays: 7, timeZone: 'Asia/Shanghai' };
  api = await openRouteApi((scope) => timelineRoutes(scope, deps));
  // Every hour of three days; open from 22:00 to 02:00, and a bad reading that says otherwise.
  for (let hour = -72; hour <= 12; hour++) {
    const ofDay = ((hour % 24) + 24) % 24;
    await store(hour * hourMs, ofDay >= 22 || ofDay < 2 ? 1 : 0, 0);
  }
  await store(30 * 60_000 + 5 * hourMs, 1, 2);
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

async function store(offsetMs: number, value: number, quality: number) {
  await database.pool.query('insert into reading values (to_timestamp($1), $2, $3, $4)', [
    (midnightMs + offsetMs) / 1_000,
    value,
    door.pointId,
    quality,
  ]);
}

const iso = (offsetMs: number) => new Date(midnightMs + offsetMs).toISOString();

async function timeline(query: Record<string, string> = {}) {
  const range = { points: 'lift-1.door', from: iso(-36 * hourMs), to: iso(24 * hourMs) };
  const { status, body } = await api.ask(
    'viewer',
    'GET',
    `/timeline?${new URLSearchParams({ ...range, ...query }).toString()}`,
  );
  return {
    status,
    code: (body as { code?: string }).code,
    item: (body as { items?: Timeline[] }).items?.[0],
  };
}

const expected = [
  [-36, -26, 'closed'],
  [-26, -22, 'open'],
  [-22, -2, 'closed'],
  [-2, 2, 'open'],
  [2, 12, 'closed'],
];

describe('GET /timeline', () => {
  test('bands cross midnight, end now, leave bad readings out; totals count what began inside', async () => {
    const { item } = await timeline();
    expect(item?.spans.map(({ from, to, state }) => [from, to, state])).toEqual(
      expected.map(([from, to, state]) => [iso(Number(from) * hourMs), iso(Number(to) * hourMs), state]),
    );
    expect(item?.totals).toEqual([
      { value: 0, state: 'closed', seconds: 40 * 3_600, entered: 2 },
      { value: 1, state: 'open', seconds: 8 * 3_600, entered: 2 },
    ]);
    expect(item?.unknownS).toBe(0);
  });

  test('what is kept of closed days answers the same as raw, and still when raw is gone', async () => {
    const before = await timeline();
    const { pool } = database;
    for (const back of [3, 2, 1]) {
      const day = localDay(calendar, calendar.dayOf(midnightMs - back * 24 * hourMs));
      await transaction(pool, (client) =>
        writeDayFacts(client, day, {
          points: [{ pointId: door.pointId, expected: 24, holdMs: 2 * hourMs }],
          table: 'reading',
        }),
      );
    }
    expect(await timeline()).toEqual(before);
    await pool.query('delete from reading where time < to_timestamp($1)', [midnightMs / 1_000]);
    expect(await timeline()).toEqual(before);
  });

  test('after a silence nothing is known', async () => {
    await database.pool.query('delete from reading where time > $1 and time < $2', [
      iso(4 * hourMs),
      iso(9 * hourMs),
    ]);
    const { item } = await timeline({ from: iso(3 * hourMs), to: iso(10 * hourMs) });
    expect(item?.spans.map(({ from, to }) => [from, to])).toEqual([
      [iso(3 * hourMs), iso(4 * hourMs)],
      [iso(9 * hourMs), iso(10 * hourMs)],
    ]);
    expect(item?.unknownS).toBe(5 * 3_600);
  });

  test.each<[Record<string, string>, number, string]>([
    [{ points: 'em-1.power' }, 422, 'invalid-request'],
    [{ points: 'nobody.x' }, 404, 'not-found'],
    [{ to: iso(-40 * hourMs) }, 422, 'invalid-request'],
    [{ from: '1990-01-01T00:00:00Z' }, 413, 'too-many-values'],
  ])('%j answers %i', async (query, status, code) => {
    const answer = await timeline(query);
    expect([answer.status, answer.code]).toEqual([status, code]);
  });
});
