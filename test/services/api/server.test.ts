import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { ConfigError, type HttpConfig } from '#infra/config.ts';
import { silentLog } from '#infra/log.ts';
import { createMetrics } from '#infra/metrics.ts';
import { problemSchema } from '#schemas/api/common.ts';
import { limits } from '#schemas/limits.ts';
import type { Authenticated } from '#services/api/plugin.ts';
import { createApi, type ApiDeps, type ApiServer } from '#services/api/server.ts';

const loopback: HttpConfig = { host: '127.0.0.1', port: 0, tls: undefined, publicUrl: undefined };
const viewer: Authenticated = {
  principal: { userId: 'u', actor: 'vera', role: 'viewer', scopes: null, sessionId: 's' },
  mustChangePassword: false,
};
const opened: AsyncDisposable[] = [];

afterEach(async () => {
  for (const part of opened.splice(0)) await part[Symbol.asyncDispose]();
});

async function open(more: Partial<ApiDeps> = {}, register = sampleRoutes): Promise<ApiServer> {
  const server = await createApi({
    http: loopback,
    log: silentLog(),
    authenticator: { authenticate: async (token) => (token === 'good' ? viewer : null) },
    readiness: () => ({ database: 'ok', broker: 'ok', dialect: 'plain' }),
    metrics: createMetrics({ process: true }),
    consoleDir: null,
    version: '1.2.3',
    ...more,
  });
  opened.push(server);
  await server.register(register);
  await server.root.ready();
  return server;
}

const sampleRoutes: Parameters<ApiServer['register']>[0] = (api) => {
  const body = z.strictObject({ name: z.string().min(1), size: z.number() });
  api.post('/things', { config: { access: ['viewer'] }, schema: { body } }, (request) => request.body);
  api.get('/bug', { config: { access: ['viewer'] } }, () => {
    throw new Error('the password is hunter2');
  });
  api.get('/away', { config: { access: ['viewer'] } }, () => {
    throw Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
  });
  api.get(
    '/leak',
    { config: { access: 'public' }, schema: { response: { 200: z.object({ id: z.number() }) } } },
    () => ({
      id: 1,
      secret: 'x',
    }),
  );
};

const bearer = { authorization: 'Bearer good' };

test('createApi() refuses a route that does not say whom it serves', async () => {
  await expect(open({}, (api) => void api.get('/forgotten', () => 1))).rejects.toThrow(
    /does not say whom it serves/,
  );
});

test('createApi() answers 422 with a pointer for every wrong and every unknown field at once', async () => {
  const { root } = await open();
  const answer = await root.inject({
    method: 'POST',
    url: '/api/v1/things',
    headers: bearer,
    payload: { name: '', size: 'x', colour: 'red' },
  });
  expect(answer.statusCode).toBe(422);
  expect(answer.headers['content-type']).toMatch('application/problem+json');
  const problem = problemSchema.parse(answer.json());
  expect(problem.code).toBe('invalid-request');
  expect(problem.errors?.map((error) => error.path).toSorted()).toEqual(['/colour', '/name', '/size']);
});

test('createApi() answers problem+json for malformed JSON, a foreign content type, a large body and an unknown route', async () => {
  const { root } = await open();
  const post = (payload: string, type: string) =>
    root.inject({
      method: 'POST',
      url: '/api/v1/things',
      headers: { ...bearer, 'content-type': type },
      payload,
    });
  const codes = [
    await post('{"name":', 'application/json'),
    await post('', 'application/json'),
    await post('<a/>', 'application/xml'),
    await post(`"${'x'.repeat(1_100_000)}"`, 'application/json'),
    await root.inject({ url: '/api/v1/nothing-here' }),
    await root.inject({ method: 'DELETE', url: '/nothing-here' }),
  ].map((answer) => [answer.statusCode, problemSchema.parse(answer.json()).code]);
  expect(codes).toEqual([
    [422, 'invalid-request'],
    [422, 'invalid-request'],
    [415, 'unsupported-media-type'],
    [413, 'too-large'],
    [404, 'not-found'],
    [404, 'not-found'],
  ]);
});

test('createApi() tells nothing of a bug, and says when the store is away', async () => {
  const { root } = await open();
  const bug = await root.inject({ url: '/api/v1/bug', headers: bearer });
  expect([bug.statusCode, bug.json<{ code: string }>().code]).toEqual([500, 'internal']);
  expect(bug.body).not.toMatch(/hunter2|stack|\.ts/);
  const away = await root.inject({ url: '/api/v1/away', headers: bearer });
  expect([away.statusCode, away.json<{ code: string }>().code]).toEqual([503, 'unavailable']);
});

test('createApi() names a problem in the language that is asked for first', async () => {
  const { root } = await open();
  const title = async (language: string) => {
    const answer = await root.inject({ url: '/api/v1/bug', headers: { 'accept-language': language } });
    return answer.json<{ title: string }>().title;
  };
  expect(await title('zh-CN,zh;q=0.9,en;q=0.8')).toBe('请先登录');
  expect(await title('en-GB,zh;q=0.5')).toBe('Log in first');
});

test('createApi() keeps to the declared answer: fields that are not in it do not leave', async () => {
  const { root } = await open();
  expect((await root.inject({ url: '/api/v1/leak' })).json()).toEqual({ id: 1 });
});

test('createApi() serves a cookie only from its own pages when something is changed', async () => {
  const { root } = await open();
  const post = async (headers: Record<string, string>) => {
    const answer = await root.inject({
      method: 'POST',
      url: '/api/v1/things',
      headers: { host: 'park.example', cookie: 'parkwatch_session=good', ...headers },
      payload: { name: 'a', size: 1 },
    });
    return answer.statusCode;
  };
  expect(await post({})).toBe(403);
  expect(await post({ origin: 'https://evil.example' })).toBe(403);
  expect(await post({ origin: 'null' })).toBe(403);
  expect(await post({ 'sec-fetch-site': 'cross-site', origin: 'http://park.example' })).toBe(403);
  expect(await post({ 'sec-fetch-site': 'same-site' })).toBe(403);
  expect(await post({ origin: 'http://park.example' })).toBe(200);
  expect(await post({ 'sec-fetch-site': 'same-origin' })).toBe(200);
});

test('createApi() gives /metrics to this machine or a metrics token, never through a proxy', async () => {
  const token: Authenticated = {
    principal: { userId: 'u', actor: 'token:prom', role: 'viewer', scopes: ['metrics'], sessionId: null },
    mustChangePassword: false,
  };
  const { root } = await open({
    authenticator: { authenticate: async (text) => ({ prom: token, good: viewer })[text] ?? null },
  });
  const status = async (headers: Record<string, string>, remoteAddress: string) =>
    (await root.inject({ url: '/metrics', headers, remoteAddress })).statusCode;
  expect(await status({}, '127.0.0.1')).toBe(200);
  expect(await status({}, '10.0.0.9')).toBe(401);
  expect(await status({ 'x-forwarded-for': '127.0.0.1' }, '127.0.0.1')).toBe(401);
  expect(await status({ 'x-forwarded-proto': 'https' }, '127.0.0.1')).toBe(401);
  // A proxy that says nothing, or a page whose name was made to point here.
  expect(await status({ host: 'park.example' }, '127.0.0.1')).toBe(401);
  for (const host of ['127.0.0.1:8080', 'localhost', '[::1]:8080']) {
    expect(await status({ host }, '127.0.0.1')).toBe(200);
  }
  expect(await status({ authorization: 'Bearer prom' }, '10.0.0.9')).toBe(200);
  expect(await status(bearer, '10.0.0.9')).toBe(403);
});

test('createApi() believes only the proxies that were announced about whom they speak for', async () => {
  const seenFrom = async (http: Partial<HttpConfig>, remoteAddress: string, forwardedFor: string) => {
    const { root } = await open({ http: { ...loopback, ...http } }, (api) => {
      api.get('/who', { config: { access: 'public' } }, (request) => ({ ip: request.ip }));
    });
    const headers = { 'x-forwarded-for': forwardedFor };
    return (await root.inject({ url: '/api/v1/who', headers, remoteAddress })).json<{ ip: string }>().ip;
  };
  const publicUrl = 'https://park.example';
  const proxies = ['172.30.0.0/16', '10.0.0.7'];
  expect(await seenFrom({}, '127.0.0.1', '1.1.1.1')).toBe('127.0.0.1');
  expect(await seenFrom({ publicUrl }, '127.0.0.1', '1.1.1.1')).toBe('1.1.1.1');
  expect(await seenFrom({ publicUrl }, '172.30.0.1', '1.1.1.1')).toBe('172.30.0.1');
  expect(await seenFrom({ publicUrl, proxies }, '172.30.0.1', '9.9.9.9, 1.1.1.1')).toBe('1.1.1.1');
  expect(await seenFrom({ publicUrl, proxies }, '::ffff:10.0.0.7', '1.1.1.1')).toBe('1.1.1.1');
  expect(await seenFrom({ publicUrl, proxies }, '10.0.0.8', '1.1.1.1')).toBe('10.0.0.8');
});

test('createApi() measures requests by route and status, not by address', async () => {
  const { root } = await open();
  for (const name of ['a', 'b']) {
    await root.inject({
      method: 'POST',
      url: `/api/v1/things?${name}`,
      headers: bearer,
      payload: { name, size: 1 },
    });
    await root.inject(`/nowhere/${name}`);
  }
  const { body } = await root.inject('/metrics');
  const count = 'parkwatch_http_request_duration_seconds_count';
  expect(body).toContain(`${count}{method="POST",route="/api/v1/things",status="200"} 2`);
  expect(body).toContain(`${count}{method="GET",route="unknown",status="404"} 2`);
});

test('createApi() answers probes, the OpenAPI document and the reference without login', async () => {
  const { root } = await open({ readiness: () => ({ database: 'away', broker: 'ok', dialect: 'plain' }) });
  expect((await root.inject('/healthz')).json()).toEqual({ status: 'ok' });
  const ready = await root.inject('/readyz');
  expect([ready.statusCode, ready.json()]).toEqual([
    503,
    { database: 'away', broker: 'ok', dialect: 'plain' },
  ]);
  const document = (await root.inject('/openapi.json')).json<{
    openapi: string;
    paths: Record<string, unknown>;
  }>();
  expect(document.openapi).toBe('3.1.0');
  expect(Object.keys(document.paths)).toEqual(expect.arrayContaining(['/api/v1/things', '/healthz']));
  const page = await root.inject('/docs/');
  const nonce = /nonce="([^"]+)"/.exec(page.body)?.[1];
  expect(page.headers['content-security-policy']).toContain(`'nonce-${nonce}'`);
  expect(page.body).not.toMatch(/https?:\/\/(?!localhost)/);
  expect((await root.inject('/docs/js/scalar.js')).statusCode).toBe(200);
});

test('createApi() tells of strange addresses as a problem, and takes none for a bug of ours', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'parkwatch-console-'));
  await writeFile(join(folder, 'index.html'), '<p>console</p>');
  opened.push({ [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) });
  const errors: unknown[] = [];
  const log = silentLog();
  log.error = (...given: unknown[]) => void errors.push(given);
  const { root } = await open({ consoleDir: folder, log });
  for (const url of [
    '/%2e%2e/package.json',
    '//etc/passwd',
    '/%00',
    '/assets/..%5c..%5cpackage.json',
    '/%ff',
  ]) {
    const answer = await root.inject(url);
    expect([url, answer.statusCode, answer.json<{ code: string }>().code]).toEqual([url, 404, 'not-found']);
    expect(answer.headers['content-type']).toContain('application/problem+json');
  }
  expect(errors).toEqual([]);
});

test('createApi() serves the console: hashed files for ever, the page for every other address', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'parkwatch-console-'));
  opened.push({ [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) });
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'index.html'), '<title>Parkwatch</title>');
  await writeFile(join(folder, 'assets', 'app-1a2b.js'), '1');
  const { root } = await open({ consoleDir: folder });
  const html = { accept: 'text/html' };
  const file = await root.inject('/assets/app-1a2b.js');
  expect(file.headers['cache-control']).toMatch('immutable');
  for (const url of ['/', '/devices/em-1', '/board']) {
    const page = await root.inject({ url, headers: html });
    expect([page.statusCode, page.body, page.headers['cache-control']]).toEqual([
      200,
      '<title>Parkwatch</title>',
      'no-cache',
    ]);
  }
  expect((await root.inject({ url: '/assets/gone.js', headers: html })).statusCode).toBe(404);
  expect((await root.inject({ url: '/api/v1/gone', headers: html })).statusCode).toBe(404);
  expect((await root.inject({ url: '/%2e%2e/%2e%2e/etc/passwd' })).statusCode).toBe(404);
});

test('createApi() refuses an address that asks too often, as a problem', async () => {
  const { root } = await open();
  let last = await root.inject('/healthz');
  for (let i = 0; i < 3_000; i++) last = await root.inject('/healthz');
  expect(last.statusCode).toBe(429);
  expect(problemSchema.parse(last.json()).code).toBe('too-many-requests');
  expect(last.headers['retry-after']).toBeDefined();
});

test('listen() says in one sentence that the port is taken', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  const server = await open({ http: { ...loopback, port } });
  const failure = server.listen();
  await expect(failure).rejects.toThrow(ConfigError);
  await expect(failure).rejects.toThrow(`Port ${port} on 127.0.0.1 is in use`);
  await new Promise((resolve) => other.close(resolve));
});

const tls = {
  certFile: fileURLToPath(new URL('../../fixtures/tls/localhost.crt', import.meta.url)),
  keyFile: fileURLToPath(new URL('../../fixtures/tls/localhost.key', import.meta.url)),
};

test('listen() speaks TLS with the configured certificate, and asks browsers to stay with it', async () => {
  const server = await open({ http: { ...loopback, tls } });
  const { url, port } = await server.listen();
  expect(url).toBe(`https://127.0.0.1:${port}`);
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    get(`${url}/healthz`, { ca: readFileSync(tls.certFile) }, resolve).on('error', reject);
  });
  answer.resume();
  expect(answer.statusCode).toBe(200);
  expect(answer.headers['strict-transport-security']).toBeDefined();
  await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow();
});

test('createApi() says which file of TLS cannot be read, and when the two do not belong together', async () => {
  const missing = open({ http: { ...loopback, tls: { ...tls, keyFile: '/nowhere/key' } } });
  await expect(missing).rejects.toThrow('HTTP_TLS_KEY names /nowhere/key, which cannot be read (ENOENT).');
  const swapped = open({ http: { ...loopback, tls: { certFile: tls.certFile, keyFile: tls.certFile } } });
  await expect(swapped).rejects.toThrow(ConfigError);
});

test('listen() answers over a real socket and closes while a connection is kept alive', async () => {
  const server = await open();
  const { url } = await server.listen();
  const answer = await fetch(`${url}/api/v1/things`, {
    method: 'POST',
    headers: { ...bearer, 'content-type': 'application/json' },
    body: '{"name":"a","size":1}',
  });
  expect(await answer.json()).toEqual({ name: 'a', size: 1 });
  await server[Symbol.asyncDispose]();
  await expect(fetch(url)).rejects.toThrow();
});

test('a question may name as many points as its contract allows, at their longest', async () => {
  const server = await open();
  const { url } = await server.listen();
  const point = `${'d'.repeat(64)}.${'m'.repeat(64)}`;
  const points = Array.from({ length: limits.consumptionPoints }, () => point).join(',');
  const answer = await fetch(`${url}/healthz?points=${points}`);
  expect(answer.status).not.toBe(431);
});

test.each([undefined, 'https://park.example'])(
  'a client that has gone before its address was read is answered as any other (PUBLIC_URL %s)',
  async (publicUrl) => {
    const server = await open({ http: { ...loopback, publicUrl } });
    // What Node tells of a socket whose other end is gone.
    server.server.on('connection', (socket) =>
      Object.defineProperty(socket, 'remoteAddress', { value: undefined }),
    );
    await server.listen();
    const { port } = server.server.address() as AddressInfo;
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/leak`);
    expect([answer.status, await answer.json()]).toEqual([200, { id: 1 }]);
  },
);
