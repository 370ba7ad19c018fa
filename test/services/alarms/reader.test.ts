import type { QueryConfig } from 'pg';
import { describe, expect, it } from 'vitest';
import { startAcknowledgements } from '#services/alarms/acknowledgements.ts';
import { listAlarms } from '#services/alarms/alarm-store.ts';
import { listNotRaised } from '#services/alarms/not-raised-store.ts';
import { acknowledgeAlarm } from '#services/alarms/service.ts';
import type { ReportedAcknowledgement } from '#schemas/alarm-reported.ts';
import { silentLog } from '#infra/log.ts';
import type { Database } from '#infra/postgres.ts';
import { createAlarmPark, type AlarmPark } from './alarm-park.ts';

async function parkWithDevices(): Promise<AlarmPark> {
  const park = await createAlarmPark();
  await park.database.pool.query(
    `insert into device (id, valid_from, class, name)
     values ('door-1', now(), 'access-door', 'Door 1'), ('fire-1', now(), 'fire-panel', 'Panel 1')`,
  );
  return park;
}

/** Stores an event as the writer does; nobody is told. */
async function store(
  park: AlarmPark,
  deviceId: string,
  atS: number,
  [type, data]: [string, object?],
): Promise<void> {
  await park.database.pool.query(
    `insert into event (device_id, time, untimed, type, event_key, data, source)
     values ($1, to_timestamp($2), false, $3, $4, $5, 'mqtt')`,
    [deviceId, Date.parse(park.startedAt) / 1_000 + atS, type, `${atS}`, JSON.stringify(data ?? {})],
  );
}

describe('Reader of events', () => {
  it('raises without a point, once however often it is read, and finds what the bus did not tell of', async () => {
    await using park = await parkWithDevices();
    const target = { deviceClass: 'access-door' };
    const event = {
      kind: 'event',
      type: 'access.denied',
      where: { why: 'expired' },
      count: 1,
      windowMs: 60_000,
      clearAfterMs: 60_000,
    } as const;
    await park.addRule(event, { id: 'denied', target });
    const engine = await park.startEngine();
    await store(park, 'door-1', 1, ['access.denied', { why: 'wrong-time' }]);
    await store(park, 'door-1', 2, ['access.denied', { why: 'expired' }]);
    await park.clock.advance(2_000);
    await engine.idle();
    expect(await park.journal()).toEqual(['raised door-1 2 event access.denied']);
    const [listed] = await listAlarms(park.database.pool, { state: 'active', limit: 10 });
    expect(listed?.alarm).toMatchObject({
      object: 'door-1',
      point: null,
      metricName: null,
      deviceName: 'Door 1',
      value: null,
    });
    await engine[Symbol.asyncDispose]();
    await using successor = await park.startEngine();
    park.bus.publish('events', { deviceIds: ['door-1'] });
    await successor.idle();
    await park.clock.advance(62_000);
    await successor.idle();
    expect(await park.journal()).toEqual([
      'raised door-1 2 event access.denied',
      'cleared door-1 62 no further event, 60 s',
    ]);
  });

  it('misses no event whose transaction commits after a later one', async () => {
    await using park = await parkWithDevices();
    const target = { deviceClass: 'access-door' };
    await park.addRule(
      { kind: 'event', type: 'door.forced', where: {}, count: 1, windowMs: 60_000, clearAfterMs: 600_000 },
      { id: 'forced', target },
    );
    await park.database.pool.query(
      `insert into device (id, valid_from, class, name) values ('door-2', now(), 'access-door', 'Door 2')`,
    );
    await using engine = await park.startEngine();
    const slow = await park.database.pool.connect();
    try {
      await slow.query('begin');
      await slow.query(
        `insert into event (device_id, time, untimed, type, event_key, data, source)
         values ('door-1', to_timestamp($1), false, 'door.forced', 'slow', '{}', 'mqtt')`,
        [Date.parse(park.startedAt) / 1_000 + 1],
      );
      await store(park, 'door-2', 2, ['door.forced']);
      park.bus.publish('events', { deviceIds: ['door-2'] });
      await engine.idle();
      await slow.query('commit');
    } finally {
      slow.release();
    }
    park.bus.publish('events', { deviceIds: ['door-1'] });
    await engine.idle();
    expect(await park.journal()).toEqual([
      'raised door-2 2 event door.forced',
      'raised door-1 1 event door.forced',
    ]);
  });

  it('takes up alarms that a device reports, each by its own name and severity, and passes acknowledgements back', async () => {
    await using park = await parkWithDevices();
    const { pool } = park.database;
    await park.addRule({ kind: 'reported' }, { id: 'panel', target: { deviceClass: 'fire-panel' } });
    await using engine = await park.startEngine();
    await store(park, 'fire-1', 1, [
      'alarm.raised',
      { alarm: 'loop 1/12', severity: 'critical', text: 'smoke' },
    ]);
    await store(park, 'fire-1', 2, ['alarm.raised', { alarm: 'loop 2/3' }]);
    await store(park, 'fire-1', 3, ['alarm.cleared', { alarm: 'loop 2/3' }]);
    await store(park, 'fire-1', 4, ['alarm.raised', { alarm: 'a#b' }]);
    park.bus.publish('events', { deviceIds: ['fire-1'] });
    await engine.idle();
    expect((await park.journal()).toSorted()).toEqual([
      'cleared fire-1 3 device reports the end of loop 2/3',
      'raised fire-1 1 device reports loop 1/12: smoke',
      'raised fire-1 2 device reports loop 2/3',
    ]);
    const [active] = await listAlarms(pool, { state: 'active', limit: 10 });
    expect(active?.alarm).toMatchObject({ object: 'fire-1#loop 1/12', severity: 'critical', active: true });

    const passed: ReportedAcknowledgement[] = [];
    let isReachable = false;
    await using acknowledgements = startAcknowledgements({
      db: pool,
      bus: park.bus,
      clock: park.clock,
      log: silentLog(),
      gateways: [
        async (acknowledgement) => {
          if (!isReachable) throw new Error('no connection');
          passed.push(acknowledgement);
          return true;
        },
      ],
    });
    const deps = { db: pool, bus: park.bus, clock: park.clock };
    await acknowledgeAlarm(deps, { id: Number(active?.alarm.id), actor: 'wang', comment: 'going there' });
    await acknowledgements.idle();
    expect(passed).toEqual([]);
    isReachable = true;
    await park.clock.advance(30_000);
    await acknowledgements.idle();
    expect(passed).toMatchObject([
      { deviceId: 'fire-1', key: 'loop 1/12', actor: 'wang', comment: 'going there' },
    ]);
    await park.clock.advance(30_000);
    await acknowledgements.idle();
    expect(passed).toHaveLength(1);
  });
});

describe('Acknowledgements at the device', () => {
  it('acknowledge what had been raised by then, with the device as who, and do not go back to it', async () => {
    await using park = await parkWithDevices();
    const { pool } = park.database;
    await park.addRule({ kind: 'reported' }, { id: 'panel', target: { deviceClass: 'fire-panel' } });
    const engine = await park.startEngine();
    await store(park, 'fire-1', 1, ['alarm.raised', { alarm: 'loop 1/12', text: 'smoke' }]);
    await store(park, 'fire-1', 2, ['alarm.raised', { alarm: 'loop 2/3' }]);
    await store(park, 'fire-1', 3, [
      'alarm.acknowledged',
      { alarm: 'loop 1/12', by: 'guard', text: 'toast' },
    ]);
    // Before it was raised: of an earlier one.
    await store(park, 'fire-1', 0.5, ['alarm.acknowledged', { alarm: 'loop 2/3' }]);
    await store(park, 'fire-1', 4, ['alarm.acknowledged', { alarm: 'loop 9/9' }]);
    await park.clock.advance(5_000);
    await engine.idle();
    const told = async () => (await park.journal()).filter((line) => line.startsWith('acknowledged'));
    expect(await told()).toEqual(['acknowledged fire-1 3 acknowledged at fire-1 by guard: toast']);
    const found = await listAlarms(pool, { state: 'active', limit: 10 });
    expect(found.map(({ alarm }) => [alarm.object, alarm.acknowledgedBy, alarm.comment])).toEqual([
      ['fire-1#loop 2/3', null, null],
      ['fire-1#loop 1/12', 'device:fire-1', 'acknowledged at fire-1 by guard: toast'],
    ]);
    expect(park.published.find(({ kind }) => kind === 'acknowledged')).toMatchObject({
      actor: 'device:fire-1',
      acknowledged: true,
      facts: { code: 'acknowledged-at-device', device: 'fire-1', by: 'guard', text: 'toast' },
    });
    const { rows } = await pool.query('select from alarm_acknowledgement');
    expect(rows).toHaveLength(0);
    // The same again, by a leader that does not know how far the one before it came.
    await engine[Symbol.asyncDispose]();
    await pool.query(`update alarm_cursor set xid = '0' where name = 'event'`);
    await using successor = await park.startEngine();
    await park.clock.advance(2_000);
    await successor.idle();
    expect(await told()).toHaveLength(1);
  });
});

describe('Reader of history', () => {
  const volts = (atS: number, value: number) => ({ point: 'em-1.voltage_l1', atS, value });

  it('raises nothing of a back-fill but what still stands, and notes the rest', async () => {
    await using park = await createAlarmPark();
    await park.addRule({});
    await using engine = await park.startEngine();
    await park.clock.advance(4 * 3_600_000);
    await engine.idle();
    // Beyond for a while two hours ago, and again since an hour ago.
    await park.send(volts(7_200, 250), volts(7_260, 230), volts(10_800, 251), volts(10_860, 252));
    await engine.idle();
    expect(await park.journal()).toEqual([]);
    await park.clock.advance(30_000);
    await engine.idle();
    expect(await park.journal()).toEqual(['raised em-1 10800 252 ≥ 240 V, no newer value']);
    const notes = await listNotRaised(park.database.pool, { ruleId: 'voltage-high', limit: 10 });
    expect(notes.map(({ kind, value }) => `${kind} ${value}`)).toEqual(['history 250']);
  });

  it('raises what a fresh reading confirms, as of when it began', async () => {
    await using park = await createAlarmPark();
    await park.addRule({ onDelayMs: 60_000 });
    await using engine = await park.startEngine();
    await park.clock.advance(4 * 3_600_000);
    await engine.idle();
    await park.send(volts(10_800, 250), volts(10_900, 250), volts(14_400, 250));
    await engine.idle();
    expect(await park.journal()).toEqual(['raised em-1 10860 250 ≥ 240 V, 60 s']);
  });

  it('notes a late reading that is beyond, and not one of an occurrence that is known', async () => {
    await using park = await createAlarmPark();
    await park.addRule({});
    await using engine = await park.startEngine();
    await park.send(volts(10, 230));
    await park.send(volts(5, 400));
    await park.send(volts(20, 250), volts(30, 230));
    park.tell(volts(20, 250));
    await engine.idle();
    const notes = await listNotRaised(park.database.pool, { ruleId: null, limit: 10 });
    expect(notes.map(({ kind, value }) => `${kind} ${value}`)).toEqual(['late 400']);
  });
});

describe('Reader of missed readings', () => {
  const meters = 1_200;

  /** A park of many meters, each with a reading, and the points of the first and the last. */
  async function parkWithMeters(): Promise<{ park: AlarmPark; first: string; last: string }> {
    const park = await createAlarmPark();
    const { pool } = park.database;
    await pool.query(
      `insert into device (id, valid_from, class, name)
       select 'm-' || n, now(), 'energy-meter', 'M ' || n from generate_series(1, $1::int) n`,
      [meters],
    );
    const [first, last] = ['m-1.voltage_l1', `m-${meters}.voltage_l1`];
    await park.addPoints(first);
    await pool.query(
      `insert into point (device_id, metric)
       select 'm-' || n, 'voltage_l1' from generate_series(2, $1::int) n order by n`,
      [meters - 1],
    );
    await park.addPoints(last);
    await pool.query(
      `insert into reading (point_id, time, value, quality)
       select point_id, $1::timestamptz, 230, 0 from point where device_id like 'm-%'`,
      [park.startedAt],
    );
    return { park, first, last };
  }

  it('reads the rows of every point once, however much is told meanwhile, and misses nothing of it', async () => {
    const { park, first, last } = await parkWithMeters();
    await using _park = park;
    await park.addRule({});
    const { pool } = park.database;
    const unwatched = Array.from({ length: 200_000 }, () => park.pointId('em-1.active_power'));
    const none = unwatched.map(() => 0);
    const flood = { pointIds: unwatched, timesMs: none, values: none, qualities: none };
    const asked: number[] = [];
    const query = async (statement: string | QueryConfig, values: unknown[]) => {
      const result = await pool.query(statement, values);
      const text = typeof statement === 'string' ? statement : statement.text;
      if (!text.includes('handled_to_ms')) return result;
      if (asked.push((values[0] as number[]).length) > 10)
        throw new Error('The rows are read again and again');
      park.bus.publish('readings', flood);
      // Of a point that has been read, and of one that is still to be read.
      if (asked.length === 1) {
        await park.send({ point: first, atS: 1, value: 250 }, { point: last, atS: 1, value: 250 });
      }
      return result;
    };
    const db = { query, connect: () => pool.connect() } as unknown as Database;
    await using engine = await park.startEngine({ db });
    await engine.idle();
    expect(asked).toEqual([500, 500, 200]);
    expect((await park.journal()).toSorted()).toEqual([
      'raised m-1 1 250 ≥ 240 V',
      `raised m-${meters} 1 250 ≥ 240 V`,
    ]);
  });
});
