import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connectAsync, type IClientOptions } from 'mqtt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MqttConfig } from '#infra/config.ts';
import { startEmbeddedBroker } from '#infra/embedded-broker.ts';
import { attemptLimits } from '#infra/embedded-broker/sessions.ts';
import { silentLog } from '#infra/log.ts';
import { startMqttGateway } from '#gateways/mqtt/gateway.ts';
import type { CredentialSecret, FieldAccessAnswer, FieldCredential } from '#schemas/api/field-access.ts';
import type { Packet } from '#schemas/reading.ts';
import { startCredentialBook } from '#services/credentials/book.ts';
import { permitDefaults } from '#services/credentials/permit.ts';
import { credentialRoutes } from '#services/credentials/routes.ts';
import { addPerson, openTestApi, type TestApi, type TestPerson } from '#test/kit/api.ts';
import { hasOpenssl, makeCertificates } from '#test/kit/certificates.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { inTime, until } from '#test/kit/events.ts';
import { mqttConfig } from '#test/kit/mqtt-config.ts';
import { connectWire, publishOf, type WireOptions } from '#test/kit/mqtt-wire.ts';
import { createTestDatabase } from '#test/kit/postgres.ts';

const clock = fakeClock();
let cleanup: AsyncDisposableStack;
let api: TestApi;
let engineer: TestPerson;
let admin: TestPerson;
let broker: Awaited<ReturnType<typeof startEmbeddedBroker>>;
let arrived: Packet[];

async function start(config: Partial<MqttConfig> = {}): Promise<void> {
  const database = cleanup.use(await createTestDatabase());
  const [db, log] = [database.pool, silentLog()];
  api = cleanup.use(await openTestApi({ db, clock }));
  const mqtt = mqttConfig(config);
  const book = cleanup.use(
    await startCredentialBook({ db, directory: api.directory, config: mqtt, parkId: 'demo', clock, log }),
  );
  const isMapped = (topic: string) => topic.startsWith('meters/');
  broker = cleanup.use(
    await startEmbeddedBroker({ config: mqtt, parkId: 'demo', log, clock, access: book, isMapped }),
  );
  const connectionsOf = (id: string) => broker.connectionsOf(id);
  await api.register((v1) => credentialRoutes(v1, { db, clock, book, connectionsOf }));
  arrived = [];
  const sink = { write: async (packet: Packet) => void arrived.push(packet) };
  cleanup.use(await startMqttGateway({ config: mqtt, parkId: 'demo', sink, clock, log, broker }));
  broker.attachMapped(() => Promise.resolve());
  engineer = await addPerson({ db, clock }, 'engineer');
  admin = await addPerson({ db, clock }, 'admin');
  for (const id of ['box-1', 'em-1', 'em-2']) {
    const deviceClass = id.startsWith('box') ? 'gateway' : 'energy-meter';
    expect((await ask('POST', '/devices', { id, name: id, class: deviceClass })).status).toBe(201);
  }
}

beforeEach(() => {
  cleanup = new AsyncDisposableStack();
});
afterEach(() => cleanup.disposeAsync());

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';
async function ask<T>(method: Method, path: string, payload?: object, person = engineer) {
  const answer = await api.root.inject({
    method,
    url: `/api/v1${path}`,
    headers: person.headers,
    ...(payload === undefined ? {} : { payload }),
  });
  return { status: answer.statusCode, body: (answer.body === '' ? null : answer.json()) as T };
}

async function credential(deviceId: string): Promise<CredentialSecret> {
  const made = await ask<{ items: CredentialSecret[] }>('POST', '/field-credentials', {
    deviceIds: [deviceId],
  });
  expect(made.status).toBe(201);
  const [item] = made.body.items;
  if (item === undefined) throw new Error('no credential was made');
  return item;
}

async function connect(username: string, password: string, more: Partial<WireOptions> = {}) {
  return cleanup.use(await connectWire({ port: broker.port, username, password, ...more }));
}

async function returnCode(username: string, password: string): Promise<number | undefined> {
  using client = await connectWire({ port: broker.port, username, password });
  return client.connack.returnCode;
}

const reading = '{"values":{"active_power":1}}';

describe('a credential of a device', () => {
  it('lets it in under its id, with a secret of 128 bits that is shown once and stored as its digest', async () => {
    await start();
    const { username, secret, credential: made } = await credential('em-1');
    expect(username).toBe('em-1');
    expect(Buffer.from(secret.replace('pwf_', ''), 'base64url')).toHaveLength(16);
    expect(await returnCode('em-1', secret)).toBe(0);
    expect(await returnCode('em-2', secret)).toBe(4);
    expect(await returnCode('em-1', `${secret}x`)).toBe(4);
    const listed = await ask<{ items: FieldCredential[] }>('GET', '/field-credentials?device=em-1');
    expect(listed.body.items).toMatchObject([{ id: made.id, deviceName: 'em-1', createdBy: 'engineer' }]);
    expect(JSON.stringify(listed.body)).not.toContain(secret);
    const audit = await ask('GET', '/audit?action=credential.create', undefined, admin);
    expect(audit.body).toMatchObject({ items: [{ object: 'em-1', actor: 'engineer' }] });
    expect(JSON.stringify(audit.body)).not.toContain(secret);
  });

  it('writes only under its own id: anything else is acknowledged, booked and handed to nobody', async () => {
    await start();
    const { secret } = await credential('em-1');
    using reader = await connectWire({ port: broker.port });
    reader.send({
      cmd: 'subscribe',
      messageId: 1,
      subscriptions: [{ topic: 'park/#', qos: 0 }],
    });
    await reader.until(() => reader.received.some(({ cmd }) => cmd === 'suback'));
    const client = await connect('em-1', secret);
    client.send(publishOf('park/v1/demo/em-2/telemetry', reading, 1));
    client.send(publishOf('park/v1/demo/em-1/telemetry', reading, 2));
    await client.until(() => client.acks().length === 2);
    expect(arrived.map(({ deviceId, content }) => [deviceId, content])).toMatchObject([
      [
        'em-2',
        {
          kind: 'refused',
          reason: 'not-permitted',
          detail: { code: 'not-covered', params: { owner: 'em-1' } },
        },
      ],
      ['em-1', { kind: 'telemetry' }],
    ]);
    await reader.until(() => reader.received.some(({ cmd }) => cmd === 'publish'));
    const delivered = reader.received.flatMap((packet) => (packet.cmd === 'publish' ? [packet.topic] : []));
    expect(delivered).toEqual(['park/v1/demo/em-1/telemetry']);
    expect(broker.status().publishesDenied).toBe(1);
  });

  it('ends the connection that publishes on a topic that nobody takes, and refuses a last will of another', async () => {
    await start();
    const { secret } = await credential('em-1');
    const client = await connect('em-1', secret);
    client.send(publishOf('somewhere/else', '{}', 1));
    await once(client.socket, 'close');
    expect(client.acks()).toEqual([]);
    const will = { topic: 'park/v1/demo/em-2/status', payload: 'offline', retain: true };
    const dying = await connect('em-1', secret, { will });
    dying.socket.destroy();
    await until(() => arrived.length === 1, 'the last will');
    expect(arrived[0]).toMatchObject({ deviceId: 'em-2', content: { reason: 'not-permitted' } });
  });

  it('reads only its own commands', async () => {
    await start();
    const { secret } = await credential('em-1');
    const client = await connect('em-1', secret);
    const filters = [
      'park/v1/demo/em-1/command',
      'park/v1/demo/em-2/command',
      '#',
      'park/v1/demo/+/telemetry',
    ];
    client.send({
      cmd: 'subscribe',
      messageId: 1,
      subscriptions: filters.map((topic) => ({ topic, qos: 0 })),
    });
    await client.until(() => client.received.some(({ cmd }) => cmd === 'suback'));
    expect(client.received.find(({ cmd }) => cmd === 'suback')).toMatchObject({
      granted: [0, 128, 128, 128],
    });
  });

  it('covers children, prefixes and vendor topics once it is a gateway; sessions that stand follow', async () => {
    await start();
    const { secret } = await credential('box-1');
    const client = await connect('box-1', secret);
    client.send(publishOf('park/v1/demo/em-1/telemetry', reading, 1));
    await client.until(() => client.acks().length === 1);
    const patch = { children: ['em-1'], prefixes: ['wm-'], topics: ['meters/+/state'] };
    expect((await ask('PATCH', '/devices/box-1/field-access', patch)).status).toBe(200);
    for (const [index, topic] of [
      'park/v1/demo/em-1/telemetry',
      'park/v1/demo/wm-77/telemetry',
      'meters/A/state',
    ].entries()) {
      client.send(publishOf(topic, reading, index + 2));
    }
    await client.until(() => client.acks().length === 4);
    expect(arrived.map(({ content }) => content.kind)).toEqual(['refused', 'telemetry', 'telemetry']);
    const bad = await ask('PATCH', '/devices/box-1/field-access', { topics: ['park/#'] });
    expect(bad).toMatchObject({ status: 422, body: { errors: [{ path: '/topics/0' }] } });
  });

  it('is rotated without a restart: both stand for the overlap, then sessions of the old one are closed', async () => {
    await start();
    const old = await credential('em-1');
    const session = await connect('em-1', old.secret);
    const rotated = await ask<CredentialSecret>('POST', `/field-credentials/${old.credential.id}/rotate`, {
      overlapS: 60,
    });
    expect(rotated.status).toBe(201);
    const other = await connect('em-1', rotated.body.secret);
    expect(await returnCode('em-1', old.secret)).toBe(0);
    const closed = once(session.socket, 'close');
    await clock.advance(61_000);
    await inTime(closed, 'the session of the old one to end');
    expect(await returnCode('em-1', old.secret)).toBe(4);
    expect(await returnCode('em-1', rotated.body.secret)).toBe(0);
    expect(other.socket.destroyed).toBe(false);
    expect(broker.status().sessionsRevoked).toBe(1);
  });

  it('is revoked at once, also by retiring its device; the shared login is no way back', async () => {
    await start();
    const [first, second] = [await credential('em-1'), await credential('em-2')];
    const one = await connect('em-1', first.secret);
    const two = await connect('em-2', second.secret);
    const oneClosed = once(one.socket, 'close');
    expect((await ask('DELETE', `/field-credentials/${first.credential.id}`)).status).toBe(204);
    await inTime(oneClosed, 'the revoked session to end');
    expect(await returnCode('em-1', first.secret)).toBe(4);
    const twoClosed = once(two.socket, 'close');
    await ask('PATCH', '/devices/em-2', { lifecycle: 'retired' });
    await inTime(twoClosed, 'the session of a retired device to end');
    expect((await ask('DELETE', `/field-credentials/${first.credential.id}`)).status).toBe(404);
  });

  it('has so many connections at a time, counts them, and cannot take over another one by its client id', async () => {
    await start();
    const { secret } = await credential('em-1');
    const other = await credential('em-2');
    const victim = await connect('em-1', secret, { clientId: 'same' });
    await connect('em-2', other.secret, { clientId: 'same' });
    for (let count = 1; count < permitDefaults.connections; count++) await connect('em-1', secret);
    expect(await returnCode('em-1', secret)).toBe(3);
    // Its own client id again: the new connection takes the place of the old one.
    const closed = once(victim.socket, 'close');
    const back = await connect('em-1', secret, { clientId: 'same' });
    expect(back.connack.returnCode).toBe(0);
    await closed;
    const { body } = await ask<FieldAccessAnswer>('GET', '/devices/em-1/field-access');
    expect(body.connections).toBe(permitDefaults.connections);
  });

  it('is acknowledged at its rate, however fast it sends', async () => {
    await start();
    await ask('PATCH', '/devices/em-1/field-access', { packetsPerS: 1 });
    const { secret } = await credential('em-1');
    const client = await connect('em-1', secret);
    for (let id = 1; id <= 12; id++) client.send(publishOf('park/v1/demo/em-1/telemetry', reading, id));
    await client.until(() => client.acks().length === 10);
    await until(() => arrived.length === 12, 'all of it to be committed');
    expect(client.acks()).toHaveLength(10);
    await clock.advance(2_000);
    await client.until(() => client.acks().length === 12);
  });

  it('is refused unheard after so many failures from one address, and only under that name', async () => {
    await start();
    const { secret } = await credential('em-1');
    for (let count = 0; count < attemptLimits.failures; count++) await returnCode('em-1', 'pwf_wrong');
    expect(await returnCode('em-1', secret)).toBe(3);
    const other = await credential('em-2');
    expect(await returnCode('em-2', other.secret)).toBe(0);
    await clock.advance(attemptLimits.windowMs);
    expect(await returnCode('em-1', secret)).toBe(0);
  });
});

describe('the shared credential', () => {
  it('is turned off by an administrator: its sessions end and it lets nobody in', async () => {
    await start({ username: 'field', password: 'correct horse' });
    const { secret } = await credential('em-1');
    const shared = await connect('field', 'correct horse');
    const own = await connect('em-1', secret);
    expect((await ask('PATCH', '/field-policy', { sharedLogin: false })).status).toBe(403);
    const closed = once(shared.socket, 'close');
    expect(await ask('PATCH', '/field-policy', { sharedLogin: false }, admin)).toMatchObject({
      status: 200,
      body: { sharedLogin: false },
    });
    await inTime(closed, 'the shared session to end');
    expect(await returnCode('field', 'correct horse')).toBe(4);
    expect(own.socket.destroyed).toBe(false);
    await ask('PATCH', '/field-policy', { sharedLogin: true }, admin);
    expect(await returnCode('field', 'correct horse')).toBe(0);
  });
});

describe.skipIf(!hasOpenssl())('a client certificate', () => {
  it('stands for the device that its common name was given to; one of another authority for nobody', async () => {
    const certificates = cleanup.use(await makeCertificates());
    const { caFile: clientCaFile, server } = certificates;
    await start({ tls: { ...server, port: 0, clientCaFile }, username: 'field', password: 'shared' });
    const named = { deviceId: 'em-1', subject: 'meter-17.example' };
    const made = await ask<FieldCredential>('POST', '/field-credentials/certificates', named);
    expect(made).toMatchObject({ status: 201, body: { kind: 'certificate', subject: 'meter-17.example' } });
    const taken = await ask('POST', '/field-credentials/certificates', { ...named, deviceId: 'em-2' });
    expect(taken.status).toBe(409);
    const open = async (name: string, selfSigned = false, more: IClientOptions = {}) => {
      const { certFile, keyFile } = await certificates.client(name, selfSigned);
      const client = await connectAsync(`mqtts://localhost:${broker.tlsPort}`, {
        ca: readFileSync(clientCaFile),
        cert: readFileSync(certFile),
        key: readFileSync(keyFile),
        protocolVersion: 4,
        reconnectPeriod: 0,
        ...more,
      });
      cleanup.defer(() => client.endAsync(true));
      return client;
    };
    const device = await open('meter-17.example');
    await device.publishAsync('park/v1/demo/em-1/telemetry', reading, { qos: 1 });
    await device.publishAsync('park/v1/demo/em-2/telemetry', reading, { qos: 1 });
    expect(arrived.map(({ content }) => content.kind)).toEqual(['telemetry', 'refused']);
    await expect(open('meter-17.example', true)).rejects.toThrow('Bad username or password');
    await expect(open('unknown.example')).rejects.toThrow('Bad username or password');
    // A certificate of nobody is no obstacle to a password.
    const { secret: password } = await credential('em-2');
    const other = await open('unknown-too.example', false, { username: 'em-2', password });
    expect(other.connected).toBe(true);
    const gone = new Promise<void>((resolve) => device.once('close', () => resolve()));
    await ask('DELETE', `/field-credentials/${made.body.id}`);
    await inTime(gone, 'the session to end');
  });
});
