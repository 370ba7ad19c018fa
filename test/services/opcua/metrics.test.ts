import { expect, test } from 'vitest';
import { createMetrics } from '#infra/metrics.ts';
import { registerOpcuaMetrics } from '#services/opcua/metrics.ts';
import { createTestDatabase } from '#test/kit/postgres.ts';

test('registerOpcuaMetrics() tells the figures of gateways that were heard of lately', async () => {
  await using database = await createTestDatabase();
  const { pool: db } = database;
  const metrics = createMetrics({ process: false });
  registerOpcuaMetrics(metrics, db);
  const figures = {
    serverId: 'plant',
    origin: 'saved',
    endpoint: 'opc.tcp://a:4840',
    securityMode: 'Sign',
    nodes: 12,
    refusedNodes: 2,
    refusedFirst: [],
    valuesPerSecond: 3.5,
    valuesWaiting: 0,
    valuesLost: 0,
    overflows: 7,
    trouble: null,
    lastSeen: null,
    lastBreak: null,
    lastHistory: null,
    conditions: { active: 1, withoutDevice: 0 },
  };
  await db.query(
    `insert into gateway_state (source, instance, protocol, connected, detail, figures, seen_at)
     values ('opcua-plant', 1, 'opcua', true, '', $1, now()),
            ('opcua-old', 1, 'opcua', true, '', $1, now() - interval '1 hour'),
            ('mqtt', 1, 'mqtt', true, '', null, now())`,
    [figures],
  );
  const text = await metrics.metrics();
  for (const line of [
    'parkwatch_opcua_nodes{source="opcua-plant"} 12',
    'parkwatch_opcua_values_per_second{source="opcua-plant"} 3.5',
    'parkwatch_opcua_overflows{source="opcua-plant"} 7',
    'parkwatch_opcua_conditions_active{source="opcua-plant"} 1',
  ])
    expect(text).toContain(line);
  expect(text).not.toContain('opcua-old');
});
