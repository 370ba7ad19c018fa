import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import fastifyCookie from '@fastify/cookie';
import fastifyHelmet from '@fastify/helmet';
import fastifyRateLimit from '@fastify/rate-limit';
import fastifyUnderPressure from '@fastify/under-pressure';
import fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyReply,
  type FastifyRequest,
  type RouteOptions,
} from 'fastify';
import { serializerCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { safeParse, type $ZodType } from 'zod/v4/core';
import { ConfigError, type HttpConfig } from '#infra/config.ts';
import { isSame } from '#infra/secret.ts';
import type { Log } from '#infra/log.ts';
import type { Metrics } from '#infra/metrics.ts';
import { ParkError } from '#schemas/errors.ts';
import { parseOptions, toFieldErrors } from '#schemas/field-errors.ts';
import type { Access } from '#schemas/roles.ts';
import { addressKey } from '#services/people/policy.ts';
import { decideAccess, isLocalRequest, isSameOrigin } from './access.ts';
import { serveConsole } from './console-files.ts';
import { sessionCookieName, type Api, type Authenticated, type Authenticator } from './plugin.ts';
import { measureRequests, probeRoutes, type Readiness } from './probes.ts';
import { toParkError, toProblem } from './problems.ts';
import { createProxyTrust } from './proxies.ts';
import { serveReference } from './reference.ts';

export interface ApiDeps {
  readonly http: HttpConfig;
  readonly log: Log;
  readonly authenticator: Authenticator;
  readonly readiness: () => Promise<Readiness> | Readiness;
  readonly metrics: Metrics;
  /** The built console, absolute; null for none. */
  readonly consoleDir: string | null;
  readonly version: string;
  /** What an external broker proves itself with; absent: none may ask. */
  readonly hookSecret?: string | undefined;
}

/** One route as it stands: the role matrix is tested against the list of these. */
export interface RouteAccess {
  readonly method: string;
  readonly url: string;
  readonly access: Access;
  readonly sessionOnly: boolean;
  readonly pendingPassword: boolean;
}

export interface ApiServer extends AsyncDisposable {
  /** The root; other things attach to `root.server`, tests use `root.inject`. */
  readonly root: Api;
  readonly server: Server;
  /** Every route that was registered, in order. */
  readonly routes: readonly RouteAccess[];
  /** Adds a capability's routes under /api/v1. */
  register(routes: (api: Api) => void | Promise<void>): Promise<void>;
  /**
   * Who stands behind a token: for what attaches to the server itself. Null also while a one-time password waits to
   * be replaced.
   */
  authenticate(token: string): Promise<Authenticated['principal'] | null>;
  /**
   * Begins to listen; the url is how this machine reaches us.
   * @throws ConfigError when the port is taken or may not be used
   */
  listen(): Promise<{ readonly url: string; readonly port: number }>;
}

/** Requests of one address in a minute: a screen full of boards asks far less. */
const requestsPerMinute = 3_000;
const bodyBytes = 1024 * 1024;
/** Of a request's line and headers: a question may name 500 points of the longest keys (limits.consumptionPoints). */
const headerBytes = 80 * 1024;
/** Above this the process is so late that refusing is kinder than queueing. */
const eventLoopDelayMs = 5_000;
const requestTimeoutMs = 60_000;

/** Routes that libraries add, which cannot say themselves whom they serve. */
const libraryRoutes = new Set(['/*', '/docs', '/docs/', '/docs/js/scalar.js']);

/** Builds the HTTP side: deny by default, problem+json for every failure, the console and the reference. */
export async function createApi(deps: ApiDeps): Promise<ApiServer> {
  const root = newFastify(deps);
  const routes: RouteAccess[] = [];
  root.setValidatorCompiler(validatorCompiler);
  root.setSerializerCompiler(serializerCompiler);
  root.decorateRequest('principal', null);
  root.addHook('onRoute', (route) => {
    routes.push(...declared(route));
  });
  handleErrors(root, deps.log);
  measureRequests(root, deps.metrics);
  await protect(root, deps);
  await serveReference(root, deps.version);
  probeRoutes(root, deps);
  await serveConsole(root, deps.consoleDir);
  return {
    root,
    server: root.server,
    routes,
    register: async (add) => {
      await root.register(async (scope) => add(scope.withTypeProvider<ZodTypeProvider>()), {
        prefix: '/api/v1',
      });
    },
    authenticate: async (token) => {
      const found = await deps.authenticator.authenticate(token);
      return found === null || found.mustChangePassword ? null : found.principal;
    },
    listen: () => listen(root, deps.http),
    [Symbol.asyncDispose]: async () => {
      await root.close();
    },
  };
}

function newFastify({ http, log }: ApiDeps): Api {
  const options = {
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: bodyBytes,
    requestTimeout: requestTimeoutMs,
    // Only where a proxy was announced does anybody speak for others.
    trustProxy: http.publicUrl === undefined ? false : createProxyTrust(http.proxies ?? []),
    // What is wrong with an address is found before there is a route, and told like everything else.
    frameworkErrors: (thrown: Error, request: FastifyRequest, reply: FastifyReply) =>
      void answerError({ thrown, request, reply, log }),
    forceCloseConnections: 'idle' as const,
  };
  const size = { maxHeaderSize: headerBytes };
  if (http.tls === undefined) return fastify({ ...options, http: size }).withTypeProvider<ZodTypeProvider>();
  const https = {
    ...size,
    cert: readPem('HTTP_TLS_CERT', http.tls.certFile),
    key: readPem('HTTP_TLS_KEY', http.tls.keyFile),
  };
  try {
    return fastify({ ...options, https }).withTypeProvider<ZodTypeProvider>();
  } catch (error) {
    throw new ConfigError(
      `HTTP_TLS_CERT and HTTP_TLS_KEY do not belong together: ${(error as Error).message}.`,
    );
  }
}

function readPem(name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(
      `${name} names ${file}, which cannot be read (${(error as NodeJS.ErrnoException).code}).`,
    );
  }
}

/** @throws Error when a route does not say whom it serves: the start stops, nobody is served by accident */
function declared(route: RouteOptions): RouteAccess[] {
  const access = route.config?.access ?? (libraryRoutes.has(route.url) ? 'public' : undefined);
  if (access === undefined) {
    throw new Error(`Route ${String(route.method)} ${route.url} does not say whom it serves (config.access)`);
  }
  route.config = { ...route.config, access };
  const { sessionOnly = false, pendingPassword = false } = route.config;
  return [route.method]
    .flat()
    .map((method) => ({ method, url: route.url, access, sessionOnly, pendingPassword }));
}

/** Zod at the edge: every fault of a request is told at once, each with its place. */
function validatorCompiler({ schema, httpPart }: { schema: unknown; httpPart?: string }) {
  return (data: unknown) => {
    const result = safeParse(schema as $ZodType, data, parseOptions);
    if (result.success) return { value: result.data };
    const base = httpPart === undefined || httpPart === 'body' ? '' : httpPart;
    const errors = toFieldErrors(result.error, base);
    const detail = errors.map((error) => `${error.path || 'The body'}: ${error.message}`).join('; ');
    return { error: new ParkError('invalid-request', detail, errors) };
  };
}

function handleErrors(root: Api, log: Log): void {
  root.setErrorHandler((thrown, request, reply) => answerError({ thrown, request, reply, log }));
}

function answerError(failed: {
  thrown: unknown;
  request: FastifyRequest;
  reply: FastifyReply;
  log: Log;
}): FastifyReply {
  const { thrown, request, reply, log } = failed;
  const { error, unexpected } = toParkError(thrown);
  if (unexpected)
    log.error({ err: thrown, method: request.method, url: request.routeOptions.url }, 'a request failed');
  if (error.code === 'not-authenticated') reply.header('www-authenticate', 'Bearer');
  return reply
    .code(error.status)
    .type('application/problem+json')
    .serializer(JSON.stringify)
    .send(
      toProblem(error, {
        instance: request.url.split('?', 1)[0] ?? '/',
        language: request.headers['accept-language'],
      }),
    );
}

async function protect(root: Api, deps: ApiDeps): Promise<void> {
  const secure = usesHttps(deps.http);
  await root.register(fastifyHelmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:', 'blob:'],
        fontSrc: ["'self'", 'data:'],
        connectSrc: ["'self'"],
        workerSrc: ["'self'", 'blob:'],
        objectSrc: ["'none'"],
        baseUri: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    strictTransportSecurity: secure,
    // Meaningful on https only; on plain http browsers warn about it.
    crossOriginOpenerPolicy: secure,
    originAgentCluster: secure,
  });
  await root.register(fastifyUnderPressure, {
    maxEventLoopDelay: eventLoopDelayMs,
    pressureHandler: (request) => {
      if (request.url === '/healthz' || request.url === '/metrics') return;
      throw new ParkError('overloaded', 'The process is busy; it will answer again shortly.');
    },
  });
  await root.register(fastifyRateLimit, {
    max: requestsPerMinute,
    timeWindow: 60_000,
    // Of a connection that is gone there is no address any more, whatever the types say.
    keyGenerator: (request) => addressKey((request.ip as string | undefined) ?? ''),
    errorResponseBuilder: (_request, context) =>
      new ParkError(
        'too-many-requests',
        `More than ${context.max} requests a minute came from this address.`,
      ),
  });
  await root.register(fastifyCookie);
  root.addHook('onRequest', async (request, reply) => {
    if (request.url.startsWith('/api/')) reply.header('cache-control', 'no-store');
    await authorise(request, deps);
  });
}

/** Whether browsers reach us by https, directly or through a proxy. */
export function usesHttps(http: HttpConfig): boolean {
  return http.tls !== undefined || (http.publicUrl?.startsWith('https://') ?? false);
}

/** @throws ParkError when the route does not serve who asks */
async function authorise(
  request: FastifyRequest,
  { authenticator, http, hookSecret }: ApiDeps,
): Promise<void> {
  if (request.is404) return;
  const { access, sessionOnly = false, pendingPassword = false } = request.routeOptions.config;
  const bearer = bearerToken(request.headers.authorization);
  const byBroker = access === 'broker' && isBroker(request, bearer, hookSecret);
  const anonymous = access === 'public' || access === 'broker';
  const token = anonymous ? undefined : (bearer ?? request.cookies[sessionCookieName]);
  const authenticated = token ? await authenticator.authenticate(token) : null;
  const decision = decideAccess({
    access,
    sessionOnly,
    pendingPassword,
    method: request.method,
    authenticated,
    local: isLocalRequest(request.socket.remoteAddress, request.headers),
    byCookie: bearer === undefined,
    sameOrigin: isSameOrigin(request.headers, http.publicUrl),
    byBroker,
  });
  if (!decision.allowed) throw new ParkError(decision.code, decision.reason);
  request.principal = authenticated?.principal ?? null;
}

/** By header; by query only because some brokers can send no header. */
function isBroker(request: FastifyRequest, bearer: string | undefined, secret: string | undefined): boolean {
  const { secret: queried } = request.query as { readonly secret?: unknown };
  const given = bearer ?? (typeof queried === 'string' ? queried : undefined);
  return secret !== undefined && given !== undefined && isSame(secret, given);
}

function bearerToken(header: string | undefined): string | undefined {
  return /^Bearer ([\w.~+/=-]+)$/i.exec(header ?? '')?.[1];
}

async function listen(root: Api, http: HttpConfig): Promise<{ url: string; port: number }> {
  try {
    await root.listen({ host: http.host, port: http.port });
  } catch (error) {
    throw listenError(error as NodeJS.ErrnoException, http);
  }
  const address = root.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : http.port;
  const host = http.host === '0.0.0.0' || http.host === '::' ? 'localhost' : http.host;
  const name = host.includes(':') ? `[${host}]` : host;
  return { url: http.publicUrl ?? `${http.tls === undefined ? 'http' : 'https'}://${name}:${port}`, port };
}

function listenError(error: NodeJS.ErrnoException, { host, port }: HttpConfig): Error {
  if (error.code === 'EADDRINUSE') {
    return new ConfigError(
      `Port ${port} on ${host} is in use by another program; set HTTP_PORT to a free one.`,
    );
  }
  if (error.code === 'EACCES') {
    return new ConfigError(
      `Port ${port} on ${host} may not be opened by this user; set HTTP_PORT to one above 1023.`,
    );
  }
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND') {
    return new ConfigError(`HTTP_HOST is ${host}, which is no address of this machine.`);
  }
  return error;
}
