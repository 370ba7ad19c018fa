import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openOpcuaDesk } from '#gateways/opcua/desk.ts';
import { openOpcuaServers, type OpcuaServers } from '#gateways/opcua/servers.ts';
import { createAsker, startAnswering } from '#infra/bus-call.ts';
import { createBus } from '#infra/bus.ts';
import { systemClock } from '#infra/clock.ts';
import { silentLog } from '#infra/log.ts';
import { transaction, type Database } from '#infra/postgres.ts';
import { createSecretBox } from '#infra/secret-box.ts';
import type {
  OpcuaBrowseAnswer,
  OpcuaCertificatesAnswer,
  OpcuaDesk,
  OpcuaServerAnswer,
  OpcuaTestAnswer,
} from '#schemas/api/opcua.ts';
import { openGatewayStates } from '#services/ingest/gateway-states.ts';
import { answeringDesk, askedDesk } from '#services/opcua/desk-call.ts';
import { opcuaRoutes } from '#services/opcua/routes.ts';
import { startSavedServers } from '#services/opcua/saved.ts';
import { claimCommand, putMethods } from '#services/opcua/store.ts';
import { until } from '#test/kit/events.ts';
import { startOpcuaTestServer, testNamespace, type OpcuaTestServer } from '#test/kit/opcua-server.ts';
import { createTestDatabase } from '#test/kit/postgres.ts';
import { openRouteApi, type RouteApi } from '#test/kit/route-api.ts';
import { createHeldSink, type HeldSink } from '#test/kit/sink.ts';

const clock = systemClock();
const log = silentLog();
const cleanup = new AsyncDisposableStack();
let db: Database;
let api: RouteApi;
let servers: OpcuaServers;
let desk: OpcuaDesk;
let sink: HeldSink;
let field: OpcuaTestServer;

beforeAll(async () => {
  db = cleanup.use(await createTestDatabase()).pool;
  field = cleanup.use(
    await startOpcuaTestServer({
      variables: { level: 1.5, ...Object.fromEntries(names.map((name, index) => [name, index])) },
      security: 'SignAndEncrypt',
      user: { name: 'reader', password: 'right' },
    }),
  );
  const bus = createBus((error) => {
    throw error;
  });
  const box = createSecretBox(randomBytes(32));
  const saved = cleanup.use(await startSavedServers({ db, box, clock, log }));
  const dataDir = mkdtempSync(join(tmpdir(), 'parkwatch-opcua-'));
  sink = createHeldSink();
  servers = cleanup.use(
    await openOpcuaServers({
      file: undefined,
      saved,
      sink,
      clock,
      log,
      dataDir,
      onServers: (all) => transaction(db, (client) => putMethods(client, all)),
    }),
  );
  const claim = (id: string) => claimCommand(db, id);
  const onSpot = openOpcuaDesk({ servers, dataDir, clock, log, claim });
  const answer = answeringDesk(onSpot, (serverId) => servers.isElsewhere(serverId));
  cleanup.use(startAnswering({ bus, box, service: 'opcua', log, answer }));
  const states = await openGatewayStates({ db, clock, log, instance: 1 });
  cleanup.use(
    states.start(
      () => servers.gateways().map((gateway) => gateway.status()),
      () => undefined,
    ),
  );
  desk = askedDesk(createAsker({ bus, box, service: 'opcua', clock, deadlineMs: 12_000 }));
  api = cleanup.use(await openRouteApi((v1) => opcuaRoutes(v1, { db, box, desk })));
});
afterAll(() => cleanup.disposeAsync());

/** More than one answer holds. */
const names = Array.from({ length: 150 }, (_, index) => `v${String(index).padStart(3, '0')}`);

async function ask<T>(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, payload?: object) {
  const { status, body } = await api.ask('engineer', method, path, payload);
  return { status, body: body as T };
}

const settings = (more: object = {}) => ({
  id: 'plant',
  endpoint: field.endpoint,
  username: 'reader',
  ...more,
});
const body = (more: object = {}, secrets: object = { password: 'right' }) => ({
  settings: settings({ samplingIntervalMs: 50, publishingIntervalMs: 50, ...more }),
  secrets,
});
const level = { nodeId: `nsu=${testNamespace};s=level`, deviceId: 'tank-1', metric: 'level' };

async function audited(prefix: string): Promise<{ action: string; reason?: string; after?: object }[]> {
  const { rows } = await db.query<{ body: string }>(
    `select body from journal where journal = 'audit' and body like '%' || $1 || '%' order by id`,
    [prefix],
  );
  return rows.map((row) => JSON.parse(row.body) as { action: string });
}

async function shown(id = 'plant'): Promise<OpcuaServerAnswer> {
  return (await ask<OpcuaServerAnswer>('GET', `/opcua/servers/${id}`)).body;
}

describe('OPC UA servers through the API', () => {
  it('tells before anything is saved what a server offers, and that nobody trusts it yet', async () => {
    const { body: tested } = await ask<OpcuaTestAnswer>('POST', '/opcua/test', body());
    expect(tested).toMatchObject({ reached: true, loggedIn: false, certificate: { trusted: false } });
    expect(tested.trouble).toContain('not trusted');
    expect(tested.offers).toContainEqual(
      expect.objectContaining({ securityMode: 'SignAndEncrypt', securityPolicy: 'Basic256Sha256' }),
    );
    const nobody = body({ endpoint: 'opc.tcp://127.0.0.1:4' });
    const { body: away } = await ask<OpcuaTestAnswer>('POST', '/opcua/test', nobody);
    expect(away).toMatchObject({ reached: false, loggedIn: false, trouble: 'the server does not answer' });
  });

  it('trusts what the server has shown, with a reason that is audited', async () => {
    const { body: all } = await ask<OpcuaCertificatesAnswer>('GET', '/opcua/certificates');
    expect(all.own.pem).toContain('BEGIN CERTIFICATE');
    const [peer] = all.items;
    expect(peer).toMatchObject({ trusted: false });
    const path = `/opcua/certificates/${peer?.fingerprint}/trust`;
    expect((await ask('POST', path, { trusted: true })).status).toBe(422);
    const trust = { trusted: true, reason: '电话核对指纹' };
    expect(await ask('POST', path, trust)).toEqual({ status: 200, body: { ...peer, trusted: true } });
    expect((await api.ask('operator', 'POST', path, trust)).status).toBe(403);
    expect(await audited('opcua-certificate')).toMatchObject([
      { action: 'opcua-certificate.trust', reason: '电话核对指纹' },
    ]);
    const unknown = `/opcua/certificates/${'AB:'.repeat(31)}AB/trust`;
    expect((await ask('POST', unknown, trust)).status).toBe(404);
    const { body: tested } = await ask<OpcuaTestAnswer>('POST', '/opcua/test', body());
    expect(tested).toMatchObject({ loggedIn: true, trouble: null, certificate: { trusted: true } });
    expect(tested.namespaces).toContain(testNamespace);
  });

  it('keeps a server with its password sealed, and reads it without a restart', async () => {
    expect((await ask('POST', '/opcua/servers', body({}, {}))).status).toBe(422);
    const { status, body: made } = await ask<OpcuaServerAnswer>('POST', '/opcua/servers', body());
    expect([status, made.secretsSet, made.origin]).toEqual([201, ['password'], 'saved']);
    expect((await ask('POST', '/opcua/servers', body())).status).toBe(409);
    await until(() => servers.find('plant')?.line() != null, 'the connection');
    const mapped = await ask<OpcuaServerAnswer>('POST', '/opcua/servers/plant/nodes', { nodes: [level] });
    expect(mapped).toMatchObject({ status: 200, body: { nodeCount: 1 } });
    await until(() => sink.committed.some(({ deviceId }) => deviceId === 'tank-1'), 'a value');
    const told = await until(async () => {
      const server = await shown();
      return server.connected && server.figures?.nodes === 1 ? server : undefined;
    }, 'its status');
    expect(told.figures).toMatchObject({ serverId: 'plant', trouble: null, refusedNodes: 0 });
    const audit = JSON.stringify(await audited('opcua-'));
    expect(audit).toContain('opcua-server.create');
    expect(audit).toContain('opcua-node.map');
    expect(audit).not.toContain('right');
    const { rows } = await db.query('select definition::text, secret from opcua_server');
    expect(JSON.stringify(rows)).not.toContain('right');
  });

  it('changes a server and keeps the secrets that are not given', async () => {
    const change = body({ samplingIntervalMs: 100 }, {});
    const { status, body: changed } = await ask<OpcuaServerAnswer>('PUT', '/opcua/servers/plant', change);
    expect([status, changed.secretsSet, changed.settings?.samplingIntervalMs]).toEqual([
      200,
      ['password'],
      100,
    ]);
    await until(() => servers.find('plant')?.server.samplingIntervalMs === 100, 'the change');
    await until(() => servers.find('plant')?.line() != null, 'the connection');
    // What is kept is told to no other server.
    const elsewhere = body({ endpoint: 'opc.tcp://127.0.0.1:4' }, {});
    expect((await ask('POST', '/opcua/test', elsewhere)).status).toBe(422);
  });

  it.each([
    ['a key without its certificate', { username: undefined }, { userKey: 'x' }],
    ['something that is no certificate', { username: undefined }, { userKey: 'x', userCertificate: 'y' }],
    ['a password without a name', { username: undefined }, { password: 'x' }],
    ['an address with credentials', { endpoint: 'opc.tcp://a:b@c:4840' }, {}],
    ['an unknown field', { colour: 'red' }, {}],
    ['a method argument of another type', { methods: [methodOf({ dataType: 'Double', value: 'x' })] }, {}],
  ])('refuses %s', async (_, more, secrets) => {
    const { status } = await ask('POST', '/opcua/test', body({ id: 'other', ...more }, secrets));
    expect(status).toBe(422);
  });

  it('browses page by page, with values and what can be mapped', async () => {
    const browse = async (asked: object) =>
      (await ask<OpcuaBrowseAnswer>('POST', '/opcua/servers/plant/browse', asked)).body;
    const objects = await browse({});
    const plant = objects.items.find(({ name }) => name === 'Plant');
    expect(plant).toMatchObject({ nodeClass: 'object', isMappable: false });
    const first = await browse({ nodeId: plant?.nodeId });
    expect(first.items).toHaveLength(100);
    expect(first.items[0]).toEqual({
      nodeId: level.nodeId,
      name: 'level',
      isProperty: false,
      unit: null,
      nodeClass: 'variable',
      dataType: 'Double',
      value: '1.5',
      status: 'Good',
      isMappable: true,
    });
    const rest = await browse({ nodeId: plant?.nodeId, cursor: first.nextCursor ?? '' });
    expect([rest.items.length, rest.nextCursor]).toEqual([52, null]);
    const gone = { nodeId: plant?.nodeId, cursor: first.nextCursor ?? '' };
    expect((await ask('POST', '/opcua/servers/plant/browse', gone)).status).toBe(409);
    const nowhere = { nodeId: 'nsu=urn:nobody;i=1' };
    expect((await ask('POST', '/opcua/servers/plant/browse', nowhere)).status).toBe(404);
    expect((await ask('POST', '/opcua/servers/nobody/browse', {})).status).toBe(404);
  });

  it('lists nodes page by page, finds them, and takes them away', async () => {
    const nodes = names.map((name) => ({
      nodeId: `nsu=${testNamespace};s=${name}`,
      deviceId: 'tank-2',
      metric: name,
    }));
    const doubled = [...nodes, nodes[0]];
    expect((await ask('POST', '/opcua/servers/plant/nodes', { nodes: doubled })).status).toBe(422);
    await ask('POST', '/opcua/servers/plant/nodes', { nodes });
    type Page = { items: { metric: string }[]; nextCursor: string | null };
    const { body: page } = await ask<Page>('GET', '/opcua/servers/plant/nodes?limit=100');
    const more = `/opcua/servers/plant/nodes?limit=100&cursor=${page.nextCursor}`;
    const { body: last } = await ask<Page>('GET', more);
    expect([...page.items, ...last.items].map(({ metric }) => metric)).toEqual(['level', ...names]);
    const { body: found } = await ask<Page>('GET', '/opcua/servers/plant/nodes?search=TANK-1');
    expect(found.items.map(({ metric }) => metric)).toEqual(['level']);
    const points = names.map((metric) => ({ deviceId: 'tank-2', metric }));
    const removed = await ask<OpcuaServerAnswer>('POST', '/opcua/servers/plant/nodes/remove', { points });
    expect(removed.body.nodeCount).toBe(1);
    expect((await ask('POST', '/opcua/servers/plant/nodes/remove', { points })).status).toBe(404);
  });

  it('calls the method of a command once, and answers with its status and what it gives back', async () => {
    const method = (mode: number) => ({
      deviceId: 'tank-1',
      command: mode === 1 ? 'reset' : 'reset_hard',
      objectId: `nsu=${testNamespace};s=Plant`,
      methodId: `nsu=${testNamespace};s=Reset`,
      arguments: [{ dataType: 'UInt32', value: mode }],
    });
    await ask('PUT', '/opcua/servers/plant', body({ methods: [method(1), method(2)] }, {}));
    await until(() => servers.find('plant')?.server.methods.length === 2, 'the change');
    await until(() => servers.find('plant')?.line() != null, 'the connection');
    const { rows } = await db.query('select * from opcua_method order by command');
    expect(rows.map(Object.values)).toEqual([
      ['tank-1', 'reset', 'plant'],
      ['tank-1', 'reset_hard', 'plant'],
    ]);
    const send = async (command: string) => {
      const id = randomUUID();
      await db.query(
        `insert into field_command (id, device_id, command, reason, actor, sent_at, expires_at, state, server_id)
         values ($1::uuid, $1::text, $2, 'test', 'test', now(), now(), 'sent', 'plant')`,
        [id, command],
      );
      return { id, serverId: 'plant', deviceId: 'tank-1', command };
    };
    const once = await send('reset');
    expect(await desk.call(once)).toEqual({ ok: true, detail: 'Good: reset done' });
    await expect(desk.call(once)).rejects.toMatchObject({ code: 'conflict' });
    expect(await desk.call(await send('reset_hard'))).toEqual({ ok: false, detail: 'BadInvalidState' });
    expect(field.resets).toEqual([1, 2]);
    expect(await desk.call(await send('other'))).toMatchObject({ ok: false });
  });

  it('ends a server that is deleted', async () => {
    expect((await ask('DELETE', '/opcua/servers/plant')).status).toBe(204);
    await until(() => servers.find('plant') === undefined, 'the gateway to stop');
    expect((await ask('DELETE', '/opcua/servers/plant')).status).toBe(404);
    const { body: left } = await ask<{ items: object[] }>('GET', '/opcua/servers');
    expect(left.items).toEqual([]);
  });
});

function methodOf(argument: object) {
  const name = `nsu=${testNamespace};s=x`;
  return { deviceId: 'tank-1', command: 'empty', objectId: name, methodId: name, arguments: [argument] };
}
