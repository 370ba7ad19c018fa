import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mappingDesk } from '#gateways/mapping/desk.ts';
import type { ReadyMadeAnswer, TryMappingAnswer } from '#schemas/api/mappings.ts';
import { mappingRoutes } from '#services/mappings/routes.ts';
import { fakeClock } from '#test/kit/clock.ts';
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

let api: RouteApi;
beforeAll(async () => {
  const clock = fakeClock(Date.parse('2026-03-01T00:00:00Z'));
  api = await openRouteApi((v1) => mappingRoutes(v1, { desk: mappingDesk(), clock }));
});
afterAll(() => api[Symbol.asyncDispose]());

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
              { metric: 'voltage_l1', reason: 'not-a-number', detail: 'the payload has nothing at u' },
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
