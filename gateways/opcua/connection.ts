import type { OPCUACertificateManager, OPCUAClient } from 'node-opcua';
import { refuseMetadata } from '#infra/metadata-address.ts';
import type { OpcuaServer } from '#schemas/opcua.ts';
import { inEnglish, say, sayText, type Phrase } from '#schemas/phrases.ts';
import { hearConditions } from './condition-feed.ts';
import { loadOpcua, type Opcua } from './library.ts';
import { connectionLimits, type Attempt, type ConnectionOptions, type Line } from './line.ts';
import { ownApplicationUri } from './own-certificate.ts';
import { explain, openCertificates, readIdentity } from './security.ts';
import { subscribe } from './subscribe.ts';
import { watch } from './watch.ts';

export interface ConnectionState {
  readonly connected: boolean;
  /** Why not, or nothing. */
  readonly trouble: Phrase | null;
  /** Nodes that the server refused to monitor, with its reason. */
  readonly refusedNodes: readonly string[];
  /** The last sign of life, epoch milliseconds; null before the first. */
  readonly lastSeenMs: number | null;
}

export interface Connection extends AsyncDisposable {
  state(): ConnectionState;
  /** What stands now, to ask the server for something; null while it is not connected. */
  line(): Line | null;
}

/**
 * One connection to one server, kept up for as long as it lives; the server need not be there yet. A short break is
 * repaired by the library (the session is activated again, the subscription transferred with what its queues hold, or
 * made anew); after a long one, or when the server came back with other namespaces, everything is built from the start.
 * @throws ConfigError when the login's files cannot be read
 */
export async function openConnection(options: ConnectionOptions): Promise<Connection> {
  const opcua = await loadOpcua(options.log);
  const identity = await readIdentity(opcua, options.server);
  // Our own key is made here once, not by several servers' first attempts at the same time.
  await (await openCertificates(opcua, options)).dispose();
  const state = {
    connected: false,
    trouble: say('not-connected-yet') as Phrase | null,
    refusedNodes: [] as string[],
  };
  const stop = new AbortController();
  const progress = { lastSeenMs: options.lastSeenMs ?? null, unreadFromMs: null as number | null };
  const attempt: Attempt = { ...options, opcua, identity, state, progress, signal: stop.signal };
  const standing = { line: null as Line | null };
  const running = keepConnecting(attempt, standing);
  return {
    // What was not read to its end is read again by whoever goes on from here.
    state: () => ({ ...state, lastSeenMs: progress.unreadFromMs ?? progress.lastSeenMs }),
    line: () => (state.connected ? standing.line : null),
    async [Symbol.asyncDispose]() {
      stop.abort(new Error('the gateway stops'));
      await running;
    },
  };
}

async function keepConnecting(attempt: Attempt, standing: { line: Line | null }): Promise<void> {
  const { clock, log, state, signal, server } = attempt;
  let retryMs: number = connectionLimits.retryFirstMs;
  while (!signal.aborted) {
    const startedMs = clock.monotonicMs();
    const trouble = await connectOnce(attempt, standing).catch((error: unknown) => explain(error));
    standing.line = null;
    if (signal.aborted) return;
    const text = inEnglish(trouble);
    if (state.trouble === null || inEnglish(state.trouble) !== text)
      log.warn({ server: server.id }, `OPC UA server ${server.endpoint}: ${text}`);
    state.connected = false;
    state.trouble = trouble;
    if (clock.monotonicMs() - startedMs > connectionLimits.silenceMs) retryMs = connectionLimits.retryFirstMs;
    await clock.sleep(retryMs, signal).catch(() => undefined);
    retryMs = Math.min(connectionLimits.retryMostMs, retryMs * 2);
  }
}

/** Connects, subscribes, and stays until nothing is left to repair. @returns why it ended */
async function connectOnce(attempt: Attempt, standing: { line: Line | null }): Promise<Phrase> {
  const { opcua, server, signal, clock } = attempt;
  // Opened anew each time: somebody may have trusted the server meanwhile.
  const certificates = await openCertificates(opcua, attempt);
  const applicationUri = await ownApplicationUri(attempt.dataDir);
  const client = createClient(opcua, server, { certificates, applicationUri });
  const ended = Promise.withResolvers<Phrase>();
  const stopped = () => ended.resolve(sayText('stopped'));
  signal.addEventListener('abort', stopped, { once: true });
  // It may have come while the certificates were opened.
  if (signal.aborted) stopped();
  try {
    // A server that does not answer must not outlive our stop.
    const established = establish(attempt, client);
    established.catch(() => undefined);
    const line = await Promise.race([established, ended.promise]);
    if ('code' in line) return line;
    standing.line = line;
    const conditions = await hearConditions(attempt, line);
    using _ = watch(attempt, line, { end: ended.resolve, onUp: conditions.refresh });
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

async function establish(attempt: Attempt, client: OPCUAClient): Promise<Line> {
  const { opcua, server } = attempt;
  await connectClient(client, server.endpoint);
  const session = await client.createSession(attempt.identity);
  const namespaces = await session.readNamespaceArray();
  const subscription = await subscribe(attempt, session, namespaces);
  return { opcua, client, session, namespaces, subscription };
}

/**
 * Connects; never to where a cloud tells its machines secrets, whoever configured that as a server.
 * @throws Error in the library's words, or ours
 */
export async function connectClient(client: OPCUAClient, endpoint: string): Promise<void> {
  // As the library reads it: numbers are another spelling of an address only where the scheme is a known one.
  await refuseMetadata(new URL(endpoint.replace(/^opc\.tcp:/, 'http:')).hostname);
  await client.connect(endpoint);
}

/** A client with the server's settings, not connected yet. */
export function createClient(
  opcua: Opcua,
  server: Pick<OpcuaServer, 'id' | 'securityMode' | 'securityPolicy'>,
  own: {
    readonly certificates: OPCUACertificateManager;
    readonly applicationUri: string | undefined;
  },
): OPCUAClient {
  return opcua.OPCUAClient.create({
    applicationName: 'Parkwatch',
    clientName: `parkwatch-${server.id}`,
    ...(own.applicationUri === undefined ? {} : { applicationUri: own.applicationUri }),
    clientCertificateManager: own.certificates,
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
