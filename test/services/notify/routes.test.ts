import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type {
  Channel,
  Delivery,
  DeliveryDetail,
  InboxItem,
  OnCallNow,
  OnCallSpan,
  Preview,
} from '#schemas/api/notify.ts';
import { notifyRoutes } from '#services/notify/routes.ts';
import type { Notifier } from '#services/notify/notifier.ts';
import { addPerson, openTestApi, type TestApi, type TestPerson } from '#test/kit/api.ts';
import { createNotifyPark, recordEndpoint, type Endpoint, type NotifyPark } from './notify-park.ts';

let park: NotifyPark;
let api: TestApi;
let endpoint: Endpoint;
let notifier: Notifier;
let admin: TestPerson;
let wang: TestPerson;
let viewer: TestPerson;

beforeAll(async () => {
  park = await createNotifyPark();
  endpoint = await recordEndpoint();
  const { clock, database, bus, settings } = park;
  api = await openTestApi({ db: database.pool, clock });
  const letterhead = {
    park: 'demo',
    base: 'https://park.example',
    ackKey: park.box.derive('acknowledging link'),
  };
  await api.register((v1) => notifyRoutes(v1, { ...settings, bus, letterhead }));
  const deps = { db: database.pool, clock };
  admin = await addPerson(deps, 'admin', 'admin');
  wang = await addPerson(deps, 'engineer', 'wang');
  viewer = await addPerson(deps, 'viewer', 'viewer');
  notifier = await park.startNotifier();
});
afterAll(async () => {
  await notifier[Symbol.asyncDispose]();
  await api[Symbol.asyncDispose]();
  await endpoint[Symbol.asyncDispose]();
  await park[Symbol.asyncDispose]();
});

async function ask<T>(
  person: TestPerson,
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  payload?: object,
) {
  const { headers } = person;
  const answer = await api.root.inject({
    method,
    url: `/api/v1/notify${path}`,
    headers,
    ...(payload === undefined ? {} : { payload }),
  });
  return {
    status: answer.statusCode,
    body: (answer.body === '' ? null : answer.json()) as T,
    text: answer.body,
  };
}
type Refusal = {
  readonly code: string;
  readonly errors?: { readonly path: string; readonly message: string }[];
};

const audit = async () => {
  const { rows } = await park.database.pool.query<{ body: string }>(
    `select body from journal where journal = 'audit' order by id`,
  );
  return rows.map((row) => row.body);
};

describe('channels', () => {
  const hook = { id: 'hook', name: 'Hook', config: { kind: 'webhook', url: 'https://203.0.114.1/hook' } };

  test('secrets are written and never read: not in answers, not in the audit, not in the table', async () => {
    const created = await ask<Channel>(admin, 'POST', '/channels', {
      ...hook,
      secrets: { signingKey: 'very-secret-key' },
    });
    expect([created.status, created.body.secretsSet]).toEqual([201, ['signingKey']]);
    const changed = await ask<Channel>(admin, 'PUT', '/channels/hook', { ...hook, name: 'Other' });
    expect([changed.body.name, changed.body.secretsSet]).toEqual(['Other', ['signingKey']]);
    const listed = await ask(wang, 'GET', '/channels');
    const { rows } = await park.database.pool.query(
      `select encode(secret, 'escape') as secret from notify_setting where id = 'hook'`,
    );
    for (const text of [created.text, changed.text, listed.text, JSON.stringify(rows), ...(await audit())]) {
      expect(text).not.toContain('very-secret-key');
    }
    expect((await audit()).some((body) => body.includes('"secrets":["signingKey"]'))).toBe(true);
    const without = await ask<Channel>(admin, 'PUT', '/channels/hook', {
      ...hook,
      secrets: { signingKey: null },
    });
    expect(without.body.secretsSet).toEqual([]);
  });

  test('an inner address, a foreign secret, another kind and an id that is taken are refused with their place', async () => {
    const inner = await ask<Refusal>(admin, 'POST', '/channels', {
      ...hook,
      id: 'inner',
      config: { kind: 'webhook', url: 'http://169.254.169.254/latest' },
    });
    expect([inner.status, inner.body.errors?.[0]?.path]).toEqual([422, '/config/url']);
    const foreign = await ask<Refusal>(admin, 'POST', '/channels', {
      ...hook,
      id: 'f',
      secrets: { password: 'x' },
    });
    expect(foreign.body.errors?.[0]?.path).toBe('/secrets/password');
    const kind = await ask<Refusal>(admin, 'PUT', '/channels/hook', { ...hook, config: { kind: 'wecom' } });
    expect(kind.body.errors?.[0]?.path).toBe('/config/kind');
    expect((await ask<Refusal>(admin, 'POST', '/channels', hook)).body.code).toBe('already-exists');
    expect((await ask<Refusal>(admin, 'PUT', '/channels/hook2', hook)).body.errors?.[0]?.path).toBe('/id');
  });

  test('a test is sent at once, and its delivery tells what came of it', async () => {
    const config = { kind: 'webhook', url: `${endpoint.url}/hook` };
    await ask(admin, 'POST', '/channels', {
      id: 'local',
      name: 'Local',
      config,
      secrets: { signingKey: 'k' },
    });
    endpoint.answer = { status: 503, body: 'no' };
    const { body } = await ask<{ deliveryId: string }>(wang, 'POST', '/channels/local/test', {});
    await park.clock.advance(2_000);
    await notifier.idle();
    const first = await ask<DeliveryDetail>(wang, 'GET', `/deliveries/${body.deliveryId}`);
    expect([first.body.state, first.body.log.map(({ outcome, code }) => `${outcome} ${code}`)]).toEqual([
      'dead',
      ['retry 503'],
    ]);
    endpoint.answer = { status: 200, body: 'ok' };
    expect((await ask(viewer, 'POST', `/deliveries/${body.deliveryId}/retry`, {})).status).toBe(403);
    expect((await ask<Delivery>(wang, 'POST', `/deliveries/${body.deliveryId}/retry`, {})).body.state).toBe(
      'waiting',
    );
    await park.clock.advance(2_000);
    await notifier.idle();
    expect((await ask<Delivery>(wang, 'GET', `/deliveries/${body.deliveryId}`)).body.state).toBe('delivered');
    expect((await ask<Refusal>(wang, 'POST', `/deliveries/${body.deliveryId}/retry`, {})).body.code).toBe(
      'conflict',
    );
  });
});

describe('teams, rosters and routes', () => {
  test('what names nobody is refused with its place; what is used is not deleted', async () => {
    const team = { id: 'fire', name: 'Fire', people: ['wang', 'nobody'] };
    const refused = await ask<Refusal>(wang, 'POST', '/teams', team);
    expect([refused.status, refused.body.errors?.[0]?.path]).toEqual([422, '/people/1']);
    expect((await ask(wang, 'POST', '/teams', { ...team, people: ['wang'] })).status).toBe(201);
    const steps = [{ afterMinutes: 0, targets: [{ kind: 'team', id: 'fire' }], channels: [] }];
    const route = { id: 'fire', name: 'Fire', match: { severities: ['critical'] }, steps };
    expect((await ask(wang, 'POST', '/routes', route)).status).toBe(201);
    expect((await ask<Refusal>(wang, 'DELETE', '/teams/fire')).body.code).toBe('in-use');
    const unknown = { ...route, steps: [{ ...steps[0], channels: ['gone'] }] };
    expect((await ask<Refusal>(wang, 'PUT', '/routes/fire', unknown)).body.errors?.[0]?.path).toBe(
      '/steps/0/channels/0',
    );
    const nobody = { ...route, steps: [{ afterMinutes: 0, channels: ['console'] }] };
    expect((await ask<Refusal>(wang, 'PUT', '/routes/fire', nobody)).body.errors?.[0]?.path).toBe(
      '/steps/0/targets',
    );
    expect((await ask(viewer, 'GET', '/routes')).status).toBe(403);
  });

  test('who is on call, now and over days, with holes', async () => {
    const windows = [{ days: [1, 2, 3, 4, 5, 6, 7], from: '20:00', to: '08:00' }];
    const shifts = [
      { name: 'Night', people: ['wang'], every: 'day', startDay: '2020-01-01', handover: '08:00', windows },
    ];
    expect((await ask(wang, 'POST', '/rosters', { id: 'night', name: 'Night', shifts })).status).toBe(201);
    const now = await ask<{ items: OnCallNow[] }>(wang, 'GET', '/on-call');
    expect(now.body.items.map(({ roster }) => roster)).toEqual(['night']);
    const query = 'from=2026-01-05T00:00:00%2B08:00&to=2026-01-06T00:00:00%2B08:00';
    const spans = await ask<{ items: OnCallSpan[] }>(wang, 'GET', `/rosters/night/on-call?${query}`);
    expect(
      spans.body.items.map(({ from, people, by }) => [from, people.map(({ username }) => username), by]),
    ).toEqual([
      ['2026-01-04T16:00:00.000Z', ['wang'], 'shift'],
      ['2026-01-05T00:00:00.000Z', [], 'nobody'],
      ['2026-01-05T12:00:00.000Z', ['wang'], 'shift'],
    ]);
    expect(
      (await ask(wang, 'GET', '/rosters/night/on-call?from=2026-01-05T00:00:00Z&to=2027-01-06T00:00:00Z'))
        .status,
    ).toBe(422);
  });

  test('a preview tells step by step who would be told now, of an alarm and of what one could be', async () => {
    const asked = await ask<Preview>(wang, 'GET', '/preview?severity=critical');
    expect(asked.body.routes.map(({ id }) => id)).toEqual(['fire']);
    expect(
      asked.body.routes[0]?.steps[0]?.recipients.map(({ channel, username }) => `${username} ${channel}`),
    ).toEqual(['wang console']);
    const alarm = await park.raise({ severity: 'critical' });
    const known = await ask<Preview>(wang, 'GET', `/preview?alarm=${alarm}`);
    expect(known.body.routes).toHaveLength(1);
    expect((await ask(wang, 'GET', '/preview?alarm=999999')).status).toBe(404);
  });
});

describe('people', () => {
  test('everybody changes how they are told; others see whether there is an address, administrators which', async () => {
    const preferences = { email: 'wang@example.com', phone: '+86 138 0000 0000', language: 'en' };
    expect((await ask(wang, 'PUT', '/me', preferences)).status).toBe(200);
    expect((await ask<{ email: string }>(wang, 'GET', '/me')).body.email).toBe('wang@example.com');
    const people = await ask(wang, 'GET', '/people');
    expect(people.text).toContain('"username":"wang"');
    expect(people.text).not.toContain('wang@example.com');
    expect((await ask(wang, 'GET', '/people/admin')).status).toBe(403);
    expect((await ask<{ phone: string }>(admin, 'GET', '/people/wang')).body.phone).toBe('+86 138 0000 0000');
    expect((await ask(wang, 'PUT', '/me', { ...preferences, email: 'no address' })).status).toBe(422);
    expect((await audit()).join('')).not.toContain('wang@example.com');
  });

  test('what came to the console is in the inbox until it was on screen', async () => {
    const alarm = await park.raise({ severity: 'critical', point: 'em-2.voltage_l1' });
    await notifier.idle();
    const inbox = () => ask<{ items: InboxItem[] }>(wang, 'GET', '/inbox');
    const [item] = (await inbox()).body.items;
    expect([item?.alarmId, item?.severity]).toEqual([String(alarm), 'critical']);
    expect((await ask<{ items: InboxItem[] }>(admin, 'GET', '/inbox')).body.items).toEqual([]);
    expect((await ask(wang, 'POST', '/inbox/seen', { id: item?.id })).status).toBe(204);
    expect((await inbox()).body.items).toEqual([]);
  });
});
