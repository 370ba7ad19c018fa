import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mappingDesk } from '#gateways/mapping/desk.ts';
import type { MappingsAnswer, ReadyMadeAnswer, TryMappingAnswer } from '#schemas/api/mappings.ts';
import { silentLog } from '#infra/log.ts';
import { openMappingBook } from '#gateways/mapping/book.ts';
import { mappingRoutes } from '#services/mappings/routes.ts';
import { startSavedMappings } from '#services/mappings/saved.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { until } from '#test/kit/events.ts';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';
import { openRouteApi, type RouteApi } from '#test/kit/route-api.ts';

const mapping = `mappings:
  - id: m
    topic: m/{id}
    device: em-{id}
    values:
      - { metric: active_power, path: p, unit: W }
      - { metric: voltage_l1, path: u }
    events: [{ type: trip, when: { path: trip }, id: trip }]
`;

const cleanup = new AsyncDisposableStack();
const bytes = Buffer.from('{"p":1,"cardNumber":"12345678"}');
const received = () => [{ topic: 'm/7', atMs: Date.parse('2026-03-01T00:00:00Z'), bytes }];
const clock = fakeClock(Date.parse('2026-03-01T00:00:00Z'));
let api: RouteApi;
let database: TestDatabase;
beforeAll(async () => {
  database = cleanup.use(await createTestDatabase());
  const db = database.pool;
  api = cleanup.use(
    await openRouteApi((v1) => mappingRoutes(v1, { db, desk: mappingDesk(), clock, received })),
  );
});
afterAll(() => cleanup.disposeAsync());

async function ask(body: object) {
  const { status, body: answer } = await api.ask('engineer', 'POST', '/mappings/try', body);
  return { status, answer: answer as TryMappingAnswer };
}

describe('POST /mappings/try', () => {
  test('shows what a message becomes', async () => {
    const payload = '{"p":1500,"trip":7}';
    expect(await ask({ mapping, topic: 'm/1', payload })).toEqual({
      status: 200,
      answer: {
        faults: [],
        results: [
          {
            mappingId: 'm',
            deviceId: 'em-1',
            refused: null,
            samples: [
              {
                metric: 'active_power',
                value: 1.5,
                unit: 'kW',
                quality: 'uncertain',
                time: '2026-03-01T00:00:00.000Z',
                untimed: true,
              },
            ],
            events: [],
            rejected: [
              {
                metric: 'voltage_l1',
                reason: 'not-a-number',
                detail: 'the payload has nothing at u',
                said: { code: 'path-nothing', params: { path: 'u' } },
              },
            ],
            status: null,
          },
          {
            mappingId: 'm',
            deviceId: 'em-1',
            refused: null,
            samples: [],
            events: [{ type: 'trip', id: '7', time: '2026-03-01T00:00:00.000Z', untimed: true, data: {} }],
            rejected: [],
            status: null,
          },
        ],
      },
    });
  });

  test('says where a mapping is wrong, and that a topic is taken by none', async () => {
    const wrong = await ask({ mapping: mapping.replace('unit: W', 'unit: V'), topic: 'm/1', payload: '{}' });
    expect(wrong.answer.results).toEqual([]);
    expect(wrong.answer.faults).toMatchObject([{ path: 'mappings[0].values[0].unit', line: 6 }]);
    const other = await ask({ mapping, topic: 'n/1', payload: '{}' });
    expect(other.answer.results).toMatchObject([{ mappingId: null, refused: { reason: 'bad-topic' } }]);
  });

  test('takes no other fields, and asks nobody but engineers', async () => {
    expect((await ask({ mapping, topic: 'm/1', payload: '{}', save: true })).status).toBe(422);
    const question = { mapping, topic: 'm/1', payload: '{}' };
    expect((await api.ask('operator', 'POST', '/mappings/try', question)).status).toBe(403);
  });
});

test('GET /mappings/ready-made gives texts that can be tried as they are', async () => {
  const { body } = await api.ask('engineer', 'GET', '/mappings/ready-made');
  const { items } = body as ReadyMadeAnswer;
  const { mapping: text = '' } = items.find(({ name }) => name === 'tasmota') ?? {};
  const { answer } = await ask({ mapping: text, topic: 'tele/x/LWT', payload: 'Online' });
  expect(answer.results).toMatchObject([{ deviceId: 'tas-x', status: 'online' }]);
});

describe('POST /mappings', () => {
  test('saves a version that comes into force in every process, audited; faults are refused by line', async () => {
    const log = silentLog();
    const saved = cleanup.use(await startSavedMappings({ db: database.pool, clock, log }));
    const book = cleanup.use(openMappingBook({ file: undefined, saved, clock, log }));
    expect((await api.ask('engineer', 'GET', '/mappings')).body).toEqual({
      current: null,
      versions: [],
      fileMappings: null,
    });
    const made = await api.ask('engineer', 'POST', '/mappings', { mapping, note: 'first', base: 0 });
    expect(made).toMatchObject({
      status: 201,
      body: { current: { version: 1, mapping, savedBy: 'engineer' } },
    });
    await until(() => book.current().mappings.length === 1, 'the mapping to be in force');

    const faulty = mapping.replace('unit: W', 'unit: furlong');
    expect(await api.ask('engineer', 'POST', '/mappings', { mapping: faulty, base: 1 })).toMatchObject({
      status: 422,
      body: { errors: [{ line: 6, path: expect.stringContaining('unit') as string }] },
    });
    const stale = await api.ask('engineer', 'POST', '/mappings', { mapping, base: 0 });
    expect(stale).toMatchObject({ status: 409, body: { code: 'conflict' } });

    const second = await api.ask('engineer', 'POST', '/mappings', { mapping: '', note: 'none', base: 1 });
    expect((second.body as MappingsAnswer).versions).toMatchObject([
      { version: 2, note: 'none' },
      { version: 1, note: 'first' },
    ]);
    await until(() => book.current().mappings.length === 0, 'it to be out of force');
    expect((await api.ask('engineer', 'GET', '/mappings/versions/1')).body).toMatchObject({ mapping });
    expect((await api.ask('engineer', 'GET', '/mappings/versions/9')).status).toBe(404);
    expect((await api.ask('operator', 'POST', '/mappings', { mapping, base: 2 })).status).toBe(403);
    const { rows } = await database.pool.query(
      `select body::json ->> 'object' as object from journal where body::json ->> 'action' = 'mapping.save'`,
    );
    expect(rows).toEqual([{ object: 'version 1' }, { object: 'version 2' }]);
  });
});

test('GET /mappings/received shows what vendors sent last, persons masked', async () => {
  const { body } = await api.ask('engineer', 'GET', '/mappings/received');
  const payload = '{"p":1,"cardNumber":"***78"}';
  expect(body).toEqual({ items: [{ topic: 'm/7', at: '2026-03-01T00:00:00.000Z', payload }] });
  expect((await api.ask('viewer', 'GET', '/mappings/received')).status).toBe(403);
});
