import type { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, Server as TlsServer, TLSSocket } from 'node:tls';
import { Aedes, type Client, type PublishPacket } from 'aedes';
import { sharedAccess, type FieldAccess } from './embedded-broker/access.ts';
import { limitPacketBytes, takePublishes } from './embedded-broker/aedes-internals.ts';
import type { Clock } from './clock.ts';
import { ConfigError, type MqttConfig } from './config.ts';
import { createForeignTopics, type ForeignMessage } from './embedded-broker/foreign-topics.ts';
import {
  createHold,
  type FieldHandler,
  type FieldPublish,
  type Held,
  type HoldStatus,
} from './embedded-broker/hold.ts';
import { limitMemory, maySubscribe } from './embedded-broker/memory.ts';
import type { RawPublish } from './embedded-broker/publish-reader.ts';
import { createSessions, type Sessions } from './embedded-broker/sessions.ts';
import { followCertificates } from './followed-certificates.ts';
import type { Log } from './log.ts';

/** Limits of the embedded broker (docs/brokers.md names them for operators). */
export const brokerLimits = {
  connections: 10_000,
  /** A larger MQTT packet ends its connection; up to this size a packet is read, refused as too-large and booked. */
  packetBytes: 4 * 1024 * 1024,
  /** Before CONNECT has been answered nobody needs more. */
  packetBytesBeforeConnect: 64 * 1024,
  connectTimeoutMs: 10_000,
  /** A subscriber that takes nothing for so long is disconnected: it holds up those who publish. */
  drainTimeoutMs: 5_000,
  /** Packets a client may send before its CONNECT is answered. */
  queuedBeforeConnect: 1_000,
  /** Of a client id together with the user name that stands before it inside the broker. */
  clientIdLength: 1_024,
} as const;

export interface BrokerStatus extends HoldStatus {
  readonly connections: number;
  /** Connections turned away because there were too many. */
  readonly connectionsRefused: number;
  readonly loginsRefused: number;
  /** Sessions ended because their credential was revoked or had expired. */
  readonly sessionsRevoked: number;
  /** Packets on topics that the sender's credential does not cover. */
  readonly publishesDenied: number;
  readonly subscriptionsDenied: number;
  /** Connections ended because a packet was larger than we read. */
  readonly oversizePackets: number;
  /** Retained messages that were delivered and not kept. */
  readonly retainedRefused: number;
}

/** The MQTT 3.1.1 broker inside our process. It keeps no sessions: devices are publishers, and we are in here. */
export interface EmbeddedBroker extends AsyncDisposable {
  /** Without credentials, e.g. `mqtt://127.0.0.1:1883`. */
  readonly url: string;
  readonly port: number;
  /** Undefined without a certificate. */
  readonly tlsPort: number | undefined;
  /** Takes every publish on a field topic from now on; before, and after disposal, they are held unanswered. */
  attach(handler: FieldHandler): Disposable;
  /** The same for the topics that {@link EmbeddedBrokerOptions.isMapped} names. */
  attachMapped(handler: FieldHandler): Disposable;
  /** Tells whoever subscribes to a topic; nothing is kept for who is absent. */
  readonly publish: (topic: string, payload: string) => Promise<void>;
  status(): BrokerStatus;
  /** Live connections with credentials of a device. */
  connectionsOf(deviceId: string): number;
  /** The newest messages on topics outside the native contract, whether a mapping takes them or not. */
  foreign(): readonly ForeignMessage[];
}

export interface EmbeddedBrokerOptions {
  readonly config: MqttConfig;
  readonly parkId: string;
  readonly log: Log;
  readonly clock: Clock;
  /** Topics outside the native contract that a gateway takes; their publishes are held until it has them. */
  readonly isMapped?: ((topic: string) => boolean) | undefined;
  /** Who may log in and do what; absent: the one shared credential, which may everything. */
  readonly access?: FieldAccess | undefined;
}

/**
 * Starts the broker on `config.host`:`config.port` (0 picks a free one), and with TLS where a certificate is given.
 * @throws ConfigError in one sentence when a port is taken or not allowed, or a certificate cannot be used
 */
export async function startEmbeddedBroker(options: EmbeddedBrokerOptions): Promise<EmbeddedBroker> {
  const { config, log, clock, isMapped = () => false } = options;
  const counts = { connectionsRefused: 0, oversizePackets: 0, publishesDenied: 0, subscriptionsDenied: 0 };
  const [attachment, mapped] = [createAttachment(), createAttachment()];
  const take: FieldHandler = (publish) => (isNative(publish.topic) ? attachment : mapped).handle(publish);
  const hold = createHold(take, clock);
  const sessions = createSessions({ access: options.access ?? sharedAccess(config), clock, log });
  const clientIds = new WeakMap<Client, string>();
  const stopping = new AbortController();
  const foreign = createForeignTopics();
  const desk = createDesk({ sessions, clock, counts, stopping: stopping.signal });

  const broker = await Aedes.createBroker({
    connectTimeout: brokerLimits.connectTimeoutMs,
    drainTimeout: brokerLimits.drainTimeoutMs,
    queueLimit: brokerLimits.queuedBeforeConnect,
    maxClientsIdLength: brokerLimits.clientIdLength,
    preConnect(client, packet, done) {
      // A session kept for an absent subscriber would grow without bound in our memory.
      packet.clean = true;
      clientIds.set(client, packet.clientId);
      // A client id names a session only beside its credential: else whoever takes another's id ends its connection.
      const name = packet.username ?? certificateName(client) ?? '';
      if (packet.clientId !== '') packet.clientId = `${name}/${packet.clientId}`;
      done(null, true);
    },
    authenticate(client, username, password, done) {
      const clientId = clientIds.get(client) ?? client.id;
      const refusal = sessions.open(client, { clientId, username, password, ...originOf(client) });
      done(refusal, refusal === null);
    },
    authorizePublish(client, packet, done) {
      if (packet.topic.startsWith('$')) return done(new Error('topics with $ are reserved'));
      const permitted = desk.mayPublish(client, packet.topic);
      if (permitted && !isNative(packet.topic)) foreign.note(packet.topic, packet.payload, clock.nowMs());
      if (!isNative(packet.topic) && !isMapped(packet.topic)) {
        return done(permitted ? null : new Error('the credential does not cover this topic'));
      }
      // Our own shutdown ends the connections; that is no device going offline.
      if (stopping.signal.aborted) return done(new Error('broker is stopping'));
      const release = () => {
        if (!permitted) withhold(packet);
        done(null);
      };
      hold.take(client, packet, { ...desk.holding(client, permitted), done: release });
    },
    authorizeSubscribe(client, subscription, done) {
      const permitted = sessions.of(client)?.permit.maySubscribe(subscription.topic) ?? false;
      if (!permitted) counts.subscriptionsDenied++;
      done(null, permitted && maySubscribe(client, subscription.topic) ? subscription : null);
    },
  });
  const { retainedRefused } = limitMemory(broker);
  // aedes emits it, its types do not say so; without a listener it would end the process.
  (broker as EventEmitter).on('error', (error: Error) => log.error({ err: error }, 'broker: internal error'));
  const onEnded = (client: Client, error: Error) => {
    if (error.message.startsWith('packet of ')) counts.oversizePackets++;
    log.debug({ clientId: client.id, reason: error.message }, 'broker: connection ended');
  };
  broker.on('clientError', onEnded);
  broker.on('connectionError', onEnded);

  const forward = createForward(broker);
  const takeRaw = (client: Client, publish: RawPublish) => {
    if (stopping.signal.aborted) return;
    const permitted = desk.mayPublish(client, publish.topic);
    const done = () => (permitted ? forward(client, publish) : undefined);
    hold.takeRaw(client, publish, { ...desk.holding(client, permitted), done });
  };
  const sockets = new Set<Socket>();
  const accept = (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.setNoDelay(true);
    const client = broker.handle(socket);
    socket.once('close', () => sessions.close(client));
    limitPacketBytes(client, () =>
      client.connected ? brokerLimits.packetBytes : brokerLimits.packetBytesBeforeConnect,
    );
    takePublishes(client, (publish) => takeRaw(client, publish));
  };
  const servers = await listenAll(config, accept, () => counts.connectionsRefused++);
  const renewing = renewCertificates(servers, options);
  const [port = 0, tlsPort] = servers.map((server) => (server.address() as AddressInfo).port);
  const url = `mqtt://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`;
  log.info(
    { url, tlsPort },
    `broker: devices publish to ${url}, topic park/v1/${options.parkId}/{device}/telemetry`,
  );

  return {
    url,
    port,
    tlsPort,
    attach: (handler) => attachment.attach(handler),
    attachMapped: (handler) => mapped.attach(handler),
    publish: (topic, payload) => tell(broker, topic, payload),
    status: () => ({
      ...hold.status(),
      ...counts,
      ...sessions.counts,
      connections: broker.connectedClients,
      retainedRefused: retainedRefused(),
    }),
    connectionsOf: (deviceId) => sessions.connectionsOf(deviceId),
    foreign: () => foreign.list(),
    async [Symbol.asyncDispose]() {
      stopping.abort(new Error('the broker stops'));
      sessions[Symbol.dispose]();
      await renewing?.[Symbol.asyncDispose]();
      const closed = servers.map((server) => new Promise((resolve) => server.close(resolve)));
      await new Promise<void>((resolve) => broker.close(resolve));
      for (const socket of sockets) socket.destroy();
      await Promise.all(closed);
    },
  };
}

function isNative(topic: string): boolean {
  return topic.startsWith('park/');
}

/** Looks at every publish, whichever way it is read: whether its sender may, and how long its acknowledgement waits. */
function createDesk(deps: {
  sessions: Sessions;
  clock: Clock;
  counts: { publishesDenied: number };
  stopping: AbortSignal;
}) {
  const { sessions, clock, counts, stopping } = deps;
  return {
    mayPublish(client: Client | null, topic: string): boolean {
      const session = sessions.of(client);
      const permitted = session === undefined ? client === null : session.permit.mayPublish(topic);
      if (!permitted) counts.publishesDenied++;
      return permitted;
    },
    holding(client: Client | null, permitted: boolean): Omit<Held, 'done'> {
      const session = sessions.of(client);
      const delayMs = session === undefined ? 0 : sessions.delayMs(session);
      return {
        clientId: session?.clientId ?? client?.id ?? null,
        deniedTo: permitted ? null : (session?.permit.owner ?? null),
        until: delayMs < 1 ? null : clock.sleep(delayMs, stopping).catch(() => undefined),
      };
    },
  };
}

/** Hands field publishes on to whoever subscribed; hardly anybody does, and then it costs nothing. */
function createForward(broker: Aedes): (client: Client, publish: RawPublish) => void {
  const subscribers = new Set<Client>();
  broker.on('subscribe', (_subscriptions, client) => void subscribers.add(client));
  broker.on('clientDisconnect', (client) => void subscribers.delete(client));
  return (client, { topic, payload }) => {
    if (subscribers.size === 0) return;
    const packet = { cmd: 'publish', topic, payload, qos: 1, retain: false, dup: false } as const;
    broker.publish({ ...packet, clientId: client.id } as PublishPacket, () => undefined);
  };
}

function tell(broker: Aedes, topic: string, payload: string): Promise<void> {
  const packet = { cmd: 'publish', topic, payload, qos: 1, retain: false, dup: false } as const;
  return new Promise((resolve, reject) => {
    broker.publish(packet, (error) => (error ? reject(error) : resolve()));
  });
}

/** Publishes that arrive while no gateway is attached wait for one. */
function createAttachment() {
  let current: FieldHandler | null = null;
  let waiting = Promise.withResolvers<FieldHandler>();
  return {
    handle(publish: FieldPublish): Promise<void> {
      return current === null ? waiting.promise.then((handler) => handler(publish)) : current(publish);
    },
    attach(handler: FieldHandler): Disposable {
      if (current !== null) throw new Error('a gateway is attached already');
      current = handler;
      waiting.resolve(handler);
      return {
        [Symbol.dispose]() {
          current = null;
          waiting = Promise.withResolvers<FieldHandler>();
        },
      };
    },
  };
}

/** Acknowledged like any other, but nobody receives it: nobody may subscribe to this topic. */
function withhold(packet: PublishPacket): void {
  packet.topic = '$refused';
  packet.payload = Buffer.alloc(0);
  packet.retain = false;
}

/** What the connection itself says of a client. */
function originOf(client: Client): { readonly certificateName: string | null; readonly address: string } {
  const address = (client.conn as Socket).remoteAddress ?? '';
  return { certificateName: certificateName(client), address };
}

/** The common name of a certificate that our certificate authority has signed. */
function certificateName(client: Client): string | null {
  const socket = client.conn;
  if (!(socket instanceof TLSSocket) || !socket.authorized) return null;
  const name: unknown = socket.getPeerCertificate().subject?.CN;
  return typeof name === 'string' ? name : null;
}

async function listenAll(
  config: MqttConfig,
  accept: (socket: Socket) => void,
  refused: () => void,
): Promise<Server[]> {
  const servers: Server[] = [];
  try {
    servers.push(await listen(createServer(accept), config, { name: 'MQTT_PORT', port: config.port }));
    if (config.tls !== undefined) {
      const server = createTlsListener(config.tls, accept);
      servers.push(await listen(server, config, { name: 'MQTT_TLS_PORT', port: config.tls.port }));
    }
  } catch (error) {
    for (const server of servers) server.close();
    throw error;
  }
  for (const server of servers) {
    server.maxConnections = brokerLimits.connections;
    server.on('drop', refused);
  }
  return servers;
}

/** A renewed certificate is taken up without a restart. */
function renewCertificates(
  servers: readonly Server[],
  { config, clock, log }: EmbeddedBrokerOptions,
): AsyncDisposable | undefined {
  const server = servers.find((one) => one instanceof TlsServer);
  if (server === undefined || config.tls === undefined) return undefined;
  return followCertificates({ server, files: config.tls, clock, log });
}

function createTlsListener(tls: NonNullable<MqttConfig['tls']>, accept: (socket: Socket) => void): Server {
  const pair = { cert: readPem('MQTT_TLS_CERT', tls.certFile), key: readPem('MQTT_TLS_KEY', tls.keyFile) };
  // Asked for and not demanded: a device without a certificate has its password.
  const asked =
    tls.clientCaFile === undefined
      ? {}
      : { ca: readPem('MQTT_TLS_CLIENT_CA', tls.clientCaFile), requestCert: true, rejectUnauthorized: false };
  try {
    return createTlsServer({ ...pair, ...asked, minVersion: 'TLSv1.2' }, accept);
  } catch (error) {
    throw new ConfigError(
      `MQTT_TLS_CERT and MQTT_TLS_KEY are no certificate and key in PEM form that belong together (${(error as NodeJS.ErrnoException).code}).`,
    );
  }
}

function readPem(name: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new ConfigError(
      `${name} names ${file}, which cannot be read (${(error as NodeJS.ErrnoException).code}).`,
    );
  }
}

async function listen(
  server: Server,
  { host }: MqttConfig,
  { name, port }: { readonly name: string; readonly port: number },
): Promise<Server> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen({ host, port }, resolve);
  try {
    await promise;
  } catch (error) {
    throw new ConfigError(listenSentence(error as NodeJS.ErrnoException, `${host}:${port}`, name));
  }
  server.removeListener('error', reject);
  return server;
}

function listenSentence(error: NodeJS.ErrnoException, address: string, name: string): string {
  if (error.code === 'EADDRINUSE') {
    return `${name}: ${address} is used by another program; stop it, or set ${name} to a free port.`;
  }
  if (error.code === 'EACCES')
    return `${name}: this user may not listen on ${address}; choose a port above 1023.`;
  return `${name}: cannot listen on ${address} (${error.code}).`;
}
