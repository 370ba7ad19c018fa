import type { Severity } from '#schemas/device-class.ts';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { silentLog } from '#infra/log.ts';
import { createSecretBox, type SecretBox } from '#infra/secret-box.ts';
import { transaction } from '#infra/postgres.ts';
import { channelWriteBody } from '#schemas/api/notify.ts';
import {
  preferencesSchema,
  rosterBodySchema,
  routeBodySchema,
  type Preferences,
  type ReportBody,
} from '#schemas/notify.ts';
import type { Role } from '#schemas/roles.ts';
import { wallClock } from '#schemas/wall-clock.ts';
import { writeChanges, type OccurrenceChange } from '#services/alarms/transition-store.ts';
import { acknowledgeAlarm } from '#services/alarms/service.ts';
import { createAddressGuard } from '#services/notify/address-guard.ts';
import { startNotifier, type Notifier, type NotifierOptions } from '#services/notify/notifier.ts';
import { writePreferences } from '#services/notify/setting-store.ts';
import { writeChannel, writeSetting, type SettingDeps } from '#services/notify/settings.ts';
import { createAlarmPark, type AlarmPark } from '#test/services/alarms/alarm-park.ts';

/** A request as a recorded endpoint saw it. */
export interface Recorded {
  readonly path: string;
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** How the endpoint answers; `hang` never does. */
export type Answer =
  | { readonly status: number; readonly body: string; readonly headers?: Record<string, string> }
  | 'hang';

export interface Endpoint extends AsyncDisposable {
  readonly url: string;
  readonly requests: Recorded[];
  /** What the next requests are answered. */
  answer: Answer;
}

/** An HTTP endpoint on loopback that writes down what it is asked. */
export async function recordEndpoint(): Promise<Endpoint> {
  const requests: Recorded[] = [];
  const endpoint = { answer: { status: 200, body: '{"errcode":0,"code":0}' } as Answer };
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { url = '', method = '', headers } = request;
      requests.push({ path: url, method, headers, body: Buffer.concat(chunks).toString() });
      const { answer } = endpoint;
      if (answer === 'hang') return;
      response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
      response.end(answer.body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return Object.assign(endpoint, {
    url: `http://127.0.0.1:${port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  });
}

/** What a recorded endpoint was sent, byte for byte. */
export interface BytesEndpoint extends AsyncDisposable {
  readonly url: string;
  readonly requests: {
    readonly path: string;
    readonly headers: IncomingHttpHeaders;
    readonly body: Buffer;
  }[];
  /** What a path is answered; 201 where nothing is said. */
  readonly statuses: Map<string, number>;
}

export async function recordBytes(): Promise<BytesEndpoint> {
  const requests: { path: string; headers: IncomingHttpHeaders; body: Buffer }[] = [];
  const statuses = new Map<string, number>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { url: path = '', headers } = request;
      requests.push({ path, headers, body: Buffer.concat(chunks) });
      response.writeHead(statuses.get(path) ?? 201).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    statuses,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A park with alarms that nobody was told of yet, and the means to tell. */
export interface NotifyPark extends AlarmPark {
  readonly box: SecretBox;
  readonly settings: SettingDeps;
  addUser(username: string, role: Role, preferences?: Partial<Preferences>): Promise<void>;
  addChannel(body: object): Promise<void>;
  addRoute(body: object): Promise<void>;
  addRoster(body: object): Promise<void>;
  addReport(body: ReportBody): Promise<void>;
  /** Raises an alarm of `voltage-high` at a meter; its id. */
  raise(options?: { point?: string; severity?: Severity; rule?: string }): Promise<number>;
  clear(alarmId: number): Promise<void>;
  acknowledge(alarmId: number, actor: string): Promise<void>;
  startNotifier(options?: Partial<NotifierOptions>): Promise<Notifier>;
  /** `kind username channel state` of every message, in the order in which they were planned. */
  deliveries(): Promise<string[]>;
}

export async function createNotifyPark(): Promise<NotifyPark> {
  const park = await createAlarmPark();
  const { database, clock, bus } = park;
  const { pool } = database;
  const box = createSecretBox(Buffer.alloc(32, 7));
  const timeZone = 'Asia/Shanghai';
  const guard = createAddressGuard(['127.0.0.0/8']);
  const settings = { db: pool, clock, timeZone, box, guard };
  const by = { actor: 'test', isNew: true };
  const raised = new Map<number, OccurrenceChange>();
  // Nobody is told of what a test does not ask for.
  await pool.query(`delete from notify_setting where kind = 'route'`);
  await park.addRule({}, { severity: 'high' });
  return {
    ...park,
    box,
    settings,
    async addUser(username, role, preferences = {}) {
      await pool.query(
        `insert into park_user (username, display_name, role, password_hash, created_at) values ($1, $2, $3, 'x', now())`,
        [username, `Name of ${username}`, role],
      );
      await writePreferences(pool, username, preferencesSchema.parse(preferences));
    },
    async addChannel(body) {
      await writeChannel(settings, channelWriteBody.parse({ name: 'Channel', ...body }), by);
    },
    async addRoute(body) {
      const parsed = routeBodySchema.parse({ id: 'r1', name: 'Route', match: {}, ...body });
      await writeSetting(settings, { kind: 'route', body: parsed }, by);
    },
    async addRoster(body) {
      const parsed = rosterBodySchema.parse({ id: 'night', name: 'Night', ...body });
      await writeSetting(settings, { kind: 'roster', body: parsed }, by);
    },
    async addReport(body) {
      await writeSetting(settings, { kind: 'report', body }, by);
    },
    async raise({ point = 'em-1.voltage_l1', severity = 'high', rule = 'voltage-high' } = {}) {
      const nowMs = clock.nowMs();
      const change: OccurrenceChange = {
        kind: 'raised',
        ruleId: rule,
        ruleVersion: 1,
        object: point,
        deviceId: point.split('.')[0] ?? point,
        pointId: park.pointId(point),
        severity,
        limit: 240,
        value: 251.5,
        onsetMs: nowMs,
        timeMs: nowMs,
        facts: {
          code: 'limit',
          value: 251.5,
          side: 'high',
          limit: 240,
          unit: 'V',
          raised: true,
          delayMs: 0,
          held: '',
        },
      };
      const [transition] = await transaction(pool, (client) => writeChanges(client, [change]));
      if (transition === undefined) throw new Error('nothing was raised');
      raised.set(Number(transition.alarmId), change);
      bus.publish('alarm', transition);
      return Number(transition.alarmId);
    },
    async clear(alarmId) {
      const change = raised.get(alarmId);
      if (change === undefined) throw new Error(`${alarmId} was not raised here`);
      const cleared = { ...change, kind: 'cleared', timeMs: clock.nowMs() } as const;
      const [transition] = await transaction(pool, (client) => writeChanges(client, [cleared]));
      if (transition !== undefined) bus.publish('alarm', transition);
    },
    async acknowledge(id, actor) {
      await acknowledgeAlarm({ db: pool, bus, clock }, { id, actor, comment: 'on my way' });
    },
    startNotifier: (options = {}) =>
      startNotifier({
        db: pool,
        bus,
        clock,
        log: silentLog(),
        wallClock: wallClock(timeZone),
        box,
        guard,
        letterhead: { park: 'demo', base: 'https://park.example', ackKey: box.derive('acknowledging link') },
        random: () => 0.5,
        ...options,
      }),
    async deliveries() {
      const { rows } = await pool.query<{ told: string }>(
        `select kind || ' ' || coalesce(username, '-') || ' ' || channel_id || ' ' || state as told from delivery order by id`,
      );
      return rows.map((row) => row.told);
    },
  };
}
