import type { EventEmitter } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { QueryConfig } from 'pg';
import { io, type Socket } from 'socket.io-client';
import { silentLog } from '#infra/log.ts';
import type { ClientEvents, ReadingsFrame, ServerEvents, SubscribeAnswer } from '#schemas/api/live.ts';
import type { Database } from '#infra/postgres.ts';
import type { Role } from '#schemas/roles.ts';
import type { Principal } from '#services/api/plugin.ts';
import { startLive } from '#services/live/live.ts';
import { startPointDirectory, type RunningPointDirectory } from '#services/registry/directory.ts';
import { nextEvent } from '#test/kit/events.ts';
import { createAlarmPark, type AlarmPark } from '../alarms/alarm-park.ts';

export type Client = Socket<ServerEvents, ClientEvents>;

/** A park with `/live` on a real port; the token `role_name` is good until its name is in `ended`. */
export interface LivePark extends AlarmPark {
  readonly port: number;
  readonly directory: RunningPointDirectory;
  readonly ended: Set<string>;
  /** Set to make every authentication fail, as when the store is away. */
  authenticationError: Error | null;
  /** Runs after the rows of a snapshot were read and before anybody has them. */
  onSnapshotRead: (() => Promise<void>) | null;
  readonly principals: Map<string, Partial<Principal>>;
  /** A client that is not connected yet. */
  client(token?: string, options?: Parameters<typeof io>[1]): Client;
  connect(token?: string): Promise<Client>;
}

/** @param park.gasMeters meters `gm-1`… beside the two of energy, three points each */
export async function createLivePark({ gasMeters = 0 } = {}): Promise<LivePark> {
  await using started = new AsyncDisposableStack();
  const park = started.use(await createAlarmPark());
  await park.database.pool.query(
    `insert into device (id, valid_from, class, name) select 'gm-' || i, now(), 'gas-meter', 'G'
     from generate_series(1, $1::int) i`,
    [gasMeters],
  );
  const log = silentLog();
  const directory = started.use(await startPointDirectory({ db: park.database.pool, bus: park.bus, log }));
  const httpServer = createServer((_request, response) => response.writeHead(404).end());
  await new Promise<void>((resolve) => void httpServer.listen(0, '127.0.0.1', resolve));
  started.defer(() => closed(httpServer));
  const clients: Client[] = [];
  const state = {
    ended: new Set<string>(),
    principals: new Map(),
    authenticationError: null,
    onSnapshotRead: null,
  };
  const live: LivePark = {
    ...park,
    ...state,
    port: (httpServer.address() as AddressInfo).port,
    directory,
    client(token = 'viewer_v', options = {}) {
      const client: Client = io(`http://127.0.0.1:${live.port}/live`, {
        auth: { token },
        transports: ['websocket'],
        reconnection: false,
        forceNew: true,
        ...options,
      });
      clients.push(client);
      return client;
    },
    async connect(token) {
      const client = live.client(token);
      await heard(client, 'connect');
      return client;
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
  started.use(
    await startLive({
      httpServer,
      directory,
      bus: park.bus,
      db: watchedPool(park.database.pool, async () => live.onSnapshotRead?.()),
      clock: park.clock,
      log,
      async authenticate(token) {
        if (live.authenticationError !== null) throw live.authenticationError;
        const [role = '', actor] = token.split('_');
        if (actor === undefined || live.ended.has(actor)) return null;
        const principal = { userId: actor, actor, role: role as Role, scopes: null, sessionId: 's' };
        return { ...principal, ...live.principals.get(actor) };
      },
    }),
  );
  started.defer(() => clients.forEach((client) => client.disconnect()));
  const running = started.move();
  return live;
}

function watchedPool(pool: Database, afterSnapshot: () => Promise<void>): Database {
  const query = async (statement: string | QueryConfig, values: unknown[]) => {
    const result = await pool.query(statement, values);
    const text = typeof statement === 'string' ? statement : statement.text;
    if (text.includes('from reading')) await afterSnapshot();
    return result;
  };
  return { query } as unknown as Database;
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => void server.close(() => resolve()));
}

/** The arguments of the next event that the client hears. */
export function heard(client: object, event: string): Promise<unknown[]> {
  return nextEvent(client as EventEmitter, event);
}

export function subscribe(client: Client, body: Parameters<ClientEvents['subscribe']>[0]) {
  return new Promise<SubscribeAnswer>((resolve) => client.emit('subscribe', body, resolve));
}

/** Everything of one kind that a client has been sent, in order. */
export function collect<K extends keyof ServerEvents>(client: Client, kind: K) {
  const seen: Parameters<ServerEvents[K]>[0][] = [];
  client.on(kind, ((frame: Parameters<ServerEvents[K]>[0]) => seen.push(frame)) as never);
  return seen;
}

/** The values of frames as `key time value` with times in seconds after `startMs`. */
export function told(frames: readonly ReadingsFrame[], startMs: number): string[] {
  return frames.flatMap((frame) =>
    frame.p.map((key, i) => `${key} ${((frame.t[i] ?? 0) - startMs) / 1_000} ${frame.v[i]}`),
  );
}
