import type { Clock } from '#infra/clock.ts';
import type { Log } from '#infra/log.ts';
import type { AlarmAcknowledger, OpenReported } from '#schemas/alarm-reported.ts';
import type { OpcuaFigures } from '#schemas/api/opcua.ts';
import type { Gateway } from '#schemas/gateway.ts';
import type { OpcuaServer } from '#schemas/opcua.ts';
import type { ReadingSink } from '#schemas/reading.ts';
import { passAcknowledgement } from './acknowledge.ts';
import type { DeviceValues } from './columns.ts';
import { createConditionBook, keyPrefix, type ConditionBook, type ConditionEvent } from './condition.ts';
import { openConnection } from './connection.ts';
import type { HistoryRead } from './history.ts';
import type { ConnectionBreak, Line } from './line.ts';
import { eventPacket, packetsOf } from './packets.ts';
import { startPending, type Pending } from './pending.ts';
import { hasOverflowed } from './quality.ts';
import { createRate } from './rate.ts';
import { describeBreak, describeHistory, statusOf, type OpcuaGatewayStatus } from './status.ts';

export interface OpcuaGatewayOptions {
  readonly server: OpcuaServer;
  readonly sink: ReadingSink;
  readonly clock: Clock;
  readonly log: Log;
  /** Certificates and trust list are kept below it, in `opcua/pki`. */
  readonly dataDir: string;
  /** Where the server is configured. */
  readonly origin?: OpcuaFigures['origin'];
  /** When an earlier gateway heard of this server last: what came since is read back. */
  readonly lastSeenMs?: number | null;
  /** Alarms of devices that are active here; where there is a store to ask. */
  readonly openReported?: OpenReported | undefined;
  /** Values kept while the store is away. */
  readonly pendingValuesMost?: number;
}

export interface OpcuaGateway extends Gateway {
  readonly server: OpcuaServer;
  status(): OpcuaGatewayStatus;
  /** The connection that stands, to ask the server for something; null while there is none. */
  line(): Line | null;
  /** The last sign of life of the server; null before the first. */
  lastSeenMs(): number | null;
  readonly acknowledge: AlarmAcknowledger;
}

/**
 * Starts reading one configured server; it need not be there yet, we keep trying. Initial values after each
 * (re)connection come as ordinary readings.
 * @throws ConfigError when the password file cannot be read
 */
export async function startOpcuaGateway(options: OpcuaGatewayOptions): Promise<OpcuaGateway> {
  const { server, sink, clock, log, dataDir, pendingValuesMost, lastSeenMs = null } = options;
  if (server.securityMode === 'None') {
    log.warn(
      { server: server.id },
      `OPC UA server ${server.endpoint}: configured without security, all is sent in clear`,
    );
  }
  const counts = {
    overflows: 0,
    lastBreak: null as ConnectionBreak | null,
    lastHistory: null as HistoryRead | null,
  };
  const rate = createRate(clock);
  const pending = startPending({
    sink,
    clock,
    log,
    ...(pendingValuesMost === undefined ? {} : { valuesMost: pendingValuesMost }),
  });
  const push = (values: DeviceValues) => {
    rate.add(values.count);
    for (const packet of packetsOf(values, { server, receivedAtMs: clock.nowMs() })) pending.push(packet);
  };
  const conditions = server.alarms === undefined ? null : createConditionBook(server.id, server.alarms);
  const connection = await openConnection({
    server,
    dataDir,
    clock,
    log,
    lastSeenMs,
    onValues: (values) => {
      for (const { statusCodes } of values.byDevice.values())
        for (const code of statusCodes) if (hasOverflowed(code)) counts.overflows += 1;
      push(values);
    },
    onHistory: async (values) => {
      await pending.room();
      push(values);
    },
    onHistoryRead: (read) => {
      counts.lastHistory = read;
      log.info({ ...read }, `OPC UA server ${server.endpoint}: ${describeHistory(read)}`);
    },
    onBreak: (gap) => {
      counts.lastBreak = gap;
      counts.lastHistory = null;
      log.warn({ ...gap }, `OPC UA server ${server.endpoint}: ${describeBreak(gap)}`);
    },
    onCondition: (event) => {
      if (conditions !== null) takeCondition({ ...options, book: conditions, pending }, event);
    },
  }).catch(async (error: unknown) => {
    await pending[Symbol.asyncDispose]();
    throw error;
  });
  return {
    server,
    status: () =>
      statusOf(server, {
        connection: connection.state(),
        pending: pending.counts(),
        origin: options.origin ?? 'file',
        valuesPerSecond: rate.perSecond(),
        conditions: conditions?.counts() ?? null,
        ...counts,
      }),
    line: () => connection.line(),
    lastSeenMs: () => connection.state().lastSeenMs,
    acknowledge: (acknowledgement) =>
      conditions === null
        ? Promise.resolve(false)
        : passAcknowledgement({ server, book: conditions, line: connection.line(), log }, acknowledgement),
    async [Symbol.asyncDispose]() {
      await connection[Symbol.asyncDispose]();
      await pending[Symbol.asyncDispose]();
    },
  };
}

/** What a condition tells goes the way of every event; after a refresh also what the server tells of no more. */
function takeCondition(
  options: OpcuaGatewayOptions & { readonly book: ConditionBook; readonly pending: Pending },
  event: ConditionEvent,
): void {
  const { server, clock, log, book, pending, openReported } = options;
  const receivedAtMs = clock.nowMs();
  const push = (reported: ReturnType<ConditionBook['take']>) => {
    for (const one of reported) pending.push(eventPacket(one, { server, receivedAtMs }));
  };
  push(book.take(event, receivedAtMs));
  if (event.kind !== 'refresh-end' || openReported === undefined) return;
  openReported(keyPrefix(server.id)).then(
    (open) => push(book.refreshed(open, receivedAtMs)),
    (error: unknown) =>
      log.warn({ err: error, server: server.id }, 'alarms that ended meanwhile stay until the next refresh'),
  );
}
