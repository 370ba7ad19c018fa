import { expect, it } from 'vitest';
import { listAlarms } from '#services/alarms/alarm-store.ts';
import { createAlarmPark } from './alarm-park.ts';

it('updateSuppression() swallows the silence of children into the alarm of their gateway, until that clears', async () => {
  await using park = await createAlarmPark();
  const { pool } = park.database;
  await pool.query(
    `insert into device (id, valid_from, class, name) values ('gw-1', now(), 'gateway', 'Gateway')`,
  );
  await pool.query(`update device set attributes = '{"gatewayId": "gw-1"}' where id = 'em-1'`);
  await park.addPoints('gw-1.online');
  await park.addRule({ kind: 'stale', noDataMs: 60_000 });
  await park.addRule(
    { kind: 'state', test: 'equals', states: ['off'], onDelayMs: 0, offDelayMs: 0 },
    { id: 'gateway-offline', target: { deviceClass: 'gateway', metric: 'online' } },
  );
  await using engine = await park.startEngine();
  const pass = async (seconds: number) => {
    await park.clock.advance(seconds * 1_000);
    await engine.idle();
  };
  const listed = async (state: 'open' | 'suppressed' | 'active') =>
    (await listAlarms(pool, { state, limit: 10 })).map(({ alarm }) => alarm.point).toSorted();
  const online = (atS: number, value: number) => ({ point: 'gw-1.online', atS, value });
  await park.send(online(1, 0));
  await pass(60);
  expect(await listed('open')).toEqual(['em-2.voltage_l1', 'gw-1.online']);
  expect(await listed('suppressed')).toEqual(['em-1.voltage_l1']);
  expect(await listed('active')).toHaveLength(3);
  expect(park.published.map((each) => `${each.point} ${each.kind} ${each.reason}`)).toContain(
    'em-1.voltage_l1 suppressed gw-1 is away',
  );
  // The gateway is back, its child is not: now its own alarm is to be seen.
  await park.send(online(61, 1));
  await engine.idle();
  expect(await listed('open')).toEqual(['em-1.voltage_l1', 'em-2.voltage_l1', 'gw-1.online']);
  expect(await listed('suppressed')).toEqual([]);
  expect(park.published.at(-1)).toMatchObject({ kind: 'unsuppressed', actor: 'system' });
});

it('updateSuppression() leaves one alarm where a whole gateway of ours hears nobody, and all where it hears others', async () => {
  await using park = await createAlarmPark();
  const { pool } = park.database;
  await park.addRule({ kind: 'stale', noDataMs: 60_000 });
  await pool.query(
    `insert into device_status (device_id, source, last_seen)
     select id, 'mqtt', $1 from unnest(array['em-1', 'em-2']) as id`,
    [park.startedAt],
  );
  await using engine = await park.startEngine();
  const suppressed = async () => (await listAlarms(pool, { state: 'suppressed', limit: 10 })).length;
  await park.clock.advance(60_000);
  await engine.idle();
  expect(await suppressed()).toBe(1);
  await pool.query(
    `insert into device_status (device_id, source, last_seen) values ('em-3', 'mqtt', to_timestamp($1::float8 / 1000))`,
    [park.clock.nowMs()],
  );
  await park.clock.advance(2_000);
  await engine.idle();
  expect(await suppressed()).toBe(0);
});

it('updateSuppression() makes one alarm of a gateway that says it is offline and then says nothing', async () => {
  await using park = await createAlarmPark();
  const { pool } = park.database;
  await pool.query(
    `insert into device (id, valid_from, class, name) values ('gw-1', now(), 'gateway', 'Gateway')`,
  );
  await park.addPoints('gw-1.online');
  const target = { deviceClass: 'gateway', metric: 'online' };
  await park.addRule({ kind: 'stale', noDataMs: 60_000 }, { id: 'gateway-silent', target });
  await park.addRule(
    { kind: 'state', test: 'equals', states: ['off'], onDelayMs: 0, offDelayMs: 0 },
    { id: 'gateway-offline', target },
  );
  await using engine = await park.startEngine();
  const rulesOf = async (state: 'open' | 'suppressed') =>
    (await listAlarms(pool, { state, limit: 10 })).map(({ alarm }) => alarm.ruleId);
  await park.send({ point: 'gw-1.online', atS: 1, value: 0 });
  await park.clock.advance(62_000);
  await engine.idle();
  expect(await rulesOf('open')).toEqual(['gateway-offline']);
  expect(await rulesOf('suppressed')).toEqual(['gateway-silent']);
});
