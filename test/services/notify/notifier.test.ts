import { afterEach, beforeEach, expect, test } from 'vitest';
import { LeaseLost } from '#infra/lease.ts';
import { assignAlarm } from '#services/alarms/handling.ts';
import { until } from '#test/kit/events.ts';
import { createNotifyPark, recordEndpoint, type Endpoint, type NotifyPark } from './notify-park.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

let park: NotifyPark;
let endpoint: Endpoint;

beforeEach(async () => {
  park = await createNotifyPark();
  endpoint = await recordEndpoint();
  await park.addUser('admin', 'admin');
  await park.addUser('wang', 'engineer');
  await park.addUser('li', 'engineer');
});
afterEach(async () => {
  await endpoint[Symbol.asyncDispose]();
  await park[Symbol.asyncDispose]();
});

async function addHook(): Promise<void> {
  const config = { kind: 'webhook', url: `${endpoint.url}/hook` };
  await park.addChannel({ id: 'hook', config, secrets: { signingKey: 'signing-key' }, perMinute: 600 });
}

const person = (id: string) => ({ targets: [{ kind: 'person', id }], channels: ['console'] });
const keysOf = (requests: Endpoint['requests']) =>
  requests.map((request) => (JSON.parse(request.body) as { key: string }).key);

test('startNotifier() tells of an alarm that was raised before it ran, once, by what the route names', async () => {
  await addHook();
  await park.addRoute({ steps: [{ afterMinutes: 0, ...person('wang'), channels: ['console', 'hook'] }] });
  await park.raise();
  await using notifier = await park.startNotifier();
  await notifier.idle();
  expect((await park.deliveries()).toSorted()).toEqual([
    'raised - hook delivered',
    'raised wang console delivered',
  ]);
  expect(endpoint.requests).toHaveLength(1);
  await park.clock.advance(minuteMs);
  await notifier.idle();
  expect(endpoint.requests).toHaveLength(1);
});

test('startNotifier() escalates step by step, repeats the last one, and stops when somebody acknowledges', async () => {
  await park.addRoute({
    steps: [
      { afterMinutes: 0, ...person('wang') },
      { afterMinutes: 10, ...person('li') },
    ],
    repeat: { everyMinutes: 5, times: 3 },
  });
  await using notifier = await park.startNotifier();
  const alarm = await park.raise();
  const after = async (minutes: number) => {
    await park.clock.advance(minutes * minuteMs);
    await notifier.idle();
    return park.deliveries();
  };
  await notifier.idle();
  expect(await after(9)).toEqual(['raised wang console delivered']);
  expect((await after(1)).slice(1)).toEqual(['escalated li console delivered']);
  expect((await after(5)).slice(2)).toEqual(['repeated li console delivered']);
  await park.acknowledge(alarm, 'li');
  expect((await after(60)).slice(3)).toEqual([]);
  const { rows } = await park.database.pool.query('select end_reason from notice');
  expect(rows).toEqual([{ end_reason: 'acknowledged' }]);
});

test('a successor goes on with the steps where the one before it stopped', async () => {
  await park.addRoute({
    steps: [
      { afterMinutes: 0, ...person('wang') },
      { afterMinutes: 10, ...person('li') },
    ],
  });
  const first = await park.startNotifier();
  await park.raise();
  await first.idle();
  await first[Symbol.asyncDispose]();
  await park.clock.advance(30 * minuteMs);
  await using second = await park.startNotifier();
  await second.idle();
  expect(await park.deliveries()).toEqual([
    'raised wang console delivered',
    'escalated li console delivered',
  ]);
});

test('what is raised, acknowledged and held while nobody leads is seen by the successor: none is missed, none twice', async () => {
  await park.addRoute({ steps: [{ afterMinutes: 0, ...person('wang') }] });
  const alarms: number[] = [];
  for (let i = 0; i < 250; i++) {
    alarms.push(await park.raise());
    await park.clock.advance(1_000);
  }
  await park.acknowledge(alarms[3] ?? 0, 'li');
  await using notifier = await park.startNotifier();
  await notifier.idle();
  const { rows } = await park.database.pool.query<{ alarm_id: number }>(
    'select alarm_id from delivery order by alarm_id',
  );
  expect(rows.map((row) => row.alarm_id)).toEqual(alarms.filter((_, i) => i !== 3));
});

test('a channel that answers 500 for an hour holds nothing up, and delivers every message once it works again', async () => {
  await addHook();
  await park.addRoute({ steps: [{ afterMinutes: 0, ...person('wang'), channels: ['console', 'hook'] }] });
  endpoint.answer = { status: 500, body: 'broken signing-key' };
  await using notifier = await park.startNotifier();
  const alarms = [await park.raise(), await park.raise({ point: 'em-2.voltage_l1' })];
  await notifier.idle();
  expect((await park.deliveries()).filter((told) => told.includes('console'))).toEqual([
    'raised wang console delivered',
    'raised wang console delivered',
  ]);
  for (let minutes = 0; minutes < 60; minutes++) {
    await park.clock.advance(minuteMs);
    await notifier.idle();
  }
  const tried = endpoint.requests.length;
  // The circuit leaves a broken endpoint in peace.
  expect(tried).toBeGreaterThan(5);
  expect(tried).toBeLessThan(30);
  const standing = await park.database.pool.query<{ reason: string }>(
    `select reason from alarm where rule_id = 'notification-hole' and cleared_at is null`,
  );
  expect(standing.rows.map((row) => row.reason)).toEqual(['channel-hook fails: 500 broken ***']);
  endpoint.answer = { status: 200, body: 'ok' };
  for (let minutes = 0; minutes < 12; minutes++) {
    await park.clock.advance(minuteMs);
    await notifier.idle();
  }
  expect(
    (await park.deliveries()).filter((told) => told.includes('hook') && !told.includes('delivered')),
  ).toEqual([]);
  const bodies = endpoint.requests
    .slice(tried)
    .map((request) => JSON.parse(request.body) as { alarm: { id: string } });
  expect(bodies.map((body) => Number(body.alarm.id))).toEqual(expect.arrayContaining(alarms));
  expect(keysOf(endpoint.requests.slice(0, 1))).toEqual(
    keysOf(endpoint.requests.slice(tried)).filter((key) => key === keysOf(endpoint.requests)[0]),
  );
  const { rows } = await park.database.pool.query(
    `select from alarm where rule_id = 'notification-hole' and cleared_at is null`,
  );
  expect(rows).toEqual([]);
});

test('a channel that hangs is given up after its time, and others go on meanwhile', async () => {
  await addHook();
  await park.addRoute({ steps: [{ afterMinutes: 0, ...person('wang'), channels: ['console', 'hook'] }] });
  endpoint.answer = 'hang';
  await using notifier = await park.startNotifier();
  await park.raise();
  await until(() => endpoint.requests.length === 1, 'the request that hangs');
  await until(async () => (await park.deliveries()).includes('raised wang console delivered'), 'the console');
  expect(await park.deliveries()).toContain('raised - hook sending');
  await park.clock.advance(10_000);
  await notifier.planned();
  await until(async () => (await park.deliveries()).includes('raised - hook waiting'), 'the time-out');
  const { rows } = await park.database.pool.query(
    'select outcome, code from delivery_attempt where channel_id = $1',
    ['hook'],
  );
  expect(rows).toEqual([{ outcome: 'retry', code: 'timeout' }]);
  endpoint.answer = { status: 200, body: '' };
  await park.clock.advance(5_000);
  await notifier.idle();
  expect(await park.deliveries()).toContain('raised - hook delivered');
});

test('a process that dies in the middle of a delivery: its successor sends the same key again', async () => {
  await addHook();
  await park.addRoute({ steps: [{ afterMinutes: 0, targets: [], channels: ['hook'] }] });
  endpoint.answer = 'hang';
  // Never disposed of before its successor runs: as if it were killed.
  const dead = await park.startNotifier();
  await park.raise();
  await until(() => endpoint.requests.length === 1, 'the request of the dead process');
  endpoint.answer = { status: 200, body: '' };
  const second = await park.startNotifier();
  await until(async () => (await park.deliveries()).includes('raised - hook delivered'), 'the repetition');
  expect(keysOf(endpoint.requests)).toHaveLength(2);
  expect(new Set(keysOf(endpoint.requests)).size).toBe(1);
  await second[Symbol.asyncDispose]();
  await park.clock.advance(10_000);
  const ended = dead[Symbol.asyncDispose]();
  await park.clock.advance(10_000);
  await ended;
});

test('a roster with a hole reaches all administrators, and stands as an alarm until it is filled', async () => {
  await park.addRoster({
    shifts: [{ name: 'Nobody', people: [], every: 'day', startDay: '2026-01-01', handover: '08:00' }],
  });
  await park.addRoute({ steps: [{ afterMinutes: 0, targets: [{ kind: 'roster', id: 'night' }] }] });
  await using notifier = await park.startNotifier();
  await notifier.idle();
  const standing = async () => {
    const { rows } = await park.database.pool.query<{ reason: string }>(
      `select reason from alarm where rule_id = 'notification-hole' and cleared_at is null`,
    );
    return rows.map((row) => row.reason);
  };
  expect(await standing()).toEqual(['roster-night nobody is on call']);
  await park.raise();
  await notifier.idle();
  const told = await park.deliveries();
  // Of the hole itself, too.
  expect(told).toEqual(['fallback admin console delivered', 'fallback admin console delivered']);
  await park.database.pool.query(
    `update notify_setting set definition = jsonb_set(definition, '{shifts,0,people}', '["wang"]') where kind = 'roster'`,
  );
  await park.clock.advance(61_000);
  await notifier.idle();
  expect(await standing()).toEqual([]);
});

test('a message that will never be taken brings the next step at once, and after the last the administrators', async () => {
  await addHook();
  await park.addRoute({
    steps: [
      { afterMinutes: 0, targets: [], channels: ['hook'] },
      { afterMinutes: 60, ...person('wang') },
    ],
  });
  endpoint.answer = { status: 400, body: 'no' };
  await using notifier = await park.startNotifier();
  await park.raise();
  await notifier.idle();
  expect(await park.deliveries()).toEqual(['raised - hook dead', 'escalated wang console delivered']);
  await park.database.pool.query('delete from delivery');
  await park.database.pool.query(`delete from notify_setting where kind = 'route'`);
  await park.addRoute({ id: 'r2', steps: [{ afterMinutes: 0, targets: [], channels: ['hook'] }] });
  await park.clock.advance(2_000);
  await park.raise({ point: 'em-2.voltage_l1' });
  await notifier.idle();
  expect(await park.deliveries()).toEqual(['raised - hook dead', 'fallback admin console delivered']);
});

test('an alarm that was raised and cleared before anybody could be told is told at once; one of long ago is recorded only', async () => {
  await park.addRoute({ steps: [{ afterMinutes: 0, ...person('wang') }], tellCleared: true });
  const past = await park.raise();
  await park.clear(past);
  await park.clock.advance(2 * hourMs);
  const recent = await park.raise({ point: 'em-2.voltage_l1' });
  await park.clear(recent);
  await using notifier = await park.startNotifier();
  await notifier.idle();
  expect(await park.deliveries()).toEqual(['raised wang console delivered']);
  const { rows } = await park.database.pool.query('select alarm_id, end_reason from notice order by id');
  expect(rows).toEqual([
    { alarm_id: past, end_reason: 'past' },
    { alarm_id: recent, end_reason: 'cleared' },
  ]);
});

test('who was told is told that it was acknowledged by somebody else, and that it has cleared, where the route says so', async () => {
  await park.addRoute({
    steps: [
      {
        afterMinutes: 0,
        targets: [
          { kind: 'person', id: 'wang' },
          { kind: 'person', id: 'li' },
        ],
        channels: ['console'],
      },
    ],
    tellCleared: true,
    tellAcknowledged: true,
  });
  await using notifier = await park.startNotifier();
  const alarm = await park.raise();
  await notifier.idle();
  await park.acknowledge(alarm, 'li');
  await notifier.idle();
  await park.clear(alarm);
  await notifier.idle();
  expect((await park.deliveries()).slice(2).toSorted()).toEqual([
    'acknowledged wang console delivered',
    'cleared li console delivered',
    'cleared wang console delivered',
  ]);
});

test('messages that wait for a digest, and those of a flood, come as one', async () => {
  const robot = { kind: 'dingtalk' };
  await park.addChannel({
    id: 'robot',
    config: robot,
    secrets: { url: `${endpoint.url}/robot/send?access_token=t` },
    perMinute: 20,
  });
  await park.addRoute({ steps: [{ afterMinutes: 0, targets: [], channels: ['robot'] }], digestMinutes: 10 });
  await using notifier = await park.startNotifier();
  await park.raise();
  await park.clock.advance(1_000);
  await park.raise({ point: 'em-2.voltage_l1' });
  await notifier.idle();
  expect(endpoint.requests).toEqual([]);
  await park.clock.advance(10 * minuteMs);
  await notifier.idle();
  expect(endpoint.requests).toHaveLength(1);
  expect(endpoint.requests[0]?.body).toContain('2 条告警');
  expect(await park.deliveries()).toEqual(['raised - robot delivered', 'raised - robot delivered']);
});

test('a channel sends no more in a minute than it may, and what waits is sent when it may again', async () => {
  const config = { kind: 'webhook', url: `${endpoint.url}/hook` };
  await park.addChannel({ id: 'hook', config, secrets: { signingKey: 'signing-key' }, perMinute: 3 });
  await park.addRoute({ steps: [{ afterMinutes: 0, targets: [], channels: ['hook'] }] });
  await using notifier = await park.startNotifier();
  for (let i = 0; i < 5; i++) {
    await park.raise();
    await park.clock.advance(100);
  }
  await notifier.idle();
  expect(endpoint.requests).toHaveLength(3);
  await park.clock.advance(58_000);
  await notifier.idle();
  expect(endpoint.requests).toHaveLength(3);
  await park.clock.advance(2_000);
  await notifier.idle();
  expect(endpoint.requests).toHaveLength(5);
});

test('a restored database, whose transaction ids begin anew, goes on with what is new', async () => {
  await park.addRoute({ steps: [{ afterMinutes: 0, ...person('wang') }] });
  const first = await park.startNotifier();
  await park.raise();
  await first.idle();
  await first[Symbol.asyncDispose]();
  await park.database.pool.query(`update notify_cursor set cursor = '99999999999'::xid8`);
  await park.raise({ point: 'em-2.voltage_l1' });
  await using second = await park.startNotifier();
  await second.idle();
  expect(await park.deliveries()).toEqual(['raised wang console delivered', 'raised wang console delivered']);
});

test('a flood becomes one message to a group, and each of its alarms is told as delivered', async () => {
  const secrets = { url: `${endpoint.url}/robot/send?access_token=t` };
  await park.addChannel({ id: 'robot', config: { kind: 'dingtalk' }, secrets, perMinute: 1 });
  await park.addRoute({ steps: [{ afterMinutes: 0, targets: [], channels: ['robot'] }] });
  for (let i = 0; i < 8; i++) {
    await park.raise();
    await park.clock.advance(10);
  }
  await using notifier = await park.startNotifier();
  await notifier.idle();
  expect(endpoint.requests).toHaveLength(1);
  expect(endpoint.requests[0]?.body).toContain('8 条告警');
  expect(await park.deliveries()).toEqual(Array.from({ length: 8 }, () => 'raised - robot delivered'));
});

test('a leader whose lease is another’s plans and sends nothing any more', async () => {
  await park.addRoute({ steps: [{ afterMinutes: 0, ...person('wang') }] });
  let isLost = false;
  const fence = () => (isLost ? Promise.reject(new LeaseLost('lost')) : Promise.resolve());
  await using notifier = await park.startNotifier({ fence });
  await notifier.idle();
  isLost = true;
  await park.raise();
  await notifier.idle();
  expect(await park.deliveries()).toEqual([]);
  isLost = false;
  await park.clock.advance(10_000);
  await notifier.idle();
  expect(await park.deliveries()).toEqual([]);
  await using successor = await park.startNotifier();
  await successor.idle();
  expect(await park.deliveries()).toEqual(['raised wang console delivered']);
});

test('messages older than they are kept are deleted with the tellings they belonged to', async () => {
  await park.addRoute({ steps: [{ afterMinutes: 0, ...person('wang') }] });
  await using notifier = await park.startNotifier();
  await park.acknowledge(await park.raise(), 'li');
  await notifier.idle();
  const alarm = await park.raise({ point: 'em-2.voltage_l1' });
  await notifier.idle();
  await park.acknowledge(alarm, 'li');
  await notifier.idle();
  await park.clock.advance(2_000);
  await park.database.pool.query(`update delivery set done_at = done_at - interval '500 days'`);
  await park.database.pool.query(`update notice set ended_at = ended_at - interval '500 days'`);
  await park.clock.advance(61_000);
  await notifier.idle();
  const { rows } = await park.database.pool.query<{ left: number }>(
    'select (select count(*) from delivery)::int + (select count(*) from notice)::int as left',
  );
  expect(rows).toEqual([{ left: 0 }]);
});

test('who was given an alarm by somebody else is told, by every way of their own, and hears of it once', async () => {
  await addHook();
  await park.addRoute({
    match: { severities: ['critical'] },
    steps: [{ afterMinutes: 0, ...person('wang') }],
  });
  await using notifier = await park.startNotifier();
  const deps = { db: park.database.pool, bus: park.bus, clock: park.clock };
  const raise = async () => {
    await park.clock.advance(1_000);
    return park.raise();
  };
  const [taken, given, passedOn] = [await raise(), await raise(), await raise()];
  await assignAlarm(deps, { id: taken, actor: 'li', reason: 'mine' }, 'li');
  await assignAlarm(deps, { id: given, actor: 'li', reason: 'your floor' }, 'wang');
  await notifier.idle();
  expect(await park.deliveries()).toEqual(['assigned wang console delivered']);
  // Handed on before anybody was told: only who has it now hears of it. Acknowledging does not take it back.
  await notifier[Symbol.asyncDispose]();
  await assignAlarm(deps, { id: passedOn, actor: 'li', reason: 'look at it' }, 'admin');
  await assignAlarm(deps, { id: passedOn, actor: 'li', reason: 'look at it' }, 'wang');
  await park.acknowledge(passedOn, 'li');
  await using successor = await park.startNotifier();
  await successor.idle();
  expect((await park.deliveries()).slice(1)).toEqual(['assigned wang console delivered']);
  const { rows } = await park.database.pool.query<{ message: { by: string; note: string } }>(
    'select message from delivery order by id limit 1',
  );
  expect(rows[0]?.message).toMatchObject({ by: 'Name of li', note: 'your floor' });
});
