import { afterAll, beforeAll, expect, it } from 'vitest';
import type { FieldTrace } from '#schemas/api/ingest.ts';
import { sayText } from '#schemas/phrases.ts';
import { fieldTraceRoute } from '#services/ingest/field-trace-routes.ts';
import { createTraffic } from '#services/ingest/traffic.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { createTestDatabase } from '#test/kit/postgres.ts';
import { openRouteApi, type RouteApi } from '#test/kit/route-api.ts';

const cleanup = new AsyncDisposableStack();
let api: RouteApi;

beforeAll(async () => {
  const { pool: db } = cleanup.use(await createTestDatabase());
  const traffic = createTraffic();
  await traffic.watch({ write: () => Promise.resolve() }).write({
    source: 'mqtt',
    address: 'park/v1/demo/door-1/event',
    deviceId: 'door-1',
    receivedAtMs: Date.UTC(2026, 0, 5),
    bytes: Buffer.from('{"type":"access.granted","data":{"cardNumber":"12345678"}}'),
    unacknowledged: false,
    content: { kind: 'refused', reason: 'unknown-field', detail: sayText('why') },
  });
  api = cleanup.use(
    await openRouteApi((scope) => fieldTraceRoute(scope, { db, clock: fakeClock(), traffic })),
  );
});
afterAll(() => cleanup.disposeAsync());

it('shows what a device sent to engineers, persons masked even for them', async () => {
  const { status, body } = await api.ask('engineer', 'GET', '/devices/door-1/field-trace');
  expect(status).toBe(200);
  const { packets, sequences } = body as FieldTrace;
  expect(packets).toMatchObject([{ kind: 'refused', refused: { reason: 'unknown-field' }, size: 58 }]);
  expect(packets?.[0]?.payload).toBe('{"type":"access.granted","data":{"cardNumber":"***78"}}');
  expect(sequences).toEqual([]);
  expect((await api.ask('operator', 'GET', '/devices/door-1/field-trace')).status).toBe(403);
});
