import { afterAll, beforeAll, expect, test } from 'vitest';
import { assessedItemSchema } from '#schemas/api/assessment.ts';
import { memberDaysSchema, type MemberDays } from '#schemas/api/member-days.ts';
import { assessmentRoutes } from '#services/assessment/routes.ts';
import { assessedPeriod, assessmentDeps, insertAssessedPark } from '#test/kit/assessed-park.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { insertDevices, insertReadings } from '#test/kit/park-rows.ts';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';
import { openRouteApi, type RouteApi } from '#test/kit/route-api.ts';
import { createTestSigner } from '#test/kit/signer.ts';

/** Four local days: nothing of the park on the first two, readings on the last two. */
const from = '2025-12-31T16:00:00.000Z';
const third = assessedPeriod.from;
const fourth = '2026-01-03T16:00:00.000Z';
const query = new URLSearchParams({ from, to: assessedPeriod.to }).toString();

const clock = fakeClock();
const stack = new AsyncDisposableStack();
let database: TestDatabase;
let api: RouteApi;

beforeAll(async () => {
  database = stack.use(await createTestDatabase());
  const db = database.pool;
  await insertAssessedPark(db);
  const long = '2025-01-01T00:00:00Z';
  await insertDevices(db, [
    { id: 'gw-1', class: 'gateway', from: long },
    { id: 'w-3', class: 'water-meter', from: long, to: fourth },
    { id: 'w-3', class: 'water-meter', from: fourth, lifecycle: 'retired' },
    { id: 'l-1', class: 'elevator', from: long },
  ]);
  await db.query(`update device set attributes = '{"gatewayId": "gw-1"}' where id = 'w-2'`);
  await rule();
  await alarm('gw-1.online', { raised: third, cleared: '2026-01-03T10:00:00Z' });
  await db.query(
    `insert into alarm_held (kind, rule_id, object, since, until, actor, reason)
     values ('shelved', 'test-rule', 's-1', $1, $1::timestamptz + interval '3 h', 'eva', '校准')`,
    [third],
  );
  // Bad readings on the last day of w-2, a whole morning of c-1 not recorded, noise for half of the last day.
  const last = { from: fourth, to: assessedPeriod.to };
  await insertReadings(db, { device: 'w-2', metric: 'volume', ...last, everyS: 7_200, quality: 2 });
  await insertReadings(db, {
    device: 'c-1',
    metric: 'recorded_seconds_today',
    from: '2026-01-04T15:00:00Z',
    to: assessedPeriod.to,
    everyS: 600,
    value: 60_480,
  });
  await db.query(
    `delete from reading r using point p where p.point_id = r.point_id and p.metric = 'noise_leq' and r.time >= $1
       and r.time < $1::timestamptz + interval '12 h'`,
    [fourth],
  );
  await insertReadings(db, { device: 'l-1', metric: 'mode', ...last, everyS: 600 });
  const signer = await createTestSigner();
  api = stack.use(await openRouteApi((v1) => assessmentRoutes(v1, assessmentDeps({ db, clock, signer }))));
});
afterAll(() => stack.disposeAsync());

async function rule(): Promise<void> {
  await database.pool.query(
    `insert into alarm_rule (id, version, author, reason, definition, valid_from)
     values ('test-rule', 1, 'test', 'test', '{"condition": {"kind": "stale"}}', '2025-01-01')`,
  );
}

async function alarm(
  object: string,
  { raised, cleared }: { raised: string; cleared: string },
): Promise<void> {
  await database.pool.query(
    `insert into alarm (rule_id, rule_version, onset, severity, reason, raised_at, cleared_at, object, device_id)
     values ('test-rule', 1, $2, 'high', 'no data', $2, $3, $1, split_part($1, '.', 1))`,
    [object, raised, cleared],
  );
}

async function read(item: string, member: string): Promise<MemberDays> {
  const path = `/assessments/chengdu-2021/items/${item}/members/${member}?${query}`;
  const { status, body } = await api.ask('viewer', 'GET', path);
  expect(status, JSON.stringify(body)).toBe(200);
  return memberDaysSchema.parse(body);
}

async function row(item: string, member: string, point: string) {
  const { devices } = await read(item, member);
  const found = devices.flatMap(({ rows }) => rows).find((each) => each.point === point);
  if (found === undefined) throw new Error(`${point} is not among ${JSON.stringify(devices)}`);
  return { ...found, told: found.lacks.map(({ firstDay, days, reason }) => [firstDay, days, reason.en]) };
}

const metering = 'operation.property.remote-metering';

test('memberDaysOf() tells days that nobody watched, a gateway that was away and readings that were not good', async () => {
  const { states, told, decides } = await row(metering, 'w-2', 'w-2.volume');
  expect(decides).toBe(true);
  expect(states).toEqual(['blind', 'missing', 'missing', 'missing']);
  expect(told).toEqual([
    ['2026-01-01', 1, 'no reading of the whole park was stored'],
    ['2026-01-02', 1, 'no reading came'],
    ['2026-01-03', 1, 'gw-1 above it was away; no reading came'],
    ['2026-01-04', 1, '12 readings came, none of them good'],
  ]);
});

test('memberDaysOf() tells since when a device is retired, with the days in a row as one', async () => {
  const { states, lacks, served } = await row(metering, 'w-3', 'w-3.volume');
  expect(states).toEqual(['blind', 'missing', 'missing', 'out']);
  expect(served).toBe(3);
  expect(lacks.at(-1)).toMatchObject({ firstDay: '2026-01-04', reason: { zh: '已退役', en: 'retired' } });
  expect(lacks.at(-1)).toMatchObject({ from: fourth, to: assessedPeriod.to });
});

test('memberDaysOf() tells of a camera how far recordings reach and how much of a day they hold', async () => {
  const item = 'operation.security.video-retention';
  const reach = await row(item, 'c-1', 'c-1.oldest_recording_age');
  expect(reach.decides).toBe(false);
  // The reading of 23:00 on the second day is the only one of it.
  expect(reach.states).toEqual(['missing', 'good', 'good', 'good']);
  expect(reach.name).toEqual({ zh: '最早录像距今', en: 'Oldest recording age' });
  const recorded = await row(item, 'c-1', 'c-1.recorded_seconds_today');
  // 60,480 of 86,400 s.
  expect(recorded.lacks.at(-1)).toMatchObject({ state: 'few', reason: { zh: '当日录像完整率 70 %' } });
});

test('memberDaysOf() tells of a station each medium by what was due, and for how long its alarms were held', async () => {
  const { devices } = await read('operation.environment', 's-1');
  expect(devices[0]?.heldS).toBe(3 * 3_600);
  const noise = await row('operation.environment', 's-1', 's-1.noise_leq');
  expect(noise.states).toEqual(['blind', 'few', 'good', 'few']);
  expect(noise.lacks.at(-1)?.reason.en).toBe('720 good readings of 1440 due');
  expect((await row('operation.environment', 's-1', 's-1.pm25')).states.at(-1)).toBe('good');
});

test('memberDaysOf() tells of a lift on which days it was heard', async () => {
  const { rows } = (await read('operation.property.elevator', 'l-1')).devices[0] ?? { rows: [] };
  expect(rows.map(({ states }) => states)).toContainEqual(['blind', 'missing', 'missing', 'good']);
});

test('the time in which alarms were held stands in the reason of a station', async () => {
  const { body } = await api.ask(
    'viewer',
    'GET',
    `/assessments/chengdu-2021/items/operation.environment?${query}`,
  );
  const [station] = assessedItemSchema.parse(body).population;
  expect(station?.reason.zh).toContain('告警被搁置或抑制共 3 小时');
});
