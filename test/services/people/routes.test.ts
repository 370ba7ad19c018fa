import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { problemSchema } from '#schemas/api/common.ts';
import type { loginAnswer, oneTimePasswordAnswer, Session, Token, User } from '#schemas/api/people.ts';
import type { ApiServer } from '#services/api/server.ts';
import { bootstrapAdmin } from '#services/people/accounts.ts';
import { policy } from '#services/people/policy.ts';
import { addPerson, openTestApi, testHttp, type TestPerson } from '#test/kit/api.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';
import type { z } from 'zod';

type LoginAnswer = z.infer<typeof loginAnswer>;
type OneTimeAnswer = z.infer<typeof oneTimePasswordAnswer>;

const clock = fakeClock();
let database: TestDatabase;
let server: ApiServer;
let admin: TestPerson;

beforeAll(async () => {
  database = await createTestDatabase();
  server = await openTestApi({ db: database.pool, clock });
  admin = await addPerson({ db: database.pool, clock }, 'admin', 'admin');
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';
interface Ask {
  readonly payload?: object;
  readonly headers?: Record<string, string>;
  readonly remoteAddress?: string;
}

function ask(method: Method, path: string, more: Ask = {}) {
  return server.root.inject({ method, url: `/api/v1${path}`, ...more });
}

function tryLogin(username: string, password: string, remoteAddress = '10.9.0.1') {
  return ask('POST', '/auth/login', { payload: { username, password }, remoteAddress });
}

async function code(answer: ReturnType<typeof ask>): Promise<[number, string]> {
  const { statusCode, body } = await answer;
  return [statusCode, statusCode < 400 ? 'ok' : problemSchema.parse(JSON.parse(body)).code];
}

const person = (role: Parameters<typeof addPerson>[1], name: string) =>
  addPerson({ db: database.pool, clock }, role, name);

test('login answers a token and a cookie that scripts cannot read, and both work', async () => {
  const ann = await person('viewer', 'ann');
  const answer = await tryLogin('Ann', ann.password);
  const body = answer.json<LoginAnswer>();
  expect(body.user).toMatchObject({ username: 'ann', role: 'viewer', mustChangePassword: false });
  expect(Date.parse(body.expiresAt) - clock.nowMs()).toBe(policy.sessionAbsoluteMs);
  const [cookie] = answer.cookies;
  expect(cookie).toMatchObject({
    name: 'parkwatch_session',
    value: body.token,
    httpOnly: true,
    sameSite: 'Strict',
    path: '/',
  });
  expect(cookie).not.toHaveProperty('secure');
  expect(await code(ask('GET', '/auth/me', { headers: { authorization: `Bearer ${body.token}` } }))).toEqual([
    200,
    'ok',
  ]);
  expect(
    await code(ask('GET', '/auth/me', { headers: { cookie: `parkwatch_session=${body.token}` } })),
  ).toEqual([200, 'ok']);
  const { rows } = await database.pool.query('select token_hash from session');
  expect(JSON.stringify(rows)).not.toContain(body.token);
});

test('login sets the cookie Secure when people reach us by https', async () => {
  const proxied = await openTestApi({
    db: database.pool,
    clock,
    http: { ...testHttp, publicUrl: 'https://park.example' },
  });
  const answer = await proxied.root.inject({
    method: 'POST',
    url: '/api/v1/auth/login',
    payload: { username: 'admin', password: admin.password },
  });
  expect(answer.cookies[0]).toMatchObject({ secure: true });
  expect(answer.headers['strict-transport-security']).toBeDefined();
  await proxied[Symbol.asyncDispose]();
});

test('login answers the same for an unknown name, a wrong password and a disabled user', async () => {
  const gone = await person('viewer', 'gone');
  await ask('PATCH', `/users/${gone.id}`, { payload: { disabled: true }, headers: admin.headers });
  const bodies = await Promise.all(
    [
      ['nobody', 'x'],
      ['gone', 'wrong'],
      ['gone', gone.password],
    ].map(async ([name = '', password = '']) => (await tryLogin(name, password, '10.9.0.2')).body),
  );
  expect(new Set(bodies).size).toBe(1);
  expect(bodies[0]).toContain('bad-credentials');
});

test('login leaves a line in the log when it refuses, with the address and never the password', async () => {
  const lines: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) });
  const watched = await openTestApi({ db: database.pool, clock, log });
  const payload = { username: 'nobody', password: 'typed-too-early' };
  const remoteAddress = '10.9.0.3';
  await watched.root.inject({ method: 'POST', url: '/api/v1/auth/login', payload, remoteAddress });
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ address: '10.9.0.3', code: 'bad-credentials' });
  expect(lines[0]).not.toMatch(/typed-too-early|nobody/);
  await watched[Symbol.asyncDispose]();
});

test('login makes a name wait after five failures, also for the right password, and tells how long', async () => {
  const slow = await person('viewer', 'slow');
  for (let i = 0; i < 5; i++)
    expect(await code(tryLogin('slow', 'wrong', `10.1.0.${i}`))).toEqual([401, 'bad-credentials']);
  const refused = await tryLogin('slow', slow.password, '10.1.0.9');
  expect([refused.statusCode, refused.headers['retry-after']]).toEqual([429, '5']);
  await clock.advance(5_000);
  expect(await code(tryLogin('slow', slow.password, '10.1.0.9'))).toEqual([200, 'ok']);
  expect(await code(tryLogin('slow', 'wrong', '10.1.0.9'))).toEqual([401, 'bad-credentials']);
});

test('login counts attempts side by side one by one', async () => {
  await person('viewer', 'crowd');
  const answers = await Promise.all(
    Array.from({ length: 30 }, (_, i) => code(tryLogin('crowd', 'wrong', `10.2.0.${i}`))),
  );
  expect(answers.filter(([status]) => status === 401)).toHaveLength(5);
  expect(answers.filter(([status]) => status === 429)).toHaveLength(25);
});

test('login makes an address wait that tries many names', async () => {
  const from = '10.3.0.1';
  for (let i = 0; i < 20; i++)
    expect(await code(tryLogin(`guess${i}`, 'x', from))).toEqual([401, 'bad-credentials']);
  expect(await code(tryLogin('guess99', 'x', from))).toEqual([429, 'too-many-requests']);
  expect(await code(tryLogin('guess99', 'x', '10.3.0.2'))).toEqual([401, 'bad-credentials']);
});

test('a one-time password is good for choosing an own one and nothing else, once, and not for ever', async () => {
  const made = await ask('POST', '/users', {
    payload: { username: 'newbie', displayName: 'New', role: 'operator' },
    headers: admin.headers,
  });
  expect(made.statusCode).toBe(201);
  const { user, oneTimePassword } = made.json<OneTimeAnswer>();
  const first = (await tryLogin('newbie', oneTimePassword)).json<LoginAnswer>();
  expect(first.user.mustChangePassword).toBe(true);
  const headers = { authorization: `Bearer ${first.token}` };
  expect(await code(ask('GET', '/sessions', { headers }))).toEqual([403, 'password-change-required']);
  expect(await code(ask('GET', '/auth/me', { headers }))).toEqual([200, 'ok']);
  expect(await server.authenticate(first.token)).toBeNull();
  const change = (current: string, next: string) =>
    ask('POST', `/users/${user.id}/password`, { payload: { current, next }, headers });
  expect(await code(change(oneTimePassword, oneTimePassword))).toEqual([422, 'invalid-request']);
  expect(await code(change('wrong', 'my very own password'))).toEqual([422, 'invalid-request']);
  expect(await code(change(oneTimePassword, 'short'))).toEqual([422, 'invalid-request']);
  expect(await code(change(oneTimePassword, 'my very own password'))).toEqual([200, 'ok']);
  expect(await code(ask('GET', '/sessions', { headers }))).toEqual([200, 'ok']);
  expect(await server.authenticate(first.token)).toMatchObject({ role: 'operator', actor: 'newbie' });
  expect(await code(tryLogin('newbie', oneTimePassword))).toEqual([401, 'bad-credentials']);

  const reset = await ask('POST', `/users/${user.id}/password`, { payload: {}, headers: admin.headers });
  const second = reset.json<OneTimeAnswer>();
  expect(await code(ask('GET', '/sessions', { headers }))).toEqual([401, 'not-authenticated']);
  await clock.advance(policy.oneTimePasswordMs);
  const late = await tryLogin('newbie', second.oneTimePassword);
  expect(late.statusCode).toBe(401);
  expect(late.json<{ detail: string }>().detail).toContain('no longer good');
  admin = { ...admin, ...(await again(admin)) };
});

/** A new session, after the clock ran over the old one. */
async function again(who: TestPerson): Promise<Pick<TestPerson, 'token' | 'headers'>> {
  const { token } = (await tryLogin(who.username, who.password)).json<LoginAnswer>();
  return { token, headers: { authorization: `Bearer ${token}` } };
}

test('changing the own password ends the other sessions and keeps this one', async () => {
  const eve = await person('engineer', 'eve');
  const other = await again(eve);
  const payload = { current: eve.password, next: 'another long password' };
  expect(await code(ask('POST', `/users/${eve.id}/password`, { payload, headers: eve.headers }))).toEqual([
    200,
    'ok',
  ]);
  expect(await code(ask('GET', '/auth/me', { headers: other.headers }))).toEqual([401, 'not-authenticated']);
  expect(await code(ask('GET', '/auth/me', { headers: eve.headers }))).toEqual([200, 'ok']);
});

test('a session is over after idling, and at last however much it is used', async () => {
  const idle = await person('viewer', 'idle');
  const me = () => code(ask('GET', '/auth/me', { headers: idle.headers }));
  for (
    let passedMs = 0;
    passedMs + policy.sessionIdleMs < policy.sessionAbsoluteMs;
    passedMs += policy.sessionIdleMs - 1
  ) {
    expect(await me()).toEqual([200, 'ok']);
    await clock.advance(policy.sessionIdleMs - 1);
  }
  expect(await me()).toEqual([200, 'ok']);
  await clock.advance(policy.sessionIdleMs - 1);
  expect(await me()).toEqual([401, 'not-authenticated']);
  const fresh = await again(idle);
  await clock.advance(policy.sessionIdleMs);
  expect(await code(ask('GET', '/auth/me', { headers: fresh.headers }))).toEqual([401, 'not-authenticated']);
  admin = { ...admin, ...(await again(admin)) };
});

test('disabling a user ends sessions and tokens at once; a new role counts from the next request', async () => {
  const max = await person('engineer', 'max');
  const expiresAt = new Date(clock.nowMs() + 86_400_000).toISOString();
  const made = await ask('POST', '/tokens', {
    payload: { name: 'ci', scopes: ['read'], expiresAt },
    headers: max.headers,
  });
  const bearer = { authorization: `Bearer ${made.json<{ secret: string }>().secret}` };
  expect(await code(ask('GET', '/auth/me', { headers: bearer }))).toEqual([200, 'ok']);
  expect(await code(ask('GET', '/users', { headers: max.headers }))).toEqual([403, 'forbidden']);
  const patch = (payload: object) => ask('PATCH', `/users/${max.id}`, { payload, headers: admin.headers });
  await patch({ role: 'admin' });
  expect(await code(ask('GET', '/users', { headers: max.headers }))).toEqual([200, 'ok']);
  await patch({ disabled: true });
  expect(await code(ask('GET', '/auth/me', { headers: max.headers }))).toEqual([401, 'not-authenticated']);
  expect(await code(ask('GET', '/auth/me', { headers: bearer }))).toEqual([401, 'not-authenticated']);
  await patch({ disabled: false, role: 'engineer' });
  expect(await code(ask('GET', '/auth/me', { headers: max.headers }))).toEqual([401, 'not-authenticated']);
});

test('the last administrator can be neither disabled, demoted nor let run out, not even by two at once', async () => {
  const lock = (id: string, payload: object) =>
    code(ask('PATCH', `/users/${id}`, { payload, headers: admin.headers }));
  const now = new Date(clock.nowMs()).toISOString();
  expect(await lock(admin.id, { disabled: true })).toEqual([409, 'conflict']);
  expect(await lock(admin.id, { role: 'viewer' })).toEqual([409, 'conflict']);
  expect(await lock(admin.id, { expiresAt: now })).toEqual([409, 'conflict']);
  const second = await person('admin', 'second');
  const both = await Promise.all([
    lock(admin.id, { role: 'engineer' }),
    lock(second.id, { role: 'engineer' }),
  ]);
  // The other is told of the conflict, or that who asks is no administrator any more.
  expect(both.filter(([status]) => status === 200)).toHaveLength(1);
  const { rows } = await database.pool.query<{ id: string }>(
    `select id from park_user where role = 'admin' and not disabled`,
  );
  expect(rows).toHaveLength(1);
  await database.pool.query(`update park_user set role = 'admin' where username = 'admin'`);
  await database.pool.query(`update park_user set role = 'viewer' where username = 'second'`);
});

test('an account that was given an end is over then', async () => {
  const expiresAt = new Date(clock.nowMs() + 3_600_000).toISOString();
  const guest = await person('assessor', 'guest');
  await ask('PATCH', `/users/${guest.id}`, { payload: { expiresAt }, headers: admin.headers });
  expect(await code(ask('GET', '/auth/me', { headers: guest.headers }))).toEqual([200, 'ok']);
  await clock.advance(3_600_000);
  expect(await code(ask('GET', '/auth/me', { headers: guest.headers }))).toEqual([401, 'not-authenticated']);
  expect(await code(tryLogin('guest', guest.password))).toEqual([401, 'bad-credentials']);
});

test("sessions and tokens of others are an administrator's to see and to end", async () => {
  const [tom, kim] = [await person('viewer', 'tom'), await person('viewer', 'kim')];
  const own = (await ask('GET', '/sessions', { headers: tom.headers })).json<{ items: Session[] }>().items;
  expect(own).toMatchObject([{ username: 'tom', current: true }]);
  const id = own[0]?.id ?? '';
  expect(await code(ask('GET', `/sessions?user=${tom.id}`, { headers: kim.headers }))).toEqual([
    403,
    'forbidden',
  ]);
  expect(await code(ask('GET', '/tokens?user=all', { headers: kim.headers }))).toEqual([403, 'forbidden']);
  expect(await code(ask('DELETE', `/sessions/${id}`, { headers: kim.headers }))).toEqual([404, 'not-found']);
  expect(await code(ask('DELETE', `/sessions/${id}`, { headers: admin.headers }))).toEqual([204, 'ok']);
  expect(await code(ask('GET', '/auth/me', { headers: tom.headers }))).toEqual([401, 'not-authenticated']);
  const all = (await ask('GET', '/sessions?user=all', { headers: admin.headers })).json<{
    items: Session[];
  }>();
  expect(all.items.map((session) => session.username)).toContain('kim');
});

test('logout ends the session and takes the cookie back', async () => {
  const lea = await person('viewer', 'lea');
  const answer = await ask('POST', '/auth/logout', {
    headers: { cookie: `parkwatch_session=${lea.token}`, 'sec-fetch-site': 'same-origin' },
  });
  expect([answer.statusCode, answer.cookies[0]?.value]).toEqual([204, '']);
  expect(await code(ask('GET', '/auth/me', { headers: lea.headers }))).toEqual([401, 'not-authenticated']);
});

test('an API token does what its scopes say, until it ends, and never touches accounts', async () => {
  const bob = await person('engineer', 'bob');
  const make = (payload: object) => ask('POST', '/tokens', { payload, headers: bob.headers });
  const inMs = (ms: number) => new Date(clock.nowMs() + ms).toISOString();
  expect(await code(make({ name: 'x', scopes: ['read'], expiresAt: inMs(-1) }))).toEqual([
    422,
    'invalid-request',
  ]);
  expect(
    await code(make({ name: 'x', scopes: ['read'], expiresAt: inMs(policy.tokenLongestMs + 60_000) })),
  ).toEqual([422, 'invalid-request']);
  expect(await code(make({ name: 'x', scopes: ['root'], expiresAt: inMs(1000) }))).toEqual([
    422,
    'invalid-request',
  ]);
  const made = (await make({ name: 'report', scopes: ['read', 'metrics'], expiresAt: inMs(60_000) })).json<{
    token: Token;
    secret: string;
  }>();
  const headers = { authorization: `Bearer ${made.secret}` };
  expect(await code(ask('GET', '/auth/me', { headers }))).toEqual([200, 'ok']);
  expect(await server.authenticate(made.secret)).toMatchObject({
    actor: 'token:bob/report',
    scopes: ['read', 'metrics'],
  });
  expect(await code(ask('POST', '/tokens', { payload: {}, headers }))).toEqual([403, 'forbidden']);
  const listed = (await ask('GET', '/tokens', { headers: bob.headers })).json<{ items: Token[] }>().items;
  expect(listed).toMatchObject([
    { name: 'report', owner: 'bob', lastUsedAt: new Date(clock.nowMs()).toISOString() },
  ]);
  expect(JSON.stringify(listed)).not.toContain(made.secret.slice(4));
  await clock.advance(60_000);
  expect(await code(ask('GET', '/auth/me', { headers }))).toEqual([401, 'not-authenticated']);
  expect(await code(ask('DELETE', `/tokens/${made.token.id}`, { headers: bob.headers }))).toEqual([
    204,
    'ok',
  ]);
});

test('a viewer makes no metrics token', async () => {
  const ida = await person('viewer', 'ida');
  const payload = { name: 'm', scopes: ['metrics'], expiresAt: new Date(clock.nowMs() + 1000).toISOString() };
  expect(await code(ask('POST', '/tokens', { payload, headers: ida.headers }))).toEqual([403, 'forbidden']);
});

test('users are listed page by page without anything of their passwords', async () => {
  const names: string[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
    const answer = await ask('GET', `/users?limit=3${query}`, { headers: admin.headers });
    const page = answer.json<{ items: User[]; nextCursor: string | null }>();
    expect(answer.body).not.toMatch(/argon2|hash/i);
    names.push(...page.items.map((user) => user.username));
    cursor = page.nextCursor;
  }
  expect(names).toEqual(names.toSorted());
  expect(names.length).toBeGreaterThan(10);
  expect(await code(ask('GET', '/users?cursor=%25', { headers: admin.headers }))).toEqual([
    422,
    'invalid-request',
  ]);
  expect(await code(ask('GET', '/users?limit=1001', { headers: admin.headers }))).toEqual([
    422,
    'invalid-request',
  ]);
});

test('a user name is unique and of the agreed form', async () => {
  const post = (username: string) =>
    code(
      ask('POST', '/users', {
        payload: { username, displayName: 'X', role: 'viewer' },
        headers: admin.headers,
      }),
    );
  expect(await post('admin')).toEqual([409, 'already-exists']);
  expect(await post('No Spaces')).toEqual([422, 'invalid-request']);
});

test('every change of an account is in the audit, with who, before and after, and no secret', async () => {
  const zoe = await person('viewer', 'zoe');
  await ask('PATCH', `/users/${zoe.id}`, {
    payload: { role: 'operator' },
    headers: admin.headers,
    remoteAddress: '10.8.0.1',
  });
  const answer = await ask('GET', '/audit?object=zoe&limit=2', { headers: admin.headers });
  const page = answer.json<{ items: { actor: string; action: string; before: unknown; after: unknown }[] }>();
  expect(page.items[0]).toMatchObject({
    actor: 'admin',
    action: 'user.update',
    before: { role: 'viewer' },
    after: { role: 'operator' },
  });
  const { rows } = await database.pool.query<{ text: string }>(
    `select string_agg(body, ' ') as text from journal`,
  );
  expect(rows[0]?.text).not.toMatch(/argon2|own password of|pw[st]_/);
});

test('bootstrapAdmin() makes one administrator of an empty park, also when two processes start at once', async () => {
  await using empty = await createTestDatabase();
  const start = () => bootstrapAdmin({ db: empty.pool, clock, password: undefined });
  const made = (await Promise.all([start(), start()])).filter((one) => one !== null);
  expect(made).toHaveLength(1);
  expect(await start()).toBeNull();
  const { rows } = await empty.pool.query<{ username: string; role: string }>(
    'select username, role from park_user',
  );
  expect(rows).toEqual([{ username: 'admin', role: 'admin' }]);
});
