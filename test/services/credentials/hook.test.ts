import { afterAll, beforeAll, expect, it } from 'vitest';
import { silentLog } from '#infra/log.ts';
import { createMetrics } from '#infra/metrics.ts';
import { createApi, type ApiServer } from '#services/api/server.ts';
import { startCredentialBook } from '#services/credentials/book.ts';
import { brokerHookRoutes } from '#services/credentials/hook-routes.ts';
import { changeGrant, changeSharedLogin, createPasswords } from '#services/credentials/manage.ts';
import { startPointDirectory } from '#services/registry/directory.ts';
import { createBus } from '#infra/bus.ts';
import { testHttp } from '#test/kit/api.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { createTestDatabase } from '#test/kit/postgres.ts';

const clock = fakeClock();
const cleanup = new AsyncDisposableStack();
const config = { username: 'parkwatch', password: 'our own' };
const hookSecret = 'told-to-the-broker-only';
let api: ApiServer;
let secret: string;
let turnSharedOff: () => Promise<void>;

beforeAll(async () => {
  const { pool: db } = cleanup.use(await createTestDatabase());
  const log = silentLog();
  await db.query(
    `insert into device (id, valid_from, class, name) values ('box-1', now(), 'gateway', 'Box'), ('em-1', now(), 'energy-meter', 'Meter')`,
  );
  const bus = createBus((error) => {
    throw error;
  });
  const directory = cleanup.use(await startPointDirectory({ db, bus, log }));
  const managing = { db, clock, actor: 'test' };
  await changeGrant(managing, { deviceId: 'box-1', patch: { children: ['em-1'] } });
  secret = (await createPasswords(managing, ['box-1']))[0]?.secret ?? '';
  const book = cleanup.use(await startCredentialBook({ db, directory, config, parkId: 'demo', clock, log }));
  turnSharedOff = async () => {
    await changeSharedLogin(managing, false);
    await book.reload();
  };
  api = cleanup.use(
    await createApi({
      http: testHttp,
      log,
      authenticator: { authenticate: () => Promise.resolve(null) },
      readiness: () => ({ database: 'ok', broker: 'ok', dialect: 'plain' }),
      metrics: createMetrics({ process: false }),
      consoleDir: null,
      version: '0',
      hookSecret,
    }),
  );
  await api.register((v1) => brokerHookRoutes(v1, { book, config, parkId: 'demo' }));
});
afterAll(() => cleanup.disposeAsync());

async function ask(path: string, payload: object, given: string | null = hookSecret) {
  const answer = await api.root.inject({
    method: 'POST',
    url: `/api/v1/broker/${path}`,
    ...(given === null ? {} : { headers: { authorization: `Bearer ${given}` } }),
    payload,
  });
  return {
    status: answer.statusCode,
    ...answer.json<{ result?: string; ok?: boolean; is_superuser?: boolean }>(),
  };
}

it('answers only who has the secret, by header or, for brokers that can send none, by query', async () => {
  const login = { username: 'box-1', password: secret, clientid: 'x' };
  expect((await ask('login', login, null)).status).toBe(401);
  expect((await ask('login', login, 'guessed')).status).toBe(401);
  const queried = await api.root.inject({
    method: 'POST',
    url: `/api/v1/broker/login?secret=${encodeURIComponent(hookSecret)}`,
    payload: login,
  });
  expect(queried.json()).toMatchObject({ result: 'allow', ok: true });
});

it('lets in who the embedded broker would, with fields of either broker and whatever else they send', async () => {
  const right = { username: 'box-1', password: secret, clientid: 'x', vhost: '/', peerhost: '10.0.0.7' };
  expect(await ask('login', right)).toMatchObject({ status: 200, result: 'allow', is_superuser: false });
  expect(await ask('login', { ...right, password: 'wrong' })).toMatchObject({
    status: 200,
    result: 'deny',
    ok: false,
  });
  expect(await ask('login', { ...right, username: 'em-1' })).toMatchObject({ result: 'deny' });
  expect(await ask('login', {})).toMatchObject({ result: 'deny' });
});

it('allows topics as the embedded broker does, asked in the words of EMQX and of mosquitto', async () => {
  const may = async (more: object) =>
    (await ask('permission', { username: 'box-1', clientid: 'x', ...more })).result;
  const topic = 'park/v1/demo/em-1/telemetry';
  expect(await may({ topic, action: 'publish' })).toBe('allow');
  expect(await may({ topic, acc: 2 })).toBe('allow');
  expect(await may({ topic, acc: '2' })).toBe('allow');
  expect(await may({ topic, action: 'subscribe' })).toBe('deny');
  expect(await may({ topic, acc: 3 })).toBe('deny');
  expect(await may({ topic: 'park/v1/demo/em-9/telemetry', action: 'publish' })).toBe('deny');
  expect(await may({ topic: 'park/v1/demo/em-1/command', acc: 4 })).toBe('allow');
  expect(await may({ topic: 'park/v1/demo/em-1/command', acc: 1 })).toBe('allow');
  expect(await may({ topic })).toBe('deny');
  expect(await may({ username: 'em-1', topic, action: 'publish' })).toBe('deny');
});

it('knows our own process; with the shared credential off, only by our client ids', async () => {
  const ours = { username: 'parkwatch', password: 'our own', clientid: 'some-device' };
  expect(await ask('login', ours)).toMatchObject({ result: 'allow', is_superuser: true });
  expect(await ask('login', { ...ours, password: 'no' })).toMatchObject({
    result: 'deny',
    is_superuser: false,
  });
  await turnSharedOff();
  expect(await ask('login', ours)).toMatchObject({ result: 'deny' });
  const clientid = 'parkwatch-demo-ingest-1';
  expect(await ask('login', { ...ours, clientid })).toMatchObject({ result: 'allow' });
  const topic = 'park/v1/demo/+/telemetry';
  const wish = { username: 'parkwatch', topic, action: 'subscribe' };
  expect(await ask('permission', { ...wish, clientid })).toMatchObject({ result: 'allow' });
  expect(await ask('permission', { ...wish, clientid: 'other' })).toMatchObject({ result: 'deny' });
});
