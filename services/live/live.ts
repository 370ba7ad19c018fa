import type { IncomingMessage, Server as HttpServer } from 'node:http';
import { Gauge } from 'prom-client';
import { Server } from 'socket.io';
import type { Bus, ReadingFrame } from '#infra/bus.ts';
import type { Clock } from '#infra/clock.ts';
import type { Log } from '#infra/log.ts';
import type { Metrics } from '#infra/metrics.ts';
import type { Database } from '#infra/postgres.ts';
import { liveNamespace, type ClientEvents, type ServerEvents } from '#schemas/api/live.ts';
import type { PointDirectory } from '#schemas/registry.ts';
import { everyone, type Access } from '#schemas/roles.ts';
import { isSameOrigin } from '#services/api/access.ts';
import { sessionCookieName, type Principal } from '#services/api/plugin.ts';
import { startAlarmFeed } from './alarm-feed.ts';
import { Connection, type LiveContext, type LiveSocket } from './connection.ts';
import { Interest } from './interest.ts';

/** Whom each socket event serves; an event that is not here serves nobody. */
export const liveAccess: Readonly<Record<keyof ClientEvents, Access>> = {
  subscribe: everyone,
  unsubscribe: everyone,
};

/** 5,000 point keys of the longest kind fit. */
const messageBytes = 1024 * 1024;
/** Open connections of one person or token, and of all. */
const connectionsPerPrincipal = 20;
const connectionsTotal = 1_000;
/** Transports open at the same time, those of clients that nobody knows yet included. */
const transportsTotal = 2 * connectionsTotal;
/** Who has not said by then who they are is let go. */
const identifyMs = 10_000;
/** How often every token is asked for again; `people` on the bus asks at once. */
const recheckMs = 10_000;
/** Whoever could not be asked about for so long (the store is away) is let go. */
const uncheckedMs = 60_000;
/** Messages of one client in ten seconds; more ends the connection. */
const messagesPerWindow = 200;
const windowMs = 10_000;

export interface LiveOptions {
  readonly httpServer: HttpServer;
  /** Who stands behind a token now; null when nobody does (any more), or a one-time password waits to be replaced. */
  readonly authenticate: (token: string) => Promise<Principal | null>;
  readonly directory: PointDirectory;
  readonly bus: Bus;
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics?: Metrics;
  /** How people reach us when a proxy changes the Host header. */
  readonly publicUrl?: string | undefined;
}

type LiveServer = Server<ClientEvents, ServerEvents>;

/** Attaches `/live` to the HTTP server. Dispose before the server closes. */
export async function startLive(options: LiveOptions): Promise<AsyncDisposable> {
  await using started = new AsyncDisposableStack();
  const { httpServer, bus, clock, db, directory, log } = options;
  const feed = started.use(startAlarmFeed({ db, clock, log }));
  const context: LiveContext = { db, directory, clock, log, feed, interest: new Interest() };
  const connections = new Set<Connection>();
  if (options.metrics !== undefined) registerGauge(options.metrics, connections);
  const io: LiveServer = new Server(httpServer, {
    serveClient: false,
    maxHttpBufferSize: messageBytes,
    connectTimeout: identifyMs,
    allowRequest: (request, answer) => {
      const isAllowed =
        isFromOurPages(request, options.publicUrl) && io.engine.clientsCount < transportsTotal;
      answer(isAllowed ? null : 'refused', isAllowed);
    },
  });
  // Of the transport, not of the namespace: asking to be let in costs a look into the store each time.
  io.engine.on('connection', (transport: Transport) => limitMessages(transport, clock));
  // The namespace that socket.io serves by itself would be open to everybody, without a limit.
  io.use((_socket, next) => next(new Refused('forbidden')));
  started.defer(() => {
    // Not io.close(): the HTTP server belongs to the API.
    io.of(liveNamespace).disconnectSockets(true);
    io.engine.close();
  });
  acceptConnections(io, { options, context, connections });
  for (const stop of followBus(bus, context, connections)) started.defer(stop);
  started.defer(directory.onChange(() => connections.forEach((each) => each.registryChanged())));
  const recheckAll = () => void recheck(connections, options);
  started.defer(bus.subscribe('people', recheckAll));
  started.use(clock.every(recheckMs, recheckAll));
  return started.move();
}

function registerGauge(metrics: Metrics, connections: ReadonlySet<Connection>): void {
  const gauge: Gauge = new Gauge({
    name: 'parkwatch_live_connections',
    help: 'Open connections of /live',
    registers: [metrics],
    collect() {
      gauge.set(connections.size);
    },
  });
}

function acceptConnections(
  io: LiveServer,
  live: { options: LiveOptions; context: LiveContext; connections: Set<Connection> },
): void {
  const { options, context, connections } = live;
  const namespace = io.of(liveNamespace);
  const identified = new WeakMap<object, { token: string; principal: Principal }>();
  const enter = async (socket: LiveSocket): Promise<Refused | undefined> => {
    try {
      identified.set(socket, await admit(socket, options, connections));
      return undefined;
    } catch (error) {
      if (error instanceof Refused) return error;
      options.log.warn({ err: error }, 'a live client could not be identified');
      return new Refused('unavailable');
    }
  };
  namespace.use((socket, next) => {
    void (async () => next(await enter(socket)))();
  });
  namespace.on('connection', (socket) => {
    const who = identified.get(socket);
    if (who === undefined) return socket.disconnect(true);
    const connection = new Connection(socket, context, who);
    connections.add(connection);
    socket.on('subscribe', (body, answer) => {
      if (serves('subscribe', connection, answer)) connection.onSubscribe(body, answer);
    });
    socket.on('unsubscribe', (answer) => {
      if (serves('unsubscribe', connection, answer)) connection.onUnsubscribe(answer);
    });
    socket.on('disconnect', () => {
      connections.delete(connection);
      connection[Symbol.dispose]();
    });
    return undefined;
  });
}

/** The reason reaches the client as `connect_error` with `data.code`, and nothing else of ours. */
class Refused extends Error {
  readonly data: { readonly code: string };

  constructor(code: string) {
    super(code);
    this.data = { code };
  }
}

async function admit(
  socket: LiveSocket,
  { authenticate }: LiveOptions,
  connections: ReadonlySet<Connection>,
): Promise<{ token: string; principal: Principal }> {
  const token = readToken(socket);
  const principal = token === undefined ? null : await authenticate(token);
  if (token === undefined || principal === null) throw new Refused('not-authenticated');
  if (principal.scopes !== null && !principal.scopes.includes('read')) throw new Refused('forbidden');
  const own = [...connections].filter((each) => each.principal.actor === principal.actor).length;
  if (own >= connectionsPerPrincipal || connections.size >= connectionsTotal) {
    throw new Refused('too-many-requests');
  }
  return { token, principal };
}

function readToken(socket: LiveSocket): string | undefined {
  const given: unknown = socket.handshake.auth['token'];
  if (typeof given === 'string' && given !== '') return given;
  for (const part of (socket.handshake.headers.cookie ?? '').split(';')) {
    const [name, ...value] = part.trim().split('=');
    if (name === sessionCookieName && value.length > 0) return decodeURIComponent(value.join('='));
  }
  return undefined;
}

/** Browsers say where a page is from; what says nothing is no browser, and brings a token of its own. */
function isFromOurPages({ headers }: IncomingMessage, publicUrl: string | undefined): boolean {
  if (headers.origin === undefined && headers['sec-fetch-site'] === undefined) return true;
  return isSameOrigin(headers, publicUrl);
}

/** Whether the role of now may use the event, and there is somebody to answer to. */
function serves(event: keyof ClientEvents, { principal }: Connection, answer: unknown): boolean {
  if (typeof answer !== 'function') return false;
  const access = liveAccess[event];
  if (Array.isArray(access) && access.includes(principal.role)) return true;
  const result = { ok: false, code: 'forbidden', detail: `the role ${principal.role} may not do this` };
  answer(result);
  return false;
}

/** What we use of an engine.io socket. */
interface Transport {
  on(event: 'data', listener: () => void): void;
  close(discard: boolean): void;
}

function limitMessages(transport: Transport, clock: Clock): void {
  let windowFromMs = clock.monotonicMs();
  let messages = 0;
  transport.on('data', () => {
    const nowMs = clock.monotonicMs();
    if (nowMs - windowFromMs >= windowMs) {
      windowFromMs = nowMs;
      messages = 0;
    }
    if (++messages > messagesPerWindow) transport.close(true);
  });
}

function followBus(bus: Bus, context: LiveContext, connections: ReadonlySet<Connection>): (() => void)[] {
  return [
    bus.subscribe('readings', (frame) => spread(frame, context.interest)),
    bus.subscribe('hole', () => {
      context.feed.wake();
      connections.forEach((each) => each.reread());
    }),
    bus.subscribe('alarm', () => context.feed.wake()),
    bus.subscribe('device', (message) => connections.forEach((each) => each.deviceChanged(message))),
    bus.subscribe('assessment', (message) => connections.forEach((each) => each.evidenceAdded(message))),
  ];
}

function spread(frame: ReadingFrame, interest: Interest<Connection>): void {
  const touched = new Set<Connection>();
  frame.pointIds.forEach((pointId, i) => {
    const watching = interest.of(pointId);
    if (watching === undefined) return;
    const reading = {
      pointId,
      timeMs: frame.timesMs[i] ?? 0,
      value: frame.values[i] ?? 0,
      quality: frame.qualities[i] ?? 2,
    };
    for (const connection of watching) {
      connection.offer(reading);
      touched.add(connection);
    }
  });
  for (const connection of touched) connection.pump();
}

/** Ends the connections of whoever may no longer be here; roles that changed count from now on. */
async function recheck(
  connections: ReadonlySet<Connection>,
  { authenticate, clock, log }: LiveOptions,
): Promise<void> {
  for (const [token, group] of Map.groupBy(connections, (each) => each.token)) {
    try {
      const principal = await authenticate(token);
      for (const connection of group) {
        if (principal === null) connection.disconnect();
        else {
          connection.principal = principal;
          connection.checkedAtMs = clock.monotonicMs();
        }
      }
    } catch (error) {
      log.warn({ err: error }, 'live sessions could not be checked');
      const oldestMs = clock.monotonicMs() - uncheckedMs;
      for (const connection of group) if (connection.checkedAtMs < oldestMs) connection.disconnect();
    }
  }
}
