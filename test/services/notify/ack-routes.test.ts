import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ackLinkMs, signAckLink } from '#services/notify/ack-link.ts';
import { notifyRoutes } from '#services/notify/routes.ts';
import { addPerson, openTestApi, type TestApi, type TestPerson } from '#test/kit/api.ts';
import { createNotifyPark, type NotifyPark } from './notify-park.ts';

let park: NotifyPark;
let api: TestApi;
let wang: TestPerson;
let viewer: TestPerson;
let alarmId: number;

beforeAll(async () => {
  park = await createNotifyPark();
  const { clock, database, bus, settings } = park;
  api = await openTestApi({ db: database.pool, clock });
  const letterhead = {
    park: 'demo',
    base: 'https://park.example',
    ackKey: park.box.derive('acknowledging link'),
  };
  await api.register((v1) => notifyRoutes(v1, { ...settings, bus, letterhead }));
  wang = await addPerson({ db: database.pool, clock }, 'engineer', 'wang');
  viewer = await addPerson({ db: database.pool, clock }, 'viewer', 'viewer');
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await park[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await park.clock.advance(1_000);
  alarmId = await park.raise();
});

const tokenOf = (person: TestPerson) =>
  signAckLink(
    { alarmId, userId: person.id, expiresMs: park.clock.nowMs() + ackLinkMs },
    park.box.derive('acknowledging link'),
  );
const look = (token: string) => api.root.inject({ method: 'GET', url: `/api/v1/ack/${token}` });
const press = (token: string, comment = '') =>
  api.root.inject({
    method: 'POST',
    url: `/api/v1/ack/${token}`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams({ comment }).toString(),
  });
const standing = async () => {
  const { rows } = await park.database.pool.query<{ by: string | null; comment: string | null }>(
    'select acknowledged_by as by, comment from alarm where id = $1',
    [alarmId],
  );
  return rows[0];
};

test('looking at the page of a link acknowledges nothing, however often', async () => {
  const answer = await look(tokenOf(wang));
  expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
  expect(answer.headers['cache-control']).toBe('no-store');
  expect(answer.body).toContain('<form method="post">');
  expect(answer.body).not.toContain('<script');
  await look(tokenOf(wang));
  expect(await standing()).toEqual({ by: null, comment: null });
});

test('pressing the button acknowledges as the person, and the journal says that it came by a link', async () => {
  const answer = await press(tokenOf(wang), '已派人 <b>');
  expect(answer.statusCode).toBe(200);
  expect(await standing()).toEqual({ by: 'wang', comment: '已派人 <b> (通过消息链接)' });
  const { rows } = await park.database.pool.query(
    `select kind, actor, reason from alarm_transition where alarm_id = $1 and kind = 'acknowledged'`,
    [alarmId],
  );
  expect(rows).toEqual([{ kind: 'acknowledged', actor: 'wang', reason: '已派人 <b> (通过消息链接)' }]);
  const { rows: audited } = await park.database.pool.query<{ body: string }>(
    `select body from journal where journal = 'audit' and body like '%"alarm.acknowledge"%' and body like $1`,
    [`%"alarm:${alarmId}"%`],
  );
  expect(audited).toHaveLength(1);
});

test('a second press, and a link after somebody else, change nothing and say who it was', async () => {
  await park.acknowledge(alarmId, 'li');
  for (const answer of [await press(tokenOf(wang)), await look(tokenOf(wang))]) {
    expect([answer.statusCode, answer.body.includes('li')]).toEqual([200, true]);
  }
  expect(await standing()).toEqual({ by: 'li', comment: 'on my way' });
});

test('an expired, a changed, and a foreign link do nothing', async () => {
  const token = tokenOf(wang);
  const changed = `${token.slice(0, 10)}${token[10] === 'A' ? 'B' : 'A'}${token.slice(11)}`;
  expect((await press(changed)).statusCode).toBe(404);
  expect((await press('x'.repeat(90))).statusCode).toBe(404);
  expect((await press(tokenOf(viewer))).statusCode).toBe(410);
  await park.clock.advance(ackLinkMs);
  expect((await press(token)).statusCode).toBe(410);
  expect(await standing()).toEqual({ by: null, comment: null });
});

test('a person who was disabled meanwhile acknowledges nothing', async () => {
  const leaving = await addPerson({ db: park.database.pool, clock: park.clock }, 'operator', 'leaving');
  const token = tokenOf(leaving);
  await park.database.pool.query(`update park_user set disabled = true where username = 'leaving'`);
  expect((await press(token)).statusCode).toBe(410);
  expect(await standing()).toEqual({ by: null, comment: null });
});
