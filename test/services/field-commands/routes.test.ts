import { connectAsync } from 'mqtt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createBus } from '#infra/bus.ts';
import { startEmbeddedBroker } from '#infra/embedded-broker.ts';
import { silentLog } from '#infra/log.ts';
import type { Database } from '#infra/postgres.ts';
import type { FieldCommand, FieldCommandsAnswer } from '#schemas/api/field-commands.ts';
import type { OpcuaDesk } from '#schemas/api/opcua.ts';
import { ParkError } from '#schemas/errors.ts';
import { startCommander, type PublishCommand } from '#services/field-commands/commander.ts';
import { fieldCommandRoutes } from '#services/field-commands/routes.ts';
import { addPerson, openTestApi, type TestApi, type TestPerson } from '#test/kit/api.ts';
import { fakeClock, type FakeClock } from '#test/kit/clock.ts';
import { inTime, until } from '#test/kit/events.ts';
import { mqttConfig } from '#test/kit/mqtt-config.ts';
import { createTestDatabase } from '#test/kit/postgres.ts';

let cleanup: AsyncDisposableStack;
let clock: FakeClock;
let db: Database;
let api: TestApi;
let operator: TestPerson;
let viewer: TestPerson;
let publish: PublishCommand;
let callMethod: OpcuaDesk['call'];
const bus = createBus((error) => {
  throw error;
});

beforeEach(async () => {
  cleanup = new AsyncDisposableStack();
  clock = fakeClock();
  db = cleanup.use(await createTestDatabase()).pool;
  api = cleanup.use(await openTestApi({ db, clock }));
  publish = () => Promise.resolve();
  callMethod = () => Promise.reject(new Error('no method was expected'));
  const log = silentLog();
  const commander = cleanup.use(
    startCommander({
      db,
      bus,
      clock,
      log,
      parkId: 'demo',
      publish: (topic, text) => publish(topic, text),
      callMethod: (asked) => callMethod(asked),
    }),
  );
  await api.register((v1) => fieldCommandRoutes(v1, { db, commander }));
  operator = await addPerson({ db, clock }, 'operator');
  viewer = await addPerson({ db, clock }, 'viewer');
  const engineer = await addPerson({ db, clock }, 'engineer');
  for (const [id, deviceClass] of [
    ['door-1', 'access-door'],
    ['em-1', 'energy-meter'],
  ]) {
    const made = await ask('POST', '/devices', { id, name: id, class: deviceClass }, engineer);
    expect(made.status).toBe(201);
  }
});
afterEach(() => cleanup.disposeAsync());

async function ask<T>(method: 'GET' | 'POST', path: string, payload?: object, person = operator) {
  const response = await api.root.inject({
    method,
    url: `/api/v1${path}`,
    headers: person.headers,
    ...(payload === undefined ? {} : { payload }),
  });
  return { status: response.statusCode, body: response.json<T>() };
}

const unlock = { command: 'unlock', reason: '访客被困' };
const send = () => ask<FieldCommand>('POST', '/devices/door-1/commands', unlock);
const newest = async () => (await ask<FieldCommandsAnswer>('GET', '/devices/door-1/commands')).body.items[0];
const ended = () =>
  until(async () => {
    await clock.advance(1_000);
    const one = await newest();
    return one?.state === 'sent' ? undefined : one;
  }, 'the verdict');

async function answer(type: string, data: object): Promise<void> {
  await db.query(
    `insert into event (device_id, time, untimed, type, event_key, data, source)
     values ('door-1', $1, false, $2, 'k', $3, 'mqtt')`,
    [new Date(clock.nowMs()), type, data],
  );
  bus.publish('events', { deviceIds: ['door-1'] });
}

async function audited(): Promise<{ action: string; reason?: string }[]> {
  const { rows } = await db.query<{ body: string }>(
    `select body from journal where journal = 'audit' and body like '%command.%' order by id`,
  );
  return rows.map(({ body }) => JSON.parse(body) as { action: string; reason?: string });
}

describe('POST /devices/{id}/commands', () => {
  it('publishes on the command topic, and is confirmed by the device', async () => {
    const broker = cleanup.use(
      await startEmbeddedBroker({ config: mqttConfig({}), parkId: 'demo', log: silentLog(), clock }),
    );
    publish = broker.publish;
    const device = await connectAsync(broker.url);
    cleanup.defer(() => device.endAsync(true));
    await device.subscribeAsync('park/v1/demo/door-1/command', { qos: 1 });
    const told = new Promise<Buffer>((resolve) => device.on('message', (_, payload) => resolve(payload)));
    const { status, body } = await send();
    expect([status, body.state]).toEqual([202, 'sent']);
    const message: unknown = JSON.parse((await inTime(told, 'the command')).toString());
    expect(message).toEqual({
      id: body.id,
      command: 'unlock',
      ts: clock.nowMs(),
      expires: clock.nowMs() + 15_000,
    });
    await answer('command.confirmed', { command: body.id });
    expect(await ended()).toMatchObject({
      state: 'confirmed',
      detail: 'the device answered',
      actor: operator.username,
    });
    expect(await audited()).toMatchObject([
      { action: 'command.send', reason: '访客被困' },
      { action: 'command.confirmed' },
    ]);
  });

  it('has failed when the device says so, in its words', async () => {
    const { body } = await send();
    await answer('command.failed', { command: body.id, reason: 'bolt jammed' });
    expect(await ended()).toMatchObject({ state: 'failed', detail: 'bolt jammed' });
  });

  it('does not take the answer to another command', async () => {
    await send();
    await answer('command.confirmed', { command: 'another' });
    expect(await ended()).toMatchObject({ state: 'timed-out' });
  });

  it('has failed when the broker does not take it', async () => {
    publish = () => Promise.reject(new Error('away'));
    expect((await send()).body).toMatchObject({ state: 'failed', detail: 'the broker did not take it' });
  });

  it('refuses a second one while the first has no answer', async () => {
    await send();
    expect((await send()).status).toBe(409);
  });

  describe('of a method of an OPC UA server', () => {
    const reset = { command: 'reset_fault', reason: '故障已排除' };
    const tell = () => ask<FieldCommand>('POST', '/devices/em-1/commands', reset);
    const last = () =>
      until(async () => {
        await clock.advance(1_000);
        const { body } = await ask<FieldCommandsAnswer>('GET', '/devices/em-1/commands');
        const [one] = body.items;
        return one === undefined || one.state === 'sent' ? undefined : one;
      }, 'the verdict');
    beforeEach(async () => {
      await db.query(`insert into opcua_method values ('em-1', 'reset_fault', 'plant')`);
    });

    it('is confirmed by its status and what it gives back, and audited', async () => {
      const calls: object[] = [];
      callMethod = (asked) => {
        calls.push(asked);
        return Promise.resolve({ ok: true, detail: 'Good: reset done' });
      };
      const { status, body } = await tell();
      expect([status, body.state]).toEqual([202, 'sent']);
      expect(await last()).toMatchObject({ state: 'confirmed', detail: 'Good: reset done' });
      expect(calls).toEqual([{ id: body.id, serverId: 'plant', deviceId: 'em-1', command: 'reset_fault' }]);
      expect(await audited()).toMatchObject([
        { action: 'command.send', reason: '故障已排除', after: { opcuaServer: 'plant' } },
        { action: 'command.confirmed', after: { detail: 'Good: reset done' } },
      ]);
      const { body: told } = await ask<FieldCommandsAnswer>('GET', '/devices/em-1/commands');
      expect(told.commands).toEqual(['reset_fault']);
    });

    it.each([
      [
        'the server refuses',
        () => Promise.resolve({ ok: false, detail: 'BadInvalidState' }),
        'BadInvalidState',
      ],
      [
        'the server is not connected',
        () => Promise.reject(new ParkError('conflict', 'not connected')),
        'not connected',
      ],
    ])('has failed when %s', async (_, answered, detail) => {
      callMethod = answered;
      await tell();
      expect(await last()).toMatchObject({ state: 'failed', detail });
    });

    it('times out when nobody knows whether it was called', async () => {
      callMethod = () => Promise.reject(new ParkError('unavailable', 'no answer'));
      await tell();
      expect(await last()).toMatchObject({ state: 'timed-out' });
    });
  });

  it.each([
    ['a viewer', '/devices/door-1/commands', unlock, 403],
    ['no reason', '/devices/door-1/commands', { ...unlock, reason: '  ' }, 422],
    ['a meter', '/devices/em-1/commands', unlock, 422],
    ['an unknown device', '/devices/nowhere/commands', unlock, 404],
  ])('refuses %s', async (who, path, body, status) => {
    expect((await ask('POST', path, body, who === 'a viewer' ? viewer : operator)).status).toBe(status);
    expect(await audited()).toEqual([]);
  });
});
