import mqtt from 'mqtt';
import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ClientEvents, ReadingsFrame, ServerEvents, SubscribeAnswer } from '#schemas/api/live.ts';
import type { Series } from '#schemas/api/readings.ts';
import type { Latest } from '#schemas/api/registry.ts';
import type { Source } from '#schemas/api/ingest.ts';
import { fieldTopic } from '#schemas/topics.ts';
import { startServe, type ServedPark } from '#test/kit/serve.ts';

/** The path of one reading, from the field to the screen, through a park that was started as a user starts it. */
let park: ServedPark;
beforeAll(async () => {
  park = await startServe();
});
afterAll(() => park[Symbol.asyncDispose]());

const point = 'em-path-01.active_power';

test('one reading: packet, commit, acknowledgement, live frame, history, ledger', async () => {
  // A device that somebody registered.
  const created = await park.request('POST', '/devices', {
    id: 'em-path-01',
    name: '样例电表',
    class: 'energy-meter',
  });
  expect(created.status).toBe(201);

  // Somebody watches.
  const login = await park.request<{ token: string }>('POST', '/auth/login', {
    username: 'admin',
    password: 'correct horse battery',
  });
  const socket: Socket<ServerEvents, ClientEvents> = io(`${park.url}/live`, {
    auth: { token: login.body.token },
    transports: ['websocket'],
  });
  using _closing = { [Symbol.dispose]: () => void socket.disconnect() };
  const answer: SubscribeAnswer = await socket.emitWithAck('subscribe', { points: [point] });
  expect(answer).toMatchObject({ ok: true, snapshot: { latest: [] } });
  const frame = new Promise<ReadingsFrame>((resolve) => void socket.once('readings', resolve));

  // The device speaks: one good value, one that cannot be.
  const timeMs = Math.floor(Date.now() / 1_000) * 1_000;
  const field = await mqtt.connectAsync(park.mqttUrl);
  const message = { ts: timeMs, values: { active_power: 12.5, voltage_l1: 'high' }, seq: 1 };
  await field.publishAsync(fieldTopic('demo', 'em-path-01', 'telemetry'), JSON.stringify(message), {
    qos: 1,
  });

  // The acknowledgement is here, so the row is, too.
  const latest = await park.request<{ items: Latest[] }>('GET', `/latest?points=${point}`);
  expect(latest.body.items).toEqual([
    {
      point,
      ageS: expect.any(Number) as number,
      time: new Date(timeMs).toISOString(),
      value: 12.5,
      quality: 'good',
      unit: 'kW',
      provenance: 'field',
    },
  ]);

  // The screen has it.
  expect(await frame).toEqual({ p: [point], t: [timeMs], v: [12.5], q: [0] });

  // Sent again, it is the same reading.
  await field.publishAsync(fieldTopic('demo', 'em-path-01', 'telemetry'), JSON.stringify(message), {
    qos: 1,
  });
  await field.endAsync();
  const range = `from=${new Date(timeMs - 1_000).toISOString()}&to=${new Date(timeMs + 1_000).toISOString()}`;
  const history = await park.request<{ series: Series[] }>(
    'GET',
    `/readings?points=${point}&${range}&resolution=raw`,
  );
  expect(history.body.series).toEqual([{ point, unit: 'kW', gaps: [], t: [timeMs], v: [12.5], q: [0] }]);

  // The books tell all of it.
  const rejections = await park.request<{ items: object[] }>('GET', '/rejections?device=em-path-01');
  expect(rejections.body.items[0]).toMatchObject({
    reason: 'not-a-number',
    metrics: ['voltage_l1'],
    deviceId: 'em-path-01',
  });
  const sources = await park.request<{ items: Source[] }>('GET', '/sources');
  expect(sources.body.items[0]).toMatchObject({
    source: 'mqtt',
    balanced: true,
    packets: { received: 2, usable: 2, acknowledged: 2, waiting: 0 },
    values: {
      received: 4,
      accepted: 2,
      committed: 1,
      duplicate: 1,
      rejected: { 'not-a-number': 2 },
      waiting: 0,
    },
    sequence: { devices: 1, gaps: 0, repeats: 1 },
  });
});
