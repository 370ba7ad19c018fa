import { describe, expect, it } from 'vitest';
import { alarmConditionSchema } from '#schemas/alarm.ts';
import { localCalendar } from '#schemas/local-time.ts';
import type { ParkError } from '#schemas/errors.ts';
import { dryRun } from '#services/alarms/dry-run.ts';
import { createAlarmPark } from './alarm-park.ts';

const high = alarmConditionSchema.parse({ kind: 'limit', side: 'high', limit: 240 });
const ofMeters = { deviceClass: 'energy-meter', metric: 'voltage_l1' };

describe('dryRun()', () => {
  it('raises what the engine raises on the same readings, and writes nothing', async () => {
    await using park = await createAlarmPark();
    const samples = Array.from({ length: 200 }, (_, i) => ({
      point: i % 3 === 0 ? 'em-2.voltage_l1' : 'em-1.voltage_l1',
      atS: i,
      value: 240 + Math.round(6 * Math.sin(i / 5)),
    }));
    await park.store(...samples);
    await park.clock.advance(300_000);
    const deps = { db: park.database.pool, clock: park.clock, calendar: localCalendar('Asia/Shanghai') };
    const tried = await dryRun(deps, { target: ofMeters, condition: high, days: 1 });
    const stored = await park.database.pool.query('select from alarm union all select from alarm_state');
    expect(stored.rowCount).toBe(0);

    // The engine is given the same readings one by one.
    await using twin = await createAlarmPark();
    await twin.addRule({});
    await using judging = await twin.startEngine();
    for (const sample of samples) await twin.send(sample);
    await judging.idle();
    const raised = (await twin.journal()).filter((line) => line.startsWith('raised'));
    expect(tried.count).toBe(raised.length);
    expect(tried.count).toBeGreaterThan(10);
    expect(tried).toMatchObject({ points: 2, pointsWithoutData: 0, readings: 200 });
    const told = tried.occurrences.map(({ object, raisedAt, reason }) => {
      const atS = (Date.parse(raisedAt) - Date.parse(park.startedAt)) / 1_000;
      return `raised ${object.split('.')[0]} ${atS} ${reason}`;
    });
    expect(told.toSorted()).toEqual(raised.toSorted());
  });

  it('tells of points without data, and refuses a rule that cannot be', async () => {
    await using park = await createAlarmPark();
    const deps = { db: park.database.pool, clock: park.clock, calendar: localCalendar('Asia/Shanghai') };
    const stale = { kind: 'stale', noDataMs: 60_000 } as const;
    const tried = await dryRun(deps, { target: ofMeters, condition: stale, days: 1 });
    expect(tried).toMatchObject({ points: 2, pointsWithoutData: 2, count: 0, occurrences: [] });
    const refused = dryRun(deps, { target: { point: 'em-9.voltage_l1' }, condition: high, days: 1 });
    await expect(refused).rejects.toMatchObject({ code: 'invalid-request' } satisfies Partial<ParkError>);
  });

  it('refuses before reading what would be too much', async () => {
    await using park = await createAlarmPark();
    const { pool } = park.database;
    await pool.query(`insert into device (id, valid_from, class, name)
      select 'x-' || n, now(), 'energy-meter', 'Meter' from generate_series(1, 100) n`);
    await pool.query(
      `insert into point (device_id, metric) select 'x-' || n, 'voltage_l1' from generate_series(1, 100) n`,
    );
    const deps = { db: pool, clock: park.clock, calendar: localCalendar('Asia/Shanghai') };
    const days = (count: number) => dryRun(deps, { target: ofMeters, condition: high, days: count });
    // 102 points, one value a minute.
    await expect(days(31)).rejects.toMatchObject({ code: 'too-many-values', status: 413 });
    await expect(days(1)).resolves.toMatchObject({ points: 102 });
  });
});
