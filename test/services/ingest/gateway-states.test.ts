import { expect, test } from 'vitest';
import { silentLog } from '#infra/log.ts';
import type { GatewayStatus } from '#schemas/gateway.ts';
import { addLosses, openGatewayStates, type Loss } from '#services/ingest/gateway-states.ts';
import { readGatewayStates } from '#services/ingest/store-gateways.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { createTestDatabase } from '#test/kit/postgres.ts';

const log = silentLog();

function statusOf(canary: GatewayStatus['canary']): GatewayStatus {
  const counts = { packetsAcknowledged: 0, packetsWaiting: 0 };
  return { source: 'mqtt', protocol: 'mqtt', connected: true, detail: 'a broker', ...counts, canary };
}

test('addLosses() adds what this start found to what earlier ones had, and knows when there was more', () => {
  const earlier = { holes: 3, sessionsLost: 1, lostAt: new Date(1) };
  const of = (holes: number, nowMs: number, last = earlier) =>
    addLosses({ status: statusOf({ lagMs: 1, holes, sessionsLost: 0 }), earlier, last, nowMs });
  expect(of(0, 50)).toEqual(earlier);
  expect(of(2, 60)).toEqual({ holes: 5, sessionsLost: 1, lostAt: new Date(60) });
  expect(of(2, 70, { holes: 5, sessionsLost: 1, lostAt: new Date(60) })?.lostAt).toEqual(new Date(60));
  expect(addLosses({ status: statusOf(null), earlier, last: earlier, nowMs: 1 })).toBeNull();
});

test('openGatewayStates() keeps what brokers lost through restarts, and tells each loss once', async () => {
  await using database = await createTestDatabase();
  const db = database.pool;
  const clock = fakeClock(1_000_000);
  const losses: Loss[] = [];
  const run = async (canary: GatewayStatus['canary'], use: () => Promise<void>) => {
    const states = await openGatewayStates({ db, clock, log, instance: 1 });
    const had = states.hadSession('mqtt');
    await using _ = states.start(
      () => [statusOf(canary)],
      (_source, loss) => losses.push(loss),
    );
    await use();
    return had;
  };
  const kept = async () => (await readGatewayStates(db))[0]?.losses;
  const holes = (count: number) => () => expect.poll(async () => (await kept())?.holes).toBe(count);

  expect(await run({ lagMs: 3, holes: 2, sessionsLost: 0 }, holes(2))).toBe(false);
  expect(losses).toEqual([{ atMs: 1_000_000, count: 2 }]);
  expect(await run({ lagMs: 3, holes: 1, sessionsLost: 1 }, holes(3))).toBe(true);
  expect(losses.slice(1)).toEqual([{ atMs: 1_000_000, count: 2 }]);
  expect(await kept()).toMatchObject({ holes: 3, sessionsLost: 1 });
  // An embedded broker holds no session that could be missed.
  await run(null, () => expect.poll(kept).toBeNull());
  expect(await run(null, () => Promise.resolve())).toBe(false);
});
