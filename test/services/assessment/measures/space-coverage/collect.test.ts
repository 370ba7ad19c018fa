import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RubricItem } from '#schemas/rubric.ts';
import { rubrics } from '#schemas/rubrics/index.ts';
import type { CollectRequest } from '#services/assessment/collect.ts';
import { spaceCoverageCollector } from '#services/assessment/measures/space-coverage/collect.ts';
import {
  spaceCoverage,
  type SpaceCoverageFacts,
} from '#services/assessment/measures/space-coverage/derive.ts';
import { coverReadings, insertDevices, insertReadings } from '#test/kit/park-rows.ts';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';

/** Four local days in Shanghai, from the 3rd to the 6th of January. */
const period = { from: '2026-01-02T16:00:00Z', to: '2026-01-06T16:00:00Z' };
const request: CollectRequest = {
  fromMs: Date.parse(period.from),
  toMs: Date.parse(period.to),
  asOfMs: Date.parse('2026-01-07T00:00:00Z'),
  timeZone: 'Asia/Shanghai',
};
const long = '2025-01-01T00:00:00Z';
const days = {
  second: '2026-01-03T16:00:00Z',
  third: '2026-01-04T16:00:00Z',
  fourth: '2026-01-05T16:00:00Z',
};

function itemOf(id: string): RubricItem {
  const item = rubrics.get('chengdu-2021')?.items.find((entry) => entry.id === id);
  if (item === undefined) throw new Error(`no item ${id}`);
  return item;
}
const video = itemOf('operation.security.video-coverage');

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  const { pool } = database;
  await coverReadings(pool, { from: '2025-12-01', to: '2026-01-08' });
  for (const [id, parent, tags] of [
    ['park', null, '{}'],
    ['east', 'park', '{}'],
    ['gate', 'east', '{key-location}'],
    ['booth', 'gate', '{}'],
    ['lobby', 'park', '{key-location}'],
    ['lane', 'park', '{key-location}'],
    ['ramp', 'park', '{key-location}'],
    ['roof', 'park', '{crowded-area}'],
  ] as const) {
    await pool.query(
      `insert into space (id, valid_from, parent_id, kind, name, tags) values ($1, $2, $3, 'zone', $1, $4)`,
      [id, long, parent, tags],
    );
  }
  await insertDevices(pool, [
    { id: 'c-deep', class: 'camera', from: long },
    // Came from the roof on the second day.
    { id: 'c-moved', class: 'camera', from: long, to: days.third },
    { id: 'c-moved', class: 'camera', from: days.third },
    { id: 'c-new', class: 'camera', from: '2026-01-06T02:00:00Z' },
    // In service for two days and a half, then gone for good.
    { id: 'c-gone', class: 'camera', from: long, to: '2026-01-05T04:00:00Z' },
    { id: 'c-gone', class: 'camera', from: '2026-01-05T04:00:00Z', lifecycle: 'retired' },
  ]);
  await pool.query(
    `update device set space_id = case id when 'c-deep' then 'booth' when 'c-new' then 'lane'
    when 'c-gone' then 'ramp' else case when valid_from = $1 then 'roof' else 'lobby' end end`,
    [long],
  );
  const hourly = { metric: 'online', everyS: 3_600 };
  await insertReadings(pool, { device: 'c-deep', ...hourly, ...period });
  // On the roof it was dead; in the lobby it delivers.
  await insertReadings(pool, { device: 'c-moved', ...hourly, from: days.third, to: period.to });
  await insertReadings(pool, { device: 'c-new', ...hourly, from: '2026-01-06T02:00:00Z', to: period.to });
  await insertReadings(pool, { device: 'c-gone', ...hourly, from: period.from, to: days.third });
});
afterAll(() => database[Symbol.asyncDispose]());

function collect(item: RubricItem, more: Partial<CollectRequest> = {}): Promise<SpaceCoverageFacts> {
  return spaceCoverageCollector.collect(
    database.pool,
    { ...request, ...more },
    item,
  ) as Promise<SpaceCoverageFacts>;
}

describe('space-coverage', () => {
  test('counts a place by a device anywhere below it, where it stands, for the days it was there', async () => {
    const facts = await collect(video);
    const members = new Map(spaceCoverage.members(facts, video).map((member) => [member.deviceId, member]));
    expect(members.get('gate')).toMatchObject({ standing: 'counted', point: 'c-deep.online', noted: false });
    // Moved in the period: two days count, on both it delivered, and the move is told.
    expect(members.get('lobby')).toMatchObject({
      standing: 'counted',
      noted: true,
      reason: {
        en: `1 devices; c-moved: Enough good readings on 2 of 2 local days in service (100 %); here since ${new Date(days.third).toISOString()}, not counted before`,
      },
    });
    // Added yesterday: no complete day is known, so its place is not covered by it.
    expect(members.get('lane')).toMatchObject({
      standing: 'not-counted',
      reason: { en: '1 devices; c-new: In service here for less than one complete local day of the period' },
    });
    // Retired in the period: it counts for the days it served.
    expect(members.get('ramp')).toMatchObject({ standing: 'counted', noted: true });
    expect(members.has('roof')).toBe(false);
    expect(spaceCoverage.derive(facts, video)).toMatchObject({
      value: 75,
      unit: '%',
      population: { counted: 3, of: 4 },
      completeness: 1,
      verdict: 'sufficient',
    });
  });

  test('shows how long the alarms of a device were held, those that overlap once', async () => {
    await database.pool.query(
      `insert into alarm_held (kind, rule_id, object, since, until, actor, reason) values
       ('shelved', 'a', 'c-deep.online', $1::timestamptz, $1::timestamptz + interval '2 h', 'eva', 'work'),
       ('suppressed', 'b', 'c-deep', $1::timestamptz + interval '1 h', $1::timestamptz + interval '3 h', 'system', 'planned')`,
      [days.second],
    );
    const facts = await collect(video);
    expect(facts.devices.find(({ deviceId }) => deviceId === 'c-deep')?.heldS).toBe(3 * 3_600);
    const gate = spaceCoverage.members(facts, video).find(({ deviceId }) => deviceId === 'gate');
    expect(gate?.reason.en).toContain('its alarms were held for 3 h in all');
    expect(gate?.noted).toBe(true);
  });

  test('leaves out a device that a person excluded for this item alone', async () => {
    await database.pool.query(
      `insert into exclusion (measure, device_id, valid_from, reason_zh, reason_en, actor)
       values ('operation.security.video-coverage', 'c-deep', $1, '调试', 'being set up', 'eva')`,
      [period.from],
    );
    const facts = await collect(video);
    expect(spaceCoverage.derive(facts, video).value).toBe(50);
    await database.pool.query(`delete from exclusion`);
  });

  test('decides nothing over a period that nobody watched, without a complete day, or without declared places', async () => {
    const silent = await collect(video, {
      fromMs: Date.parse('2025-12-10T16:00:00Z'),
      toMs: Date.parse('2025-12-12T16:00:00Z'),
    });
    expect(spaceCoverage.derive(silent, video)).toMatchObject({
      verdict: 'insufficient',
      value: null,
      missing: [{ en: expect.stringContaining('On 2 of 2 local days') as string }],
    });
    const short = await collect(video, { fromMs: request.toMs - 3_600_000 });
    expect(spaceCoverage.derive(short, video).missing[0]?.en).toBe('The period holds no complete local day');
    const displays = itemOf('infra.base-platform.display-coverage');
    expect(spaceCoverage.derive(await collect(displays), displays).missing[0]?.en).toBe(
      'The park has declared no space as key location for displays',
    );
  });
});
