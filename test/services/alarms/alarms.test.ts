import { expect, it } from 'vitest';
import { systemClock } from '#infra/clock.ts';
import { silentLog } from '#infra/log.ts';
import { createMetrics } from '#infra/metrics.ts';
import { startAlarms } from '#services/alarms/alarms.ts';
import { defaultRules } from '#services/alarms/default-rules.ts';
import { until } from '#test/kit/events.ts';
import { createAlarmPark } from './alarm-park.ts';

it('startAlarms() judges in one process at a time, and a successor goes on where the leader ended', async () => {
  await using park = await createAlarmPark();
  const { bus, database, directory } = park;
  // Leases are in the database's own time, which no test moves.
  const ground = { bus, directory, clock: systemClock(), log: silentLog() };
  const options = { ...ground, databaseUrl: database.url, timeZone: 'Asia/Shanghai' };
  const leader = startAlarms(options);
  const count = async (sql: string) =>
    (await database.pool.query<{ count: number }>(`select count(*)::int as count from ${sql}`)).rows[0]
      ?.count;
  await until(async () => (await count('alarm_rule')) === defaultRules.length, 'the default rules');
  const metrics = createMetrics({ process: false });
  await using standby = startAlarms({ ...options, metrics });

  // Phase voltage: over 235.4 V for a minute of the source's time.
  await park.send({ point: 'em-1.voltage_l1', atS: 3_500, value: 250 });
  await until(() => count(`alarm_state where state ->> 'phase' = 'pending'`), 'the stored on-delay');
  expect(standby.epoch).toBeUndefined();
  await leader[Symbol.asyncDispose]();
  await until(() => standby.epoch, 'the successor');
  await park.send({ point: 'em-1.voltage_l1', atS: 3_561, value: 249 });
  await until(() => park.published.length === 1, 'the alarm');
  expect(await metrics.metrics()).toMatch(/^parkwatch_alarm_transitions_total 1$/m);
  expect(await park.journal()).toEqual(['raised em-1 3560 249 ≥ 235.4 V, 60 s']);
});
