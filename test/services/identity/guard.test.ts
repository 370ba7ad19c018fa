import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { silentLog } from '#infra/log.ts';
import { createSecretBox } from '#infra/secret-box.ts';
import { eraseIdentities } from '#services/identity/erase.ts';
import { startIdentityGuard } from '#services/identity/guard.ts';
import { identityRoutes } from '#services/identity/routes.ts';
import { createTraffic } from '#services/ingest/traffic.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { until } from '#test/kit/events.ts';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';
import { openRouteApi, type RouteApi } from '#test/kit/route-api.ts';
import { createHeldSink } from '#test/kit/sink.ts';

const dayMs = 86_400_000;
const box = createSecretBox(randomBytes(32));
let cleanup: AsyncDisposableStack;
let database: TestDatabase;
let api: RouteApi;
const clock = fakeClock(Date.parse('2026-03-01T00:00:00Z'));

beforeEach(async () => {
  cleanup = new AsyncDisposableStack();
  database = cleanup.use(await createTestDatabase());
  api = cleanup.use(await openRouteApi((v1) => identityRoutes(v1, { db: database.pool, box })));
});
afterEach(() => cleanup.disposeAsync());

const event = (id: string) => {
  const data = { credential: 'SIM-01292' };
  return {
    source: 'mqtt',
    address: 't',
    deviceId: 'door-1',
    receivedAtMs: clock.nowMs(),
    bytes: Buffer.from(JSON.stringify({ data })),
    unacknowledged: false,
    content: {
      kind: 'event' as const,
      events: [{ timeMs: clock.nowMs(), untimed: false, type: 'access.granted', id, data }],
      rejected: [],
    },
  };
};

describe('startIdentityGuard()', () => {
  test('a new park stores pseudonyms; a change holds from then on; raw packets are shown as they are stored', async () => {
    const db = database.pool;
    const nameless = new Set(['mqtt']);
    const guard = cleanup.use(await startIdentityGuard({ db, clock, log: silentLog(), box, nameless }));
    const [sink, traffic] = [createHeldSink(), createTraffic()];
    const protectedSink = guard.protect(traffic.watch(sink));
    const newest = () => {
      const { content, bytes } = sink.committed.at(-1) ?? {};
      return [content?.kind === 'event' ? content.events[0]?.data['credential'] : null, bytes?.toString()];
    };
    await protectedSink.write(event('1'));
    expect(newest()).toEqual([expect.stringMatching(/^h:/), '{"data":{"credential":"***92"}}']);
    expect(Buffer.from(traffic.of('door-1')[0]?.bytes ?? []).toString()).not.toContain('01292');

    const asked = { value: 'SIM-01292', reason: 'lost card' };
    const { body } = await api.ask('admin', 'POST', '/identity-policy/pseudonym', asked);
    expect(body).toEqual({ pseudonym: newest()[0] });
    const audit = await db.query<{ body: string }>(`select body from journal where journal = 'audit'`);
    expect(audit.rows.map((row) => row.body).join()).not.toContain('01292');
    expect(audit.rows[0]?.body).toContain('lost card');

    await db.query(`update identity_policy set mode = 'keep'`);
    await db.query(`select pg_notify('parkwatch_identity', '')`);
    await until(async () => {
      await protectedSink.write(event('2'));
      return newest()[0] === 'SIM-01292';
    }, 'the new policy');
  });
});

test('eraseIdentities() masks whom old events name, and looks at each span once', async () => {
  const db = database.pool;
  const nowMs = clock.nowMs();
  const insert = (id: string, ageDays: number) =>
    db.query(
      `insert into event (device_id, time, untimed, type, event_key, data, source)
       values ('door-1', $1, false, 'access.granted', $2, '{"credential": "SIM-01292", "direction": "in"}', 'x')`,
      [new Date(nowMs - ageDays * dayMs), id],
    );
  const credentials = async () => {
    const { rows } = await db.query<{ c: string }>(
      `select data ->> 'credential' as c from event order by time, event_key`,
    );
    return rows.map(({ c }) => c);
  };
  for (let n = 0; n < 1_100; n++) await insert(`old-${String(n).padStart(4, '0')}`, 40);
  await insert('new', 10);
  await eraseIdentities(db, { keepDays: 30, nowMs });
  expect(new Set((await credentials()).slice(0, 1_100))).toEqual(new Set(['***92']));
  expect((await credentials()).at(-1)).toBe('SIM-01292');
  await eraseIdentities(db, { keepDays: 30, nowMs: nowMs + 25 * dayMs });
  expect(new Set(await credentials())).toEqual(new Set(['***92']));
});
