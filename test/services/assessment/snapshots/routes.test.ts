import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { differenceSchema, trendSchema, type Difference } from '#schemas/api/trend.ts';
import type { Rubric } from '#schemas/rubric.ts';
import { scoredRubrics } from '#schemas/rubrics/index.ts';
import { canonicalText, sha256Hex } from '#services/sealing/chain.ts';
import type { SnapshotBody } from '#services/assessment/snapshots/snapshot-body.ts';
import { snapshotRoutes } from '#services/assessment/snapshots/routes.ts';
import {
  factsKeptDays,
  restoreFacts,
  settleMs,
  takeSnapshots,
} from '#services/assessment/snapshots/snapshot.ts';
import { firstLookMs, startSnapshots } from '#services/assessment/snapshots/snapshots.ts';
import { systemClock } from '#infra/clock.ts';
import { silentLog } from '#infra/log.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { until } from '#test/kit/events.ts';
import { coverReadings, insertDevices, insertReadings } from '#test/kit/park-rows.ts';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';
import { openRouteApi, type RouteApi } from '#test/kit/route-api.ts';

/** 08:00 of 5 January 2026 in Shanghai. */
const clock = fakeClock();
const dayMs = 86_400_000;
const stack = new AsyncDisposableStack();
let database: TestDatabase;
let api: RouteApi;
let rubric: Rubric;

/** The park's first day: everything is in service since then. */
const begin = '2026-01-02T16:00:00Z';
const hourly = { everyS: 3_600, from: '2026-01-02T15:00:00Z' };

beforeAll(async () => {
  database = stack.use(await createTestDatabase());
  const db = database.pool;
  const chengdu = scoredRubrics.get('chengdu-2021');
  if (chengdu === undefined) throw new Error('no rubric');
  const items = chengdu.items.filter(({ measure }) =>
    ['remote-metering', 'video-retention'].includes(measure ?? ''),
  );
  rubric = { ...chengdu, items };
  await coverReadings(db, { from: '2026-01-01', to: '2026-01-07' });
  await insertDevices(db, [
    { id: 'w-1', class: 'water-meter', from: begin },
    { id: 'w-2', class: 'water-meter', from: begin },
    { id: 'e-1', class: 'energy-meter', from: begin },
    { id: 'e-2', class: 'energy-meter', from: begin },
    { id: 'g-1', class: 'gas-meter', from: begin },
    { id: 'c-1', class: 'camera', from: '2025-01-01T00:00:00Z' },
  ]);
  // e-1 is silent; w-2 is silent, too, until its readings come late.
  const to = '2026-01-06T16:00:00Z';
  for (const device of ['w-1', 'g-1']) await insertReadings(db, { device, metric: 'volume', to, ...hourly });
  await insertReadings(db, { device: 'e-2', metric: 'active_energy_import', to, ...hourly });
  const age = { device: 'c-1', metric: 'oldest_recording_age', to, ...hourly };
  await insertReadings(db, { ...age, value: 40 * 86_400 });
  api = stack.use(await openRouteApi((v1) => snapshotRoutes(v1, { db })));
});
afterAll(() => stack.disposeAsync());

const take = () =>
  takeSnapshots({
    db: database.pool,
    clock,
    timeZone: 'Asia/Shanghai',
    parkId: 'demo',
    program: '0.0.0-test',
    rubrics: [rubric],
    fence: async () => {},
  });

const nights = async () =>
  trendSchema.parse((await api.ask('viewer', 'GET', '/assessments/chengdu-2021/trend')).body).items;

async function difference(from: string, to: string): Promise<Difference> {
  const answer = await api.ask('viewer', 'GET', `/assessments/chengdu-2021/difference?from=${from}&to=${to}`);
  expect(answer.status).toBe(200);
  return differenceSchema.parse(answer.body);
}

describe('takeSnapshots()', () => {
  test('assesses the last complete local day once, in one sealed row, and keeps the facts by hash', async () => {
    expect(await take()).toEqual(['chengdu-2021']);
    expect(await take()).toEqual([]);
    const { rows } = await database.pool.query<{ body: string }>(
      `select body from journal where journal = 'evidence'`,
    );
    expect(rows).toHaveLength(1);
    const body = JSON.parse(rows[0]?.body ?? '') as SnapshotBody;
    expect(body).toMatchObject({ v: 'parkwatch-snapshot-v1', day: '2026-01-04', rubric: 'chengdu-2021' });
    // The facts out of what is kept are those whose hash was sealed.
    const kept = await database.pool.query<{ item: string; content: Buffer; facts: string }>(
      `select i.item, f.content, i.facts_sha256 as facts
       from assessment_snapshot_item i join assessment_snapshot_facts f on f.sha256 = i.kept_sha256`,
    );
    expect(kept.rows).toHaveLength(body.items.length);
    for (const { item, content, facts } of kept.rows) {
      const instants = {
        from: new Date(body.period.from),
        to: new Date(body.period.to),
        asOf: new Date(body.asOf),
      };
      const sealed = body.items.find((entry) => entry.item === item);
      expect(sha256Hex(canonicalText(restoreFacts(content, instants)))).toBe(sealed?.factsSha256);
      expect(facts).toBe(sealed?.factsSha256);
      expect(gunzipSync(content).toString()).not.toContain('"asOf"');
    }
  });

  test('waits after midnight for the last readings of the day', async () => {
    // To 00:30 of the 6th: an hour later the 5th has settled.
    await clock.advance(16.5 * 3_600_000);
    expect(await take()).toEqual([]);
    await clock.advance(settleMs);
  });
});

describe('GET /assessments/{rubricId}/difference', () => {
  test('names for every changed point the meter whose readings came late, and the one that left', async () => {
    const db = database.pool;
    // Between the nights: a day late, all of w-2 arrives; e-2 went out of service on the 5th.
    await insertReadings(db, { device: 'w-2', metric: 'volume', to: '2026-01-06T16:00:00Z', ...hourly });
    await db.query(
      `insert into late_arrival (committed_at, point_id, from_time, to_time, count)
       select $1, point_id, '2026-01-03T00:00Z', '2026-01-04T00:00Z', 24 from point where device_id = 'w-2'`,
      [new Date(clock.nowMs() - 3_600_000)],
    );
    await db.query(`update device set valid_to = '2026-01-05T02:00:00Z' where id = 'e-2'`);
    // The camera's recordings reach 20 days instead of 40.
    await insertReadings(db, {
      device: 'c-1',
      metric: 'oldest_recording_age',
      from: '2026-01-05T15:30:00Z',
      to: '2026-01-05T15:30:01Z',
      everyS: 1,
      value: 20 * 86_400,
    });
    expect(await take()).toEqual(['chengdu-2021']);
    const { from, to, items } = await difference('2026-01-04', '2026-01-05');
    expect([from.day, to.day]).toEqual(['2026-01-04', '2026-01-05']);
    const metering = items.find(({ item }) => item === 'operation.property.remote-metering');
    // 3 of 5 meters (60 %: 1-2 points), then 4 of 5 (80 %) with the same band: the points are the same, so nothing is said.
    expect(metering).toBeUndefined();
    const video = items.find(({ item }) => item === 'operation.security.video-retention');
    expect(video).toMatchObject({
      before: { points: { min: 2, max: 2 }, value: 40 },
      after: { points: { max: 1 }, value: 20 },
      isExplainedByFacts: true,
      causes: [{ kind: 'readings', id: 'c-1', point: 'c-1.oldest_recording_age' }],
    });
    for (const item of items) expect(item.causes.length, item.item).toBeGreaterThan(0);
  });

  test('tells registry, late readings and proven functions apart', async () => {
    const db = database.pool;
    await clock.advance(dayMs);
    // e-1, the only one left that is silent, is left out by a person.
    await db.query(
      `insert into exclusion (measure, device_id, valid_from, reason_zh, reason_en, actor)
       values ('remote-metering', 'e-1', $1, '拆除', 'Taken down', 'eva')`,
      [begin],
    );
    expect(await take()).toEqual(['chengdu-2021']);
    const { items } = await difference('2026-01-04', '2026-01-06');
    const metering = items.find(({ item }) => item === 'operation.property.remote-metering');
    // 3 of 5 (1-2 points), then all four that are left (3 points).
    expect(metering?.before?.points).toEqual({ min: 1, max: 2 });
    expect(metering?.after?.points).toEqual({ min: 3, max: 3 });
    const causes = Object.fromEntries(metering?.causes.map((cause) => [cause.id, cause]) ?? []);
    expect(causes['e-1']).toMatchObject({
      kind: 'registry',
      after: { en: expect.stringContaining('Taken down') },
    });
    expect(causes['w-2']).toMatchObject({
      kind: 'readings',
      point: 'w-2.volume',
      late: 24,
      before: { en: expect.stringContaining('not counted') },
      after: { en: expect.stringContaining('counted') },
    });
  });

  test('still tells the points when the facts are no longer kept, and says that it cannot name members', async () => {
    await database.pool.query('delete from assessment_snapshot_facts');
    const { items } = await difference('2026-01-04', '2026-01-06');
    expect(items.length).toBeGreaterThan(0);
    for (const item of items) {
      expect(item.isExplainedByFacts).toBe(false);
      expect(item.causes.length).toBeGreaterThan(0);
    }
  });

  test('answers 404 for a night that was not assessed and 422 for what is no day', async () => {
    const ask = async (from: string) =>
      (await api.ask('viewer', 'GET', `/assessments/chengdu-2021/difference?from=${from}&to=2026-01-05`))
        .status;
    expect(await ask('2025-12-31')).toBe(404);
    expect(await ask('yesterday')).toBe(422);
  });
});

test('GET /assessments/{rubricId}/trend gives the three figures of every night, oldest first', async () => {
  const items = await nights();
  expect(items.map(({ day }) => day)).toEqual(['2026-01-04', '2026-01-05', '2026-01-06']);
  for (const { determined, undetermined, maximum } of items) {
    expect(determined.max + undetermined).toBeLessThanOrEqual(maximum);
  }
  const some = await api.ask(
    'viewer',
    'GET',
    '/assessments/chengdu-2021/trend?from=2026-01-05&to=2026-01-05',
  );
  expect(trendSchema.parse(some.body).items.map(({ day }) => day)).toEqual(['2026-01-05']);
  expect((await api.ask('viewer', 'GET', '/assessments/nowhere/trend')).status).toBe(404);
});

test('takeSnapshots() drops facts that no night of the last 400 days rests on, and keeps the nights', async () => {
  await database.pool.query(
    `insert into assessment_snapshot_facts values (repeat('a', 64), '\\x00', '2024-01-01'), (repeat('b', 64), '\\x00', '2026-01-01')`,
  );
  await clock.advance(dayMs);
  await take();
  const { rows } = await database.pool.query<{ sha256: string }>(
    `select sha256 from assessment_snapshot_facts where sha256 ~ '^(a+|b+)$'`,
  );
  expect(factsKeptDays).toBe(400);
  expect(rows.map(({ sha256 }) => sha256[0])).toEqual(['b']);
  expect(await nights()).toHaveLength(4);
});

test('startSnapshots() assesses the night of every rubric while it leads', async () => {
  await using own = await createTestDatabase();
  const real = systemClock();
  // The first look comes at once instead of after a minute.
  const after = (delayMs: number, task: () => void) =>
    real.after(delayMs === firstLookMs ? 0 : delayMs, task);
  await using _leader = startSnapshots({
    databaseUrl: own.url,
    clock: { ...real, after, nowMs: () => clock.nowMs() },
    log: silentLog(),
    timeZone: 'Asia/Shanghai',
    parkId: 'demo',
    program: '0.0.0-test',
  });
  const taken = async () => {
    const { rows } = await own.pool.query<{ id: string }>(
      'select rubric_id as id from assessment_snapshot order by 1',
    );
    return rows.length === scoredRubrics.size ? rows.map(({ id }) => id) : undefined;
  };
  expect(await until(taken, 'every rubric')).toEqual([...scoredRubrics.keys()].sort());
});
