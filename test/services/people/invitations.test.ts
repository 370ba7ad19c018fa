import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { invitationAnswer, invitationSchema } from '#schemas/api/people.ts';
import { invitationRoutes } from '#services/people/invitation-routes.ts';
import { addPerson, openTestApi, type TestApi, type TestPerson } from '#test/kit/api.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';

const clock = fakeClock();
const dayMs = 86_400_000;
const mails: { to: string; title: string; text: string }[] = [];
const stack = new AsyncDisposableStack();
let database: TestDatabase;
let api: TestApi;
let admin: TestPerson;
let takesMail = false;

beforeAll(async () => {
  database = stack.use(await createTestDatabase());
  const db = database.pool;
  api = stack.use(await openTestApi({ db, clock }));
  await api.register((v1) =>
    invitationRoutes(v1, {
      db,
      clock,
      parkId: 'demo',
      timeZone: 'Asia/Shanghai',
      base: 'https://park.example',
      onChange: () => api.bus.publish('people', { userId: null }),
      mail: async (mail) => {
        mails.push(mail);
        return takesMail;
      },
    }),
  );
  await api.root.ready();
  admin = await addPerson({ db, clock }, 'admin');
});
afterAll(() => stack.disposeAsync());

async function ask(
  who: { readonly headers: object } | null,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  payload?: object,
) {
  const answer = await api.root.inject({
    method,
    url: `/api/v1${path}`,
    headers: { ...who?.headers },
    ...(payload === undefined ? {} : { payload }),
  });
  const body: unknown = answer.body === '' ? null : answer.json();
  return { status: answer.statusCode, body };
}

const inDays = (days: number) => new Date(clock.nowMs() + days * dayMs).toISOString();

async function invited(username: string, email?: string) {
  const body = { username, displayName: username, expiresAt: inDays(30) };
  const answer = await ask(admin, 'POST', '/invitations', email === undefined ? body : { ...body, email });
  expect(answer.status).toBe(201);
  const { invitation, mailed, link } = invitationAnswer.parse(answer.body);
  return { id: invitation.id, mailed, link, token: link?.split('#')[1] ?? '' };
}

const accept = async (token: string, password = 'a password of my own') =>
  ask(null, 'POST', '/invitations/accept', { token, password });
const login = async (username: string) =>
  ask(null, 'POST', '/auth/login', { username, password: 'a password of my own' });
const states = async () => {
  const { items } = (await ask(admin, 'GET', '/invitations')).body as { items: unknown[] };
  return new Map(items.map((row) => invitationSchema.parse(row)).map((row) => [row.username, row.state]));
};

describe('POST /invitations', () => {
  test('serves administrators only, for a time that ends within a year', async () => {
    const engineer = await addPerson({ db: database.pool, clock }, 'engineer');
    const body = { username: 'eva', displayName: 'Eva', expiresAt: inDays(30) };
    expect((await ask(engineer, 'POST', '/invitations', body)).status).toBe(403);
    for (const expiresAt of [inDays(-1), inDays(400)]) {
      expect((await ask(admin, 'POST', '/invitations', { ...body, expiresAt })).status).toBe(422);
    }
    expect((await ask(admin, 'POST', '/invitations', { ...body, username: 'admin' })).status).toBe(409);
  });

  test('shows the link once when nothing mails it, and keeps only its hash', async () => {
    const { link, token } = await invited('shown', 'shown@example.org');
    expect(link).toBe(`https://park.example/invitation#${token}`);
    expect(token).toMatch(/^pwi_/);
    expect(JSON.stringify((await ask(admin, 'GET', '/invitations')).body)).not.toContain(token);
    const { rows } = await database.pool.query(
      `select 1 from journal where position($1 in body) > 0
       union all select 1 from invitation where encode(token_hash, 'escape') = $1`,
      [token],
    );
    expect(rows).toEqual([]);
  });

  test('does not show a link that was mailed', async () => {
    takesMail = true;
    const { mailed, link } = await invited('mailed', 'mailed@example.org');
    takesMail = false;
    expect({ mailed, link }).toEqual({ mailed: true, link: null });
    expect(mails.at(-1)).toMatchObject({ to: 'mailed@example.org' });
    const token = /#(pwi_\S+)/.exec(mails.at(-1)?.text ?? '')?.[1] ?? '';
    expect((await accept(token)).status).toBe(200);
  });
});

describe('POST /invitations/accept', () => {
  test('chooses the password once, and the account reads as an assessor until it ends', async () => {
    const { token } = await invited('anna');
    expect((await login('anna')).status).toBe(401);
    expect((await accept(token, 'short')).status).toBe(422);
    expect(await accept(token)).toEqual({ status: 200, body: { username: 'anna' } });
    expect((await login('anna')).body).toMatchObject({
      user: { role: 'assessor', mustChangePassword: false },
    });
    expect((await accept(token, 'another password')).status).toBe(401);
    expect((await accept('pwi_unknown')).status).toBe(401);
    expect((await states()).get('anna')).toBe('accepted');
  });

  test('one of two at once gets the invitation', async () => {
    const { token } = await invited('two');
    const statuses = await Promise.all([accept(token), accept(token)].map(async (one) => (await one).status));
    expect(statuses.toSorted()).toEqual([200, 401]);
  });

  test('a link ends after a week, and the account with its day', async () => {
    const late = await invited('late');
    const { token } = await invited('ben');
    await accept(token);
    await clock.advance(8 * dayMs);
    expect((await accept(late.token)).status).toBe(401);
    expect((await login('ben')).status).toBe(200);
    await clock.advance(23 * dayMs);
    expect((await login('ben')).status).toBe(401);
  });
});

test('DELETE /invitations/{id} ends link, account and sessions at once', async () => {
  // The session of before is over by now.
  admin = await addPerson({ db: database.pool, clock }, 'admin', 'boss');
  const open = await invited('open');
  const { id, token } = await invited('carl');
  await accept(token);
  const { token: session } = (await login('carl')).body as { token: string };
  const carl = { headers: { authorization: `Bearer ${session}` } };
  expect((await ask(carl, 'GET', '/auth/me')).status).toBe(200);
  expect((await ask(carl, 'DELETE', `/invitations/${id}`)).status).toBe(403);
  expect((await ask(admin, 'DELETE', `/invitations/${id}`)).status).toBe(204);
  expect((await ask(admin, 'DELETE', `/invitations/${id}`)).status).toBe(409);
  expect((await ask(carl, 'GET', '/auth/me')).status).toBe(401);
  expect((await login('carl')).status).toBe(401);
  expect((await ask(admin, 'DELETE', `/invitations/${open.id}`)).status).toBe(204);
  expect((await accept(open.token)).status).toBe(401);
});
