import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createBus } from '#infra/bus.ts';
import { systemClock } from '#infra/clock.ts';
import { readConfig } from '#infra/config.ts';
import { createLifecycle } from '#infra/lifecycle.ts';
import { startAnswering } from '#infra/bus-call.ts';
import { openSecretBox } from '#infra/secret-box.ts';
import { silentLog } from '#infra/log.ts';
import { createMetrics } from '#infra/metrics.ts';
import { ParkError } from '#schemas/errors.ts';
import { roles, tokenScopes, type Role, type TokenScope } from '#schemas/roles.ts';
import type { ApiServer, RouteAccess } from '#services/api/server.ts';
import { createUser } from '#services/people/accounts.ts';
import { login } from '#services/people/login.ts';
import { insertToken } from '#services/people/token-store.ts';
import { newToken } from '#services/people/tokens.ts';
import { startPointDirectory } from '#services/registry/directory.ts';
import { loadSigner } from '#services/sealing/signing.ts';
import { opcuaService } from '#services/opcua/desk-call.ts';
import { startPeopleSide } from '#services/serve/people-side.ts';
import { startCredentialBook } from '#services/credentials/book.ts';
import { addPerson } from '#test/kit/api.ts';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';

/**
 * Whom every route of the composed program serves. A route that is added without a line here fails the test.
 *
 * First word: `public`, `metrics`, `broker` (by its secret only), `self` (anyone logged in) or one of the groups below. `session`: API tokens are
 * refused. `pending`: also open to who has yet to replace a one-time password.
 */
const expected: Readonly<Record<string, string>> = {
  'GET /healthz': 'public',
  'GET /readyz': 'public',
  'GET /metrics': 'metrics',
  'GET /openapi.json': 'public',

  'POST /api/v1/auth/login': 'public',
  'GET /api/v1/invitations': 'admins',
  'POST /api/v1/invitations': 'admins session',
  'POST /api/v1/invitations/accept': 'public',
  'DELETE /api/v1/invitations/:id': 'admins session',
  'POST /api/v1/auth/logout': 'self session pending',
  'GET /api/v1/auth/me': 'self pending',
  'GET /api/v1/users': 'admins',
  'POST /api/v1/users': 'admins session',
  'PATCH /api/v1/users/:id': 'admins session',
  'POST /api/v1/users/:id/password': 'self session pending',
  'GET /api/v1/sessions': 'self',
  'DELETE /api/v1/sessions/:id': 'self session',
  'GET /api/v1/tokens': 'self',
  'POST /api/v1/tokens': 'self session',
  'DELETE /api/v1/tokens/:id': 'self session',
  'GET /api/v1/audit': 'admins',

  'GET /api/v1/overview': 'everyone',
  'GET /api/v1/spaces': 'everyone',
  'POST /api/v1/spaces': 'engineers',
  'PATCH /api/v1/spaces/:id': 'engineers',
  'DELETE /api/v1/spaces/:id': 'engineers',
  'GET /api/v1/device-classes': 'everyone',
  'GET /api/v1/devices': 'everyone',
  'POST /api/v1/devices': 'engineers',
  'GET /api/v1/devices/:id': 'everyone',
  'PATCH /api/v1/devices/:id': 'engineers',
  'DELETE /api/v1/devices/:id': 'engineers',
  'GET /api/v1/points': 'everyone',
  'GET /api/v1/points/:key': 'everyone',
  'GET /api/v1/points/:key/samples': 'everyone',
  'GET /api/v1/devices/:id/commands': 'handlers',
  'POST /api/v1/devices/:id/commands': 'handlers',
  'POST /api/v1/imports': 'engineers',
  'GET /api/v1/exports/registry': 'everyone',

  'GET /api/v1/registers': 'everyone',
  'GET /api/v1/registers/:kind': 'everyone',
  'POST /api/v1/registers/:kind': 'engineers',
  'GET /api/v1/registers/:kind/:code': 'everyone',
  'PATCH /api/v1/registers/:kind/:code': 'engineers',
  'GET /api/v1/registers/:kind/:code/history': 'everyone',
  'POST /api/v1/registers/:kind/:code/withdraw': 'engineers',
  'POST /api/v1/registers/:kind/:code/review': 'engineers',
  'GET /api/v1/exports/registers/:kind': 'everyone',
  'POST /api/v1/imports/registers/:kind': 'engineers',
  'POST /api/v1/attachments': 'engineers',
  'GET /api/v1/attachments/usage': 'everyone',
  'GET /api/v1/attachments/:sha256': 'assessors',
  'GET /api/v1/claims': 'everyone',
  'GET /api/v1/claims/form': 'everyone',
  'POST /api/v1/claims': 'engineers',
  'POST /api/v1/claims/:id/approve': 'engineers session',
  'POST /api/v1/claims/:id/refuse': 'engineers session',
  'POST /api/v1/claims/:id/withdraw': 'engineers',

  'GET /api/v1/latest': 'everyone',
  'GET /api/v1/readings': 'everyone',
  'GET /api/v1/readings/export': 'everyone',
  'GET /api/v1/timeline': 'everyone',
  'GET /api/v1/class-boards/:class': 'everyone',
  'GET /api/v1/class-boards/:class/trend': 'everyone',
  'GET /api/v1/class-boards/:class/calendar': 'everyone',
  'GET /api/v1/class-boards/:class/feed': 'everyone',
  'GET /api/v1/consumption': 'everyone',
  'GET /api/v1/consumption/tree': 'everyone',
  'GET /api/v1/consumption/reviews': 'everyone',
  'GET /api/v1/consumption/changes': 'everyone',
  'POST /api/v1/consumption/reviews/:id': 'engineers',
  'GET /api/v1/devices/:id/replacements': 'everyone',
  'POST /api/v1/devices/:id/replacements': 'engineers',
  'POST /api/v1/devices/:id/replacements/:replacementId/withdraw': 'engineers',
  'GET /api/v1/events': 'everyone',
  'GET /api/v1/sources': 'everyone',
  'GET /api/v1/raw-retention': 'everyone',
  'PUT /api/v1/raw-retention/:class': 'admins',
  'GET /api/v1/rejections': 'everyone',
  'GET /api/v1/late-book': 'everyone',
  'GET /api/v1/discoveries': 'everyone',
  'POST /api/v1/discoveries/:deviceId/adopt': 'engineers',
  'POST /api/v1/discoveries/adopt': 'engineers',
  'GET /api/v1/devices/:id/field-trace': 'engineers',
  'POST /api/v1/discoveries/:deviceId/metrics/:metric/adopt': 'engineers',
  'POST /api/v1/discoveries/:deviceId/metrics/:metric/ignore': 'engineers',

  'GET /api/v1/field-credentials': 'engineers',
  'POST /api/v1/field-credentials': 'engineers',
  'POST /api/v1/field-credentials/certificates': 'engineers',
  'POST /api/v1/field-credentials/:id/rotate': 'engineers',
  'DELETE /api/v1/field-credentials/:id': 'engineers',
  'GET /api/v1/devices/:id/field-access': 'engineers',
  'PATCH /api/v1/devices/:id/field-access': 'engineers',
  'GET /api/v1/field-policy': 'engineers',
  'PATCH /api/v1/field-policy': 'admins',
  'POST /api/v1/broker/login': 'broker',
  'POST /api/v1/broker/permission': 'broker',

  'GET /api/v1/opcua/servers': 'engineers',
  'POST /api/v1/opcua/servers': 'engineers',
  'GET /api/v1/opcua/servers/:id': 'engineers',
  'PUT /api/v1/opcua/servers/:id': 'engineers',
  'DELETE /api/v1/opcua/servers/:id': 'engineers',
  'GET /api/v1/opcua/servers/:id/nodes': 'engineers',
  'POST /api/v1/opcua/servers/:id/nodes': 'engineers',
  'POST /api/v1/opcua/servers/:id/nodes/remove': 'engineers',
  'POST /api/v1/opcua/servers/:id/browse': 'engineers',
  'POST /api/v1/opcua/test': 'engineers',
  'GET /api/v1/opcua/certificates': 'engineers',
  'POST /api/v1/opcua/certificates/:fingerprint/trust': 'engineers session',

  'POST /api/v1/mappings/try': 'engineers',
  'GET /api/v1/mappings/ready-made': 'engineers',
  'GET /api/v1/mappings': 'engineers',
  'GET /api/v1/identity-policy': 'engineers',
  'PATCH /api/v1/identity-policy': 'admins',
  'POST /api/v1/identity-policy/pseudonym': 'admins',
  'GET /api/v1/cctv/cameras': 'everyone',
  'GET /api/v1/cctv/groups': 'engineers',
  'PUT /api/v1/cctv/groups/:id': 'engineers',
  'POST /api/v1/cctv/groups/:id/test': 'engineers',
  'DELETE /api/v1/cctv/groups/:id': 'engineers',
  'GET /api/v1/mappings/received': 'engineers',
  'GET /api/v1/mappings/versions/:version': 'engineers',
  'POST /api/v1/mappings': 'engineers',

  'GET /api/v1/alarms': 'everyone',
  'GET /api/v1/alarms/:id': 'everyone',
  'GET /api/v1/alarms/:id/context': 'everyone',
  'POST /api/v1/alarm-mutes': 'handlers',
  'GET /api/v1/alarm-handlers': 'handlers',
  'GET /api/v1/handovers': 'everyone',
  'GET /api/v1/handovers/state': 'everyone',
  'POST /api/v1/handovers': 'handlers session',
  'POST /api/v1/handovers/:id/accept': 'handlers session',
  'GET /api/v1/alarms/bulk': 'handlers',
  'POST /api/v1/alarms/bulk': 'handlers',
  'POST /api/v1/alarms/:id/confirm': 'handlers',
  'GET /api/v1/alarm-figures': 'everyone',
  'GET /api/v1/alarm-floods': 'everyone',
  'GET /api/v1/operator-positions': 'everyone',
  'PUT /api/v1/operator-positions': 'engineers',
  'GET /api/v1/maintenance-windows': 'everyone',
  'POST /api/v1/maintenance-windows': 'engineers',
  'POST /api/v1/maintenance-windows/:id/end': 'engineers',
  'POST /api/v1/alarms/:id/acknowledge': 'handlers',
  'POST /api/v1/alarms/:id/comment': 'handlers',
  'POST /api/v1/alarms/:id/assign': 'handlers',
  'POST /api/v1/alarms/:id/shelve': 'handlers',
  'POST /api/v1/alarms/:id/unshelve': 'handlers',
  'POST /api/v1/alarms/:id/out-of-service': 'engineers',
  'POST /api/v1/alarms/:id/return-to-service': 'engineers',
  'GET /api/v1/alarm-rules': 'everyone',
  'GET /api/v1/alarm-rules/export': 'everyone',
  'GET /api/v1/alarm-rules/not-raised': 'everyone',
  'GET /api/v1/alarm-rules/:id/versions': 'everyone',
  'GET /api/v1/alarm-rules/:id/overrides': 'everyone',
  'GET /api/v1/alarm-rules/:id/overrides/:deviceId/versions': 'everyone',
  'PUT /api/v1/alarm-rules/:id/overrides/:deviceId': 'engineers',
  'POST /api/v1/alarm-rules/imports': 'engineers',
  'POST /api/v1/alarm-rules/:id/reset': 'engineers',
  'GET /api/v1/devices/:id/alarm-rules': 'everyone',
  'GET /api/v1/calendar-days': 'everyone',
  'PUT /api/v1/calendar-days': 'engineers',
  'POST /api/v1/alarm-rules': 'engineers',
  'PATCH /api/v1/alarm-rules/:id': 'engineers',
  'POST /api/v1/alarm-rules/dry-run': 'engineers',

  'GET /api/v1/notify/channels': 'handlers',
  'POST /api/v1/notify/channels': 'admins',
  'PUT /api/v1/notify/channels/:id': 'admins',
  'DELETE /api/v1/notify/channels/:id': 'admins',
  'POST /api/v1/notify/channels/:id/test': 'engineers session',
  'GET /api/v1/notify/teams': 'handlers',
  'POST /api/v1/notify/teams': 'engineers',
  'PUT /api/v1/notify/teams/:id': 'engineers',
  'DELETE /api/v1/notify/teams/:id': 'engineers',
  'GET /api/v1/notify/rosters': 'handlers',
  'POST /api/v1/notify/rosters': 'engineers',
  'PUT /api/v1/notify/rosters/:id': 'engineers',
  'DELETE /api/v1/notify/rosters/:id': 'engineers',
  'GET /api/v1/notify/rosters/:id/on-call': 'handlers',
  'GET /api/v1/notify/on-call': 'handlers',
  'GET /api/v1/notify/push-key': 'self',
  'GET /api/v1/notify/me/browsers': 'self',
  'POST /api/v1/notify/me/browsers': 'self session',
  'DELETE /api/v1/notify/me/browsers/:id': 'self session',
  'GET /api/v1/notify/reports': 'handlers',
  'POST /api/v1/notify/reports': 'engineers',
  'PUT /api/v1/notify/reports/:id': 'engineers',
  'DELETE /api/v1/notify/reports/:id': 'engineers',
  'POST /api/v1/notify/reports/:id/test': 'engineers session',
  'GET /api/v1/notify/routes': 'handlers',
  'POST /api/v1/notify/routes': 'engineers',
  'PUT /api/v1/notify/routes/:id': 'engineers',
  'DELETE /api/v1/notify/routes/:id': 'engineers',
  'GET /api/v1/notify/preview': 'handlers',
  'GET /api/v1/notify/deliveries': 'handlers',
  'GET /api/v1/notify/deliveries/:id': 'handlers',
  'POST /api/v1/notify/deliveries/:id/retry': 'engineers',
  'GET /api/v1/notify/me': 'self',
  'PUT /api/v1/notify/me': 'self session',
  'GET /api/v1/notify/inbox': 'self',
  'POST /api/v1/notify/inbox/seen': 'self session',
  'GET /api/v1/notify/people': 'handlers',
  'GET /api/v1/notify/people/:username': 'admins',
  'PUT /api/v1/notify/people/:username': 'admins session',
  'GET /api/v1/ack/:token': 'public',
  'POST /api/v1/ack/:token': 'public',

  'GET /api/v1/rubrics': 'everyone',
  'GET /api/v1/assessments/:rubricId': 'everyone',
  'GET /api/v1/assessments/:rubricId/trend': 'everyone',
  'GET /api/v1/assessments/:rubricId/difference': 'everyone',
  'GET /api/v1/assessments/:rubricId/items/:item': 'everyone',
  'GET /api/v1/assessments/:rubricId/support': 'everyone',
  'GET /api/v1/assessments/:rubricId/items/:item/decisions': 'everyone',
  'POST /api/v1/assessments/:rubricId/items/:item/decisions': 'deciders session',
  'GET /api/v1/assessments/:rubricId/sign-offs': 'everyone',
  'GET /api/v1/assessments/:rubricId/items/:item/members/:member': 'everyone',
  'GET /api/v1/assessments/:rubricId/gaps': 'everyone',
  'POST /api/v1/assessments/:rubricId/what-if': 'everyone',
  'GET /api/v1/questions': 'everyone',
  'GET /api/v1/questions/counts': 'everyone',
  'POST /api/v1/questions': 'deciders',
  'POST /api/v1/questions/:id/entries': 'assessors',
  'POST /api/v1/assessments/:rubricId/sign-offs': 'deciders session',
  'POST /api/v1/assessments/:rubricId': 'engineers',
  'GET /api/v1/evidence': 'everyone',
  'GET /api/v1/evidence/:id': 'everyone',
  'GET /api/v1/evidence/:id/inputs/:sha256': 'everyone',
  'GET /api/v1/evidence/pack': 'assessors',
  'GET /api/v1/evidence/heads': 'public',
  'GET /api/v1/exclusions': 'everyone',
  'POST /api/v1/exclusions': 'engineers',
  'DELETE /api/v1/exclusions/:id': 'engineers',
  'GET /api/v1/board': 'public',
};

/** Written out here and not imported, so that a change of who belongs to a group is seen too. */
const groups: Readonly<Record<string, readonly Role[]>> = {
  everyone: ['viewer', 'operator', 'engineer', 'assessor', 'admin'],
  handlers: ['operator', 'engineer', 'admin'],
  engineers: ['engineer', 'admin'],
  assessors: ['assessor', 'engineer', 'admin'],
  deciders: ['assessor', 'admin'],
  admins: ['admin'],
};

/** Of libraries; the console's is there only when it has been built. */
const fileRoutes = new Set(['/*', '/docs', '/docs/', '/docs/js/scalar.js']);

interface Caller {
  readonly name: string;
  readonly role: Role | null;
  readonly scope: TokenScope | null;
  readonly pending: boolean;
  readonly userId: string;
  readonly headers: Readonly<Record<string, string>>;
}

const clock = systemClock();
const lifecycle = createLifecycle(silentLog());
let database: TestDatabase;
let folder: string;
let api: ApiServer;
const callers: Caller[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'parkwatch-roles-'));
  const log = silentLog();
  const bus = createBus((error) => {
    throw error;
  });
  const db = database.pool;
  const directory = await lifecycle.start('registry', () => startPointDirectory({ db, bus, clock, log }));
  const config = readConfig({ HTTP_PORT: '0', DATA_DIR: folder });
  const credentials = await lifecycle.start('credentials', () =>
    startCredentialBook({ db, directory, config: config.mqtt, parkId: config.parkId, clock, log }),
  );
  const field = {
    broker: undefined,
    credentials,
    traffic: undefined,
    mappings: undefined,
    writer: undefined,
    discoveries: undefined,
    gateways: () => [],
    cctv: undefined,
    addOpcuaServer: () => Promise.resolve(),
  };
  const park = { url: database.url, db, dialect: 'plain' as const, applied: [] };
  const metrics = createMetrics({ process: false });
  const signer = await loadSigner(join(folder, 'signing-key.pem'));
  // Nobody waits for gateways that are not there.
  const box = await openSecretBox(join(folder, 'secret-key'));
  startAnswering({
    bus,
    box,
    service: opcuaService,
    log,
    answer: () => Promise.reject(new ParkError('unavailable', 'no gateways')),
  });
  const context = { config, clock, log, lifecycle, metrics, bus, database: park, directory };
  ({ api } = await startPeopleSide(context, { field, signer }));
  await makeCallers(database);
});
afterAll(async () => {
  await lifecycle[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

async function makeCallers({ pool: db }: TestDatabase): Promise<void> {
  callers.push({ name: 'nobody', role: null, scope: null, pending: false, userId: 'x', headers: {} });
  for (const role of roles) {
    const { id, headers } = await addPerson({ db, clock }, role);
    callers.push({ name: role, role, scope: null, pending: false, userId: id, headers });
  }
  const owner = await addPerson({ db, clock }, 'admin', 'owner');
  const now = new Date(clock.nowMs());
  const expiresAt = new Date(clock.nowMs() + 3_600_000);
  for (const scope of tokenScopes) {
    const { text, hash } = newToken('api');
    await insertToken(db, { userId: owner.id, name: scope, hash, scopes: [scope], now, expiresAt });
    const headers = { authorization: `Bearer ${text}` };
    callers.push({ name: `token ${scope}`, role: 'admin', scope, pending: false, userId: owner.id, headers });
  }
  const fresh = { username: 'fresh', displayName: 'Fresh', role: 'admin' as const, expiresAt: null };
  const { user, oneTimePassword } = await createUser({ db, clock, actor: 'test' }, fresh);
  const attempt = { username: 'fresh', password: oneTimePassword, address: '::1', userAgent: 'test' };
  const headers = { authorization: `Bearer ${(await login({ db, clock }, attempt)).token}` };
  callers.push({ name: 'one-time', role: 'admin', scope: null, pending: true, userId: user.id, headers });
}

/** The status and code that a caller is refused with; null when the route serves the caller. */
function refusal(method: string, rule: string, caller: Caller): [number, string] | null {
  const [whom = '', ...flags] = rule.split(' ');
  if (whom === 'public') return null;
  if (whom === 'metrics') {
    if (caller.scope === 'metrics') return null;
    return caller.role === null ? [401, 'not-authenticated'] : [403, 'forbidden'];
  }
  if (whom === 'broker') return [401, 'not-authenticated'];
  if (caller.role === null) return [401, 'not-authenticated'];
  const needed = method === 'GET' || method === 'HEAD' ? 'read' : 'write';
  if (caller.scope !== null && (flags.includes('session') || caller.scope !== needed))
    return [403, 'forbidden'];
  if (caller.pending && !flags.includes('pending')) return [403, 'password-change-required'];
  if (whom === 'self' || groups[whom]?.includes(caller.role)) return null;
  return [403, 'forbidden'];
}

/** An address of the route; ids are of nobody and nothing, except one's own. */
function addressOf(route: RouteAccess, caller: Caller): string {
  const nothing = '01234567-89ab-4def-8123-456789abcdef';
  return route.url.replace('/users/:id', `/users/${caller.userId}`).replaceAll(/:[A-Za-z]+/g, () => nothing);
}

const isFile = (route: RouteAccess) => fileRoutes.has(route.url);
const nameOf = (route: RouteAccess) => `${route.method} ${route.url}`;

test('every route is in the table, and every line of the table is a route', () => {
  const named = api.routes.filter((route) => !isFile(route) && route.method !== 'HEAD').map(nameOf);
  expect(named.toSorted()).toEqual(Object.keys(expected).toSorted());
  expect(api.routes.filter(isFile).every((route) => route.access === 'public')).toBe(true);
});

test('a HEAD route serves whom its GET route serves', () => {
  const byName = new Map(api.routes.map((route) => [nameOf(route), route]));
  for (const { url, access } of api.routes.filter((route) => route.method === 'HEAD')) {
    expect(access, url).toEqual(byName.get(`GET ${url}`)?.access);
  }
});

test('every route serves exactly those of the table: nobody, every role, every token scope, a one-time password', async () => {
  const wrong: string[] = [];
  // Logging out ends the session that the other requests are made with.
  const ordered = api.routes
    .filter((route) => !isFile(route) && route.method !== 'HEAD')
    .toSorted((a, b) => Number(a.url.endsWith('/logout')) - Number(b.url.endsWith('/logout')));
  for (const caller of callers) {
    for (const route of ordered) {
      const answer = await api.root.inject({
        method: route.method as 'GET',
        url: addressOf(route, caller),
        headers: caller.headers,
        remoteAddress: '10.0.0.1',
        ...(route.method === 'POST' || route.method === 'PATCH' || route.method === 'PUT'
          ? { payload: {} }
          : {}),
      });
      const { statusCode } = answer;
      const isProblem = statusCode >= 400 && String(answer.headers['content-type']).includes('json');
      const code = isProblem ? answer.json<{ code: string }>().code : 'ok';
      const refused = refusal(route.method, expected[nameOf(route)] ?? 'admins', caller);
      const isRight =
        refused === null
          ? statusCode !== 403 && (statusCode !== 401 || code === 'bad-credentials') && statusCode !== 500
          : refused[0] === statusCode && refused[1] === code;
      if (!isRight) {
        wrong.push(
          `${nameOf(route)} as ${caller.name}: ${statusCode} ${code}, expected ${refused?.join(' ') ?? 'served'}`,
        );
      }
    }
  }
  expect(wrong).toEqual([]);
});

/** Reads that know no `asOf`, and why; an address that ends in `*` stands for all that begin so. */
const present = 'tells of the present: connections, queues or what waits for a person now';
const dated = 'its rows carry their own times, and the range that is asked for selects them';
const sealed = 'evidence is what was known then, sealed; it has a period and never changes';
const accounts = 'accounts have no valid time: who might do what, and when that changed, is in the audit';
const fixed = 'comes with the program and does not change while it runs';
const withoutAsOf: Readonly<Record<string, string>> = {
  '/auth/me': accounts,
  '/users': accounts,
  '/sessions': accounts,
  '/tokens': accounts,
  '/audit': dated,
  '/devices/{id}/commands': dated,
  '/overview': present,
  '/latest': present,
  '/readings': dated,
  '/readings/export': dated,
  '/timeline': dated,
  '/points/{key}':
    'is one point with its device as it stands, or stood last; earlier devices are asked for by asOf',
  '/points/{key}/samples': dated,
  '/class-boards/*': present,
  '/consumption': dated,
  '/consumption/tree': dated,
  '/consumption/changes': dated,
  '/consumption/reviews': present,
  '/devices/{id}/replacements': dated,
  '/events': dated,
  '/sources': present,
  '/rejections': dated,
  '/late-book': dated,
  '/devices/{id}/field-access': present,
  '/field-credentials': accounts,
  '/field-policy': present,
  '/discoveries': present,
  '/identity-policy': present,
  '/cctv/cameras': present,
  '/cctv/groups': present,
  '/opcua/*': present,
  '/mappings/ready-made': fixed,
  '/mappings': present,
  '/mappings/received': present,
  '/mappings/versions/{version}': 'is one version as it was saved, and never changes',
  '/alarms': dated,
  '/alarms/{id}': dated,
  '/alarms/{id}/context': dated,
  '/alarms/bulk': present,
  '/alarm-figures': dated,
  '/alarm-floods': dated,
  '/operator-positions': present,
  '/maintenance-windows': dated,
  '/handovers': dated,
  '/handovers/state': present,
  '/alarm-handlers': accounts,
  '/devices/{id}/field-trace': present,
  '/raw-retention': present,
  '/alarm-rules/export': 'is the rules as a file that can be brought in again: the present ones',
  '/alarm-rules/not-raised': dated,
  '/alarm-rules/{id}/versions': 'is every version there was, with the time each was in force',
  '/alarm-rules/{id}/overrides/{deviceId}/versions':
    'is every version there was, with the time each was in force',
  '/alarm-rules/{id}/overrides': present,
  '/devices/{id}/alarm-rules': present,
  '/calendar-days': dated,
  '/rubrics': fixed,
  '/evidence': sealed,
  '/assessments/{rubricId}/trend': sealed,
  '/assessments/{rubricId}/difference': sealed,
  '/assessments/{rubricId}/support': sealed,
  '/assessments/{rubricId}/items/{item}/decisions': sealed,
  '/assessments/{rubricId}/sign-offs': sealed,
  '/assessments/{rubricId}/gaps': dated,
  '/questions': dated,
  '/invitations': accounts,
  '/questions/counts': present,
  '/evidence/{id}': sealed,
  '/evidence/{id}/inputs/{sha256}': sealed,
  '/evidence/pack': sealed,
  '/evidence/heads': sealed,
  '/board': present,
  '/ack/*': present,
  '/attachments/{sha256}': 'is the same for ever',
  '/attachments/usage': present,
  '/claims': dated,
  '/claims/form': fixed,
  '/registers/{kind}/{code}/history': 'is every row there was, with the time each stood',
  '/exports/registers/{kind}': 'is a register as a file that can be brought in again: all that is known',
  '/exports/registry': 'is the registry as a file that can be brought in again: the present one',
  '/notify/*':
    'who is told of what from now on; what was sent is in the deliveries, what was changed in the audit',
};

test('every read honours asOf, or it is written here why not', async () => {
  const { paths } = (await api.root.inject('/openapi.json')).json<{
    paths: Record<string, { get?: { parameters?: { name: string; in: string }[] } }>;
  }>();
  const reads = Object.entries(paths).flatMap(([path, { get }]) =>
    get === undefined || !path.startsWith('/api/v1/') ? [] : [{ path: path.slice('/api/v1'.length), get }],
  );
  const honours = ({ get }: (typeof reads)[number]) =>
    (get.parameters ?? []).some((parameter) => parameter.in === 'query' && parameter.name === 'asOf');
  expect(reads.filter(honours).map(({ path }) => path)).toEqual(
    expect.arrayContaining([
      '/spaces',
      '/devices',
      '/devices/{id}',
      '/device-classes',
      '/points',
      '/alarm-rules',
    ]),
  );
  const isExplained = (path: string) =>
    Object.keys(withoutAsOf).some((known) =>
      known.endsWith('*') ? path.startsWith(known.slice(0, -1)) : path === known,
    );
  const unexplained = reads
    .filter((read) => !honours(read))
    .map(({ path }) => path)
    .filter((path) => !isExplained(path));
  expect(unexplained, 'take asOf where rows have valid time, or say here why not').toEqual([]);
});
