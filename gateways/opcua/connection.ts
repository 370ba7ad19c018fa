import type {
  ClientSession,
  ClientSubscription,
  OPCUACertificateManager,
  OPCUAClient,
  UserIdentityInfo,
} from 'node-opcua';
import type { Clock } from '#infra/clock.ts';
import type { Log } from '#infra/log.ts';
import { opcuaLimits, queueSizeOf } from '#schemas/opcua.ts';
import type { OpcuaNode, OpcuaServerConfig } from '#schemas/opcua.ts';
import type { OpcuaValue } from './decode.ts';
import { chunk, readGap } from './history.ts';
import type { HistoryRead } from './history.ts';
import { loadOpcua, plainDataValue } from './library.ts';
import type { Opcua } from './library.ts';
import { explain, openCertificates, readIdentity } from './security.ts';

/**
 * One connection to one server, kept up for as long as it lives. A short break is repaired by the library (the session
 * is activated again, the subscription transferred with what its queues hold, or made anew); after a long one, or
 * when the server came back with other namespaces, everything is built from the start.
 */
export interface NodeValue {
  readonly node: OpcuaNode;
  readonly raw: OpcuaValue;
}

/** A time without subscription, epoch milliseconds. */
export interface ConnectionBreak {
  readonly fromMs: number;
  readonly toMs: number;
  /** The server kept our subscription, and so the values of that time, as far as its queues reached. */
  readonly bridged: boolean;
}

export interface ConnectionOptions {
  readonly server: OpcuaServerConfig;
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Log;
  /** The values of one notification, in its order. */
  readonly onValues: (values: readonly NodeValue[]) => void;
  readonly onBreak: (gap: ConnectionBreak) => void;
  /** What the server's history has of a break; resolves when there is room for more. */
  readonly onHistory: (values: readonly NodeValue[]) => Promise<void>;
  /** After a break's history was read, as far as there was one. */
  readonly onHistoryRead: (read: HistoryRead) => void;
}

export interface ConnectionState {
  readonly connected: boolean;
  /** Why not, or nothing. */
  readonly trouble: string | null;
  /** Nodes that the server refused to monitor, with its reason. */
  readonly refusedNodes: readonly string[];
}

export interface Connection extends AsyncDisposable {
  state(): ConnectionState;
}

const connectionLimits = {
  retryFirstMs: 1_000,
  retryMostMs: 10_000,
  /** Nodes of one CreateMonitoredItems request. */
  itemsPerRequest: 500,
  /** The server says that it is alive at least so often. */
  keepAliveMs: 5_000,
  /** Silence after which nothing is left to repair. */
  silenceMs: 30_000,
  brokenMs: opcuaLimits.absenceMs,
  sessionMs: 120_000,
  watchMs: 1_000,
  closeMs: 3_000,
} as const;

/** Starts connecting; the server need not be there yet. @throws ConfigError when the password cannot be read */
export async function openConnection(options: ConnectionOptions): Promise<Connection> {
  const opcua = await loadOpcua(options.log);
  const identity = await readIdentity(opcua, options.server);
  // Our own key is made here once, not by several servers' first attempts at the same time.
  await (await openCertificates(opcua, options.dataDir)).dispose();
  const state = {
    connected: false,
    trouble: 'not connected yet' as string | null,
    refusedNodes: [] as string[],
  };
  const stop = new AbortController();
  const progress = { lastSeenMs: null as number | null, unreadFromMs: null as number | null };
  const attempt: Attempt = {
    ...options,
    opcua,
    identity,
    state,
    progress,
    signal: stop.signal,
  };
  const running = keepConnecting(attempt);
  return {
    state: () => ({ ...state }),
    async [Symbol.asyncDispose]() {
      stop.abort(new Error('the gateway stops'));
      await running;
    },
  };
}

interface Attempt extends ConnectionOptions {
  readonly opcua: Opcua;
  readonly identity: UserIdentityInfo;
  readonly state: { connected: boolean; trouble: string | null; refusedNodes: string[] };
  /** `lastSeenMs`: the last sign of life of a subscription, over all attempts. */
  readonly progress: {
    lastSeenMs: number | null;
    /** Begin of the oldest break whose history was not read to its end. */
    unreadFromMs: number | null;
  };
  readonly signal: AbortSignal;
}

async function keepConnecting(attempt: Attempt): Promise<void> {
  const { clock, log, state, signal, server } = attempt;
  let retryMs: number = connectionLimits.retryFirstMs;
  while (!signal.aborted) {
    const startedMs = clock.monotonicMs();
    const trouble = await connectOnce(attempt).catch((error: unknown) => explain(error));
    if (signal.aborted) return;
    if (state.trouble !== trouble)
      log.warn({ server: server.id }, `OPC UA server ${server.endpoint}: ${trouble}`);
    state.connected = false;
    state.trouble = trouble;
    if (clock.monotonicMs() - startedMs > connectionLimits.silenceMs) retryMs = connectionLimits.retryFirstMs;
    await clock.sleep(retryMs, signal).catch(() => undefined);
    retryMs = Math.min(connectionLimits.retryMostMs, retryMs * 2);
  }
}

/** Connects, subscribes, and stays until nothing is left to repair. @returns why it ended */
async function connectOnce(attempt: Attempt): Promise<string> {
  const { opcua, server, signal, clock } = attempt;
  // Opened anew each time: somebody may have trusted the server meanwhile.
  const certificates = await openCertificates(opcua, attempt.dataDir);
  const client = createClient(attempt, certificates);
  const ended = Promise.withResolvers<string>();
  const stopped = () => ended.resolve('stopped');
  signal.addEventListener('abort', stopped, { once: true });
  const establish = async (): Promise<Line> => {
    await client.connect(server.endpoint);
    const session = await client.createSession(attempt.identity);
    const namespaces = await session.readNamespaceArray();
    return { client, session, namespaces, subscription: await subscribe(attempt, session, namespaces) };
  };
  try {
    // A server that does not answer must not outlive our stop.
    const established = establish();
    established.catch(() => undefined);
    const line = await Promise.race([established, ended.promise]);
    if (typeof line === 'string') return line;
    using _ = watch(attempt, line, ended.resolve);
    return await ended.promise;
  } finally {
    signal.removeEventListener('abort', stopped);
    const closed = new AbortController();
    await Promise.race([
      client.disconnect().catch(() => undefined),
      clock.sleep(connectionLimits.closeMs, closed.signal).catch(() => undefined),
    ]);
    closed.abort();
    await certificates.dispose();
  }
}

function createClient({ opcua, server }: Attempt, certificates: OPCUACertificateManager): OPCUAClient {
  return opcua.OPCUAClient.create({
    applicationName: 'Parkwatch',
    clientName: `parkwatch-${server.id}`,
    clientCertificateManager: certificates,
    securityMode: opcua.MessageSecurityMode[server.securityMode],
    securityPolicy:
      server.securityMode === 'None'
        ? opcua.SecurityPolicy.None
        : opcua.SecurityPolicy[server.securityPolicy],
    // The server is known by the address it was configured with, whatever name it gives itself.
    endpointMustExist: false,
    keepSessionAlive: true,
    requestedSessionTimeout: connectionLimits.sessionMs,
    connectionStrategy: {
      initialDelay: connectionLimits.retryFirstMs,
      maxDelay: connectionLimits.retryMostMs,
      // The first connection is tried again by us; this only says that a lost one is repaired.
      maxRetry: 1,
    },
  });
}

interface Line {
  readonly client: OPCUAClient;
  readonly session: ClientSession;
  readonly subscription: ClientSubscription;
  /** As they were when the nodes were subscribed. */
  readonly namespaces: readonly string[];
}

async function subscribe(
  attempt: Attempt,
  session: ClientSession,
  namespaces: readonly string[],
): Promise<ClientSubscription> {
  const { server, state } = attempt;
  const publishing = server.publishingIntervalMs;
  const subscription = await session.createSubscription2({
    requestedPublishingInterval: publishing,
    requestedMaxKeepAliveCount: Math.max(1, Math.ceil(connectionLimits.keepAliveMs / publishing)),
    requestedLifetimeCount: Math.max(10, Math.ceil((2 * opcuaLimits.absenceMs) / publishing)),
    maxNotificationsPerPublish: 0,
    publishingEnabled: true,
    priority: 1,
  });
  const collect = collector(attempt);
  state.refusedNodes = [];
  const known = knownNodes(server, namespaces);
  for (const { nodeId } of server.nodes)
    if (indexedNodeId(nodeId, namespaces) === null)
      state.refusedNodes.push(`${nodeId}: the server has no such namespace`);
  const alike = Map.groupBy(known, ({ node }) => settingsKey(node));
  for (const some of [...alike.values()].flatMap((of) => chunk(of, connectionLimits.itemsPerRequest))) {
    await monitor(attempt, { subscription, some, collect });
  }
  return subscription;
}

function settingsKey({ samplingIntervalMs, queueSize, deadband }: OpcuaNode): string {
  return JSON.stringify([samplingIntervalMs, queueSize, deadband]);
}

/** Nodes whose namespace the server has, by its present indexes. */
function knownNodes(server: OpcuaServerConfig, namespaces: readonly string[]): KnownNode[] {
  return server.nodes.flatMap((node) => {
    const nodeId = indexedNodeId(node.nodeId, namespaces);
    return nodeId === null ? [] : [{ node, nodeId }];
  });
}

interface KnownNode {
  readonly node: OpcuaNode;
  readonly nodeId: string;
}

/** Monitors nodes of the same settings. */
async function monitor(
  { opcua, server, state }: Attempt,
  of: {
    readonly subscription: ClientSubscription;
    readonly some: readonly KnownNode[];
    readonly collect: (node: OpcuaNode, raw: OpcuaValue) => void;
  },
): Promise<void> {
  const { subscription, some, collect } = of;
  const first = some[0]?.node;
  const group = await subscription.monitorItems(
    some.map(({ nodeId }) => ({ nodeId, attributeId: opcua.AttributeIds.Value })),
    {
      samplingInterval: first?.samplingIntervalMs ?? server.samplingIntervalMs,
      queueSize: queueSizeOf(server, first),
      discardOldest: true,
      filter: new opcua.DataChangeFilter({
        trigger:
          opcua.DataChangeTrigger[server.trigger === 'timestamp' ? 'StatusValueTimestamp' : 'StatusValue'],
        deadbandType: opcua.DeadbandType[first?.deadband === undefined ? 'None' : 'Absolute'],
        deadbandValue: first?.deadband ?? 0,
      }),
    },
    opcua.TimestampsToReturn.Both,
  );
  group.on('changed', (_item, dataValue, index) => {
    const node = some[index]?.node;
    if (node !== undefined) collect(node, plainDataValue(opcua, dataValue));
  });
  group.monitoredItems.forEach((item, index) => {
    const { statusCode } = item;
    const node = some[index]?.node;
    if (statusCode !== undefined && statusCode.isNotGood() && node !== undefined) {
      state.refusedNodes.push(`${node.nodeId}: ${statusCode.name}`);
    }
  });
}

/** One notification is handed over item by item, all in one turn; the end of the turn is the end of it. */
function collector({ onValues }: Attempt): (node: OpcuaNode, raw: OpcuaValue) => void {
  let collected: NodeValue[] = [];
  return (node, raw) => {
    if (collected.length === 0) {
      queueMicrotask(() => {
        const values = collected;
        collected = [];
        onValues(values);
      });
    }
    collected.push({ node, raw });
  };
}

/** Follows a connection through its breaks and decides when to give it up. */
function watch(attempt: Attempt, line: Line, end: (why: string) => void): Disposable {
  const { client, session, subscription, namespaces } = line;
  const { state, progress, clock, log, server, onBreak, onHistoryRead } = attempt;
  let seenMs = clock.monotonicMs();
  let broken = false;
  let moved = false;
  let breakFromMs = progress.lastSeenMs;
  const seen = () => {
    seenMs = clock.monotonicMs();
    progress.lastSeenMs = clock.nowMs();
  };
  const up = (bridged: boolean) => {
    const fromMs = breakFromMs;
    breakFromMs = null;
    seen();
    broken = false;
    moved = false;
    state.connected = true;
    state.trouble = null;
    log.info(
      { nodes: server.nodes.length, refused: state.refusedNodes.length },
      `OPC UA server ${server.endpoint}: subscribed`,
    );
    if (fromMs === null) return;
    onBreak({ fromMs, toMs: clock.nowMs(), bridged });
    // What an earlier break left unread is read with this one.
    progress.unreadFromMs ??= fromMs;
    const readFromMs = progress.unreadFromMs;
    const gap = { fromMs: readFromMs, toMs: clock.nowMs(), bridged };
    // Bridged ones too: the server's queues may have overflowed.
    const nodes = knownNodes(server, namespaces);
    const readBack = async () => {
      const read = await readGap({ ...attempt, session, gap, nodes });
      if (!broken && progress.unreadFromMs === readFromMs) progress.unreadFromMs = null;
      onHistoryRead(read);
    };
    readBack().catch((error: Error) => {
      log.warn({ err: error }, `OPC UA server ${server.endpoint}: the gap could not be read from history`);
    });
  };
  const lost = () => {
    broken = true;
    breakFromMs ??= progress.lastSeenMs;
    state.connected = false;
    state.trouble = 'the connection is lost; reconnecting';
  };
  const repaired = async () => {
    // An index that now means another namespace would read another device.
    const now = await session.readNamespaceArray();
    const changed = server.nodes.some(
      ({ nodeId }) => indexedNodeId(nodeId, now) !== indexedNodeId(nodeId, namespaces),
    );
    if (changed) return end('the server came back with other namespaces');
    up(!moved);
  };

  client.on('connection_lost', lost);
  client.on('close', () => end('the server closed the connection'));
  session.on('session_restored', () => void repaired().catch((error: Error) => end(error.message)));
  session.on('session_closed', () => end('the server closed the session'));
  subscription.on('keepalive', seen).on('received_notifications', seen);
  subscription.on('subscriptionId_changed', () => (moved = true));
  subscription.on('terminated', () => end('the server ended the subscription'));
  const watching = clock.every(connectionLimits.watchMs, () => {
    const silentMs = clock.monotonicMs() - seenMs;
    if (silentMs > (broken ? connectionLimits.brokenMs : connectionLimits.silenceMs)) {
      end(`nothing heard for ${Math.round(silentMs / 1000)} s`);
    }
  });
  up(false);
  return watching;
}

/** `nsu=URI;s=x` as `ns=2;s=x` of this server; null when it has no such namespace. */
export function indexedNodeId(nodeId: string, namespaces: readonly string[]): string | null {
  const match = /^nsu=([^;]+);(.+)$/.exec(nodeId);
  if (match === null) return nodeId;
  const index = namespaces.indexOf(match[1] ?? '');
  return index < 0 ? null : `ns=${index};${match[2]}`;
}
