import type { Clock } from '#infra/clock.ts';
import { coalesce } from '#infra/coalesce.ts';
import { readConfigFile } from '#infra/config-file.ts';
import { followConfigFile } from '#infra/followed-file.ts';
import type { Log } from '#infra/log.ts';
import type { NameLeases } from '#infra/name-leases.ts';
import type { AlarmAcknowledger, OpenReported } from '#schemas/alarm-reported.ts';
import type { OpcuaFigures } from '#schemas/api/opcua.ts';
import type { Gateway } from '#schemas/gateway.ts';
import { opcuaLimits, type OpcuaServer } from '#schemas/opcua.ts';
import { sayText } from '#schemas/phrases.ts';
import type { ReadingSink } from '#schemas/reading.ts';
import { readOpcuaConfig } from './config.ts';
import { startOpcuaGateway, type OpcuaGateway } from './gateway.ts';
import { opcuaSource } from './packets.ts';
import { statusOf } from './status.ts';

/** Servers that are kept elsewhere. */
export interface SavedOpcuaServers {
  value(): readonly OpcuaServer[];
  onChange(listener: () => void): Disposable;
}

export interface OpcuaServersOptions {
  /** PARK_CONFIG_FILE; undefined: none of a file. */
  readonly file: string | undefined;
  /** What people saved through the API; absent where there is no database. */
  readonly saved?: SavedOpcuaServers | undefined;
  readonly sink: ReadingSink;
  readonly clock: Clock;
  readonly log: Log;
  readonly dataDir: string;
  readonly openReported?: OpenReported | undefined;
  /** When a source was heard of last by whoever read it before, epoch milliseconds; asked when its reading begins. */
  readonly lastSeenMs?: ((source: string) => Promise<number | null>) | undefined;
  /** Of several processes one reads a server; absent: there is no other. */
  readonly leases?: NameLeases | undefined;
  /** Told of all servers before they are read, also after each change. */
  readonly onServers?: ((servers: readonly OpcuaServer[]) => Promise<void>) | undefined;
}

/** The gateways of all configured servers, as they are configured now. */
export interface OpcuaServers extends AsyncDisposable {
  /** Those of servers that cannot be read as they are configured, too. */
  gateways(): readonly Gateway[];
  /** Passes an acknowledgement on through the server that it belongs to. */
  readonly acknowledge: AlarmAcknowledger;
  find(serverId: string): OpcuaGateway | undefined;
  /** Whether another process of the park reads the server, and we would if it were gone. */
  isElsewhere(serverId: string): boolean;
  /** Takes up a server that nobody configured: the simulated park's. */
  add(server: OpcuaServer): Promise<void>;
}

interface Wanted {
  readonly server: OpcuaServer;
  readonly origin: OpcuaFigures['origin'];
}

interface Running extends Wanted {
  /** Undefined when it cannot be started as it is configured. */
  readonly gateway: OpcuaGateway | undefined;
  /** Why not. */
  readonly error: Error | null;
}

/**
 * Reads the configured servers and follows their configuration: a change of the file is in force within 2 s, one in the
 * database at once; only the servers that changed are connected anew. A file with faults changes nothing until it is mended.
 * @throws ConfigError at the start
 */
export async function openOpcuaServers(options: OpcuaServersOptions): Promise<OpcuaServers> {
  const { file, saved, clock, log, leases } = options;
  const text = file === undefined ? '' : readConfigFile(file);
  let ofFile: readonly OpcuaServer[] = file === undefined ? [] : readOpcuaConfig(file, text);
  const ofProgram: OpcuaServer[] = [];
  const running = new Map<string, Running>();
  let elsewhere: ReadonlySet<string> = new Set();
  let stopped = false;
  const reconcile = coalesce(async () => {
    const wanted = wantedOf({ file: ofFile, saved: saved?.value() ?? [], program: ofProgram });
    if (stopped) wanted.clear();
    else await tell(options, wanted);
    if (!stopped) await leases?.want([...wanted.keys()]);
    elsewhere = new Set([...wanted.keys()].filter((id) => leases?.holds(id) === false));
    for (const id of elsewhere) wanted.delete(id);
    await follow(options, { running, wanted });
    // Handed on only now that nothing is read any more.
    if (stopped) await leases?.want([]);
  });
  const changed = () =>
    void reconcile().catch((error: unknown) =>
      log.error({ err: error }, 'OPC UA: the change is not in force'),
    );
  const followingSaved = saved?.onChange(changed);
  const followingLeases = leases?.onChange(changed);
  const followingFile =
    file === undefined
      ? undefined
      : followConfigFile({
          file,
          text,
          clock,
          onNews: (news) => {
            const read = news.ok ? tryRead(file, news.text) : news.reason;
            if (typeof read === 'string') {
              log.error(`OPC UA: the changed file is not in force: ${read}`);
              return;
            }
            ofFile = read;
            changed();
          },
        });
  const servers: OpcuaServers = {
    gateways: () => [...running.values()].map((one) => one.gateway ?? brokenGateway(one)),
    async acknowledge(acknowledgement) {
      for (const { gateway } of running.values())
        if (gateway !== undefined && (await gateway.acknowledge(acknowledgement))) return true;
      return false;
    },
    find: (serverId) => running.get(serverId)?.gateway,
    isElsewhere: (serverId) => elsewhere.has(serverId),
    async add(server) {
      ofProgram.push(server);
      await reconcile();
    },
    async [Symbol.asyncDispose]() {
      stopped = true;
      followingSaved?.[Symbol.dispose]();
      followingLeases?.[Symbol.dispose]();
      await followingFile?.[Symbol.asyncDispose]();
      await reconcile();
    },
  };
  await reconcile();
  const wrong = [...running.values()].find(({ origin, error }) => origin === 'file' && error !== null);
  if (wrong !== undefined) {
    await servers[Symbol.asyncDispose]();
    throw wrong.error;
  }
  return servers;
}

function tryRead(file: string, text: string): readonly OpcuaServer[] | string {
  try {
    return readOpcuaConfig(file, text);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Of one id the file has the word: who runs the machine decides over who uses it. */
function wantedOf(
  given: Readonly<Record<OpcuaFigures['origin'], readonly OpcuaServer[]>>,
): Map<string, Wanted> {
  const wanted = new Map<string, Wanted>();
  for (const origin of ['program', 'saved', 'file'] as const)
    for (const server of given[origin]) wanted.set(server.id, { server, origin });
  return wanted;
}

async function tell(
  { onServers, log }: OpcuaServersOptions,
  wanted: ReadonlyMap<string, Wanted>,
): Promise<void> {
  await onServers?.([...wanted.values()].map(({ server }) => server)).catch((error: unknown) =>
    log.warn({ err: error }, 'OPC UA: the methods of the servers could not be noted'),
  );
}

/** Stops what is wanted no more or otherwise, and starts what is. */
async function follow(
  options: OpcuaServersOptions,
  { running, wanted }: { readonly running: Map<string, Running>; readonly wanted: Map<string, Wanted> },
): Promise<void> {
  const seen = new Map<string, number | null>();
  const stops = [...running].filter(([id, one]) => !isSame(one, wanted.get(id)));
  await Promise.all(
    stops.map(async ([id, { gateway }]) => {
      await gateway?.[Symbol.asyncDispose]();
      if (gateway !== undefined) seen.set(id, gateway.lastSeenMs());
      running.delete(id);
    }),
  );
  const starts = [...wanted].filter(([id]) => !running.has(id));
  await Promise.all(
    starts.map(async ([id, { server, origin }]) => {
      const { sink, clock, log, dataDir, openReported } = options;
      const seenMs = seen.get(id) ?? (await lastSeenOf(options, id));
      const lastSeenMs = seenMs === null ? null : Math.max(seenMs, clock.nowMs() - opcuaLimits.historyMs);
      try {
        const gateway = await startOpcuaGateway({
          server,
          origin,
          sink,
          clock,
          log,
          dataDir,
          openReported,
          lastSeenMs,
        });
        running.set(id, { server, origin, gateway, error: null });
      } catch (error) {
        const failure = error instanceof Error ? error : new Error(String(error));
        log.error({ err: failure, server: id }, 'an OPC UA server cannot be read as it is configured');
        running.set(id, { server, origin, gateway: undefined, error: failure });
      }
    }),
  );
}

/** Not knowing it costs the gap before this start, and nothing more. */
async function lastSeenOf({ lastSeenMs, log }: OpcuaServersOptions, id: string): Promise<number | null> {
  try {
    return (await lastSeenMs?.(opcuaSource(id))) ?? null;
  } catch (error) {
    log.warn({ err: error, server: id }, 'nobody knows when this server was read last');
    return null;
  }
}

function isSame(one: Wanted, other: Wanted | undefined): boolean {
  return (
    other !== undefined &&
    one.origin === other.origin &&
    JSON.stringify(one.server) === JSON.stringify(other.server)
  );
}

const nothingPending = {
  packetsCommitted: 0,
  packetsWaiting: 0,
  valuesWaiting: 0,
  valuesLost: 0,
  trouble: null,
};

/** Tells why it reads nothing. */
function brokenGateway({ server, origin, error }: Running): Gateway {
  const trouble = error === null ? null : sayText(error.message);
  return {
    status: () =>
      statusOf(server, {
        connection: { connected: false, trouble, refusedNodes: [], lastSeenMs: null },
        pending: nothingPending,
        origin,
        valuesPerSecond: 0,
        conditions: null,
        overflows: 0,
        lastBreak: null,
        lastHistory: null,
      }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
