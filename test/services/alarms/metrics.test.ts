import { expect, it } from 'vitest';
import { createMetrics } from '#infra/metrics.ts';
import type { Queryable } from '#infra/postgres.ts';
import { registerAlarmMetrics } from '#services/alarms/metrics.ts';
import { createAlarmPark } from './alarm-park.ts';

it('registerAlarmMetrics() tells open alarms by severity, zeros too, and nothing while the store is away', async () => {
  await using park = await createAlarmPark();
  await park.addRule({});
  await using engine = await park.startEngine();
  await park.send({ point: 'em-1.voltage_l1', atS: 1, value: 250 });
  await engine.idle();
  const metrics = createMetrics({ process: false });
  registerAlarmMetrics(metrics, park.database.pool);
  const told = await metrics.metrics();
  expect(told).toContain('parkwatch_alarms{severity="high",state="active"} 1');
  expect(told).toContain('parkwatch_alarms{severity="critical",state="unacknowledged"} 0');

  const away = { query: () => Promise.reject(new Error('connect')) } as unknown as Queryable;
  const others = createMetrics({ process: false });
  registerAlarmMetrics(others, away);
  expect(await others.metrics()).not.toContain('parkwatch_alarms{');
});
