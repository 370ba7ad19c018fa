import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Queryable } from '#infra/postgres.ts';
import { readLastSeen } from '#services/assessment/gaps/store.ts';
import { insertDevices } from '#test/kit/park-rows.ts';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';

const stack = new AsyncDisposableStack();
let database: TestDatabase;
const events = 20_000;

beforeAll(async () => {
  database = stack.use(await createTestDatabase());
  const from = '2024-01-01T00:00:00Z';
  await insertDevices(database.pool, [
    { id: 'door', class: 'access-door', from },
    { id: 'gate', class: 'parking-gate', from },
  ]);
  await database.pool.query(
    `insert into event (device_id, time, untimed, type, event_key, data, source)
     select case when n % 2 = 0 then 'door' else 'gate' end, timestamptz '2026-01-01' - ($1::int - n) * interval '1 min',
       false, case when n % 2 = 0 then 'access.granted' else 'vehicle.entered' end, 'k' || n, '{}', 'mqtt'
     from generate_series(1, $1::int) n`,
    [events],
  );
  await database.pool.query('vacuum analyze event');
});
afterAll(() => stack.disposeAsync());

const beforeMs = Date.parse('2026-01-01T00:00:00Z');
const dayOf = (timeMs: number) => new Date(timeMs).toISOString().slice(0, 10);
const asked = (type: string, deviceClass: string) => ({
  item: type,
  function: 'f',
  classes: [deviceClass],
  types: [type],
});

interface Plan {
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly Plan[];
}

const rowsRead = (plan: Plan): number =>
  Math.max(
    plan['Actual Loops'] * (plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0)),
    ...(plan.Plans ?? []).map(rowsRead),
  );

test('readLastSeen() tells the day of the newest event of a device of the class', async () => {
  const { pool } = database;
  const seen = await readLastSeen(pool, {
    events: [asked('access.granted', 'access-door'), asked('vehicle.entered', 'access-door')],
    beforeMs: Date.parse('2025-12-30T00:00:00Z'),
    dayOf,
  });
  expect([...seen]).toEqual([['access.granted f', '2025-12-29']]);
});

test('readLastSeen() reads none of the others when a type never came', async () => {
  let most = Infinity;
  // Asks for the plan of the same statement instead.
  const explained = {
    query: async (text: string, values: unknown[]) => {
      const { rows } = await database.pool.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(
        `explain (analyze, format json) ${text}`,
        values,
      );
      most = Math.max(...(rows[0]?.['QUERY PLAN'] ?? []).map((each) => rowsRead(each.Plan)));
      return { rows: [] };
    },
  } as unknown as Queryable;
  await readLastSeen(explained, { events: [asked('notice.read', 'application')], beforeMs, dayOf });
  expect(most).toBeLessThan(10);
  await readLastSeen(explained, { events: [asked('access.granted', 'parking-gate')], beforeMs, dayOf });
  expect(most).toBeLessThan(events / 10);
});
