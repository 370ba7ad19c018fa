import type { ClientSession, ClientSubscription, OPCUAClient, UserIdentityInfo } from 'node-opcua';
import type { Clock } from '#infra/clock.ts';
import type { Log } from '#infra/log.ts';
import { opcuaLimits } from '#schemas/opcua.ts';
import type { OpcuaServer } from '#schemas/opcua.ts';
import type { Phrase } from '#schemas/phrases.ts';
import type { DeviceValues } from './columns.ts';
import type { ConditionEvent } from './condition.ts';
import type { HistoryRead } from './history.ts';
import type { Opcua } from './library.ts';

/** What the parts of a connection share. */

/** A time without subscription, epoch milliseconds. */
export interface ConnectionBreak {
  readonly fromMs: number;
  readonly toMs: number;
  /** The server kept our subscription, and so the values of that time, as far as its queues reached. */
  readonly bridged: boolean;
}

export interface ConnectionOptions {
  readonly server: OpcuaServer;
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Log;
  /** When an earlier connection to this server heard of it last: what came since is read back. */
  readonly lastSeenMs?: number | null;
  /** The values of one notification, those of a device in its order. */
  readonly onValues: (values: DeviceValues) => void;
  readonly onBreak: (gap: ConnectionBreak) => void;
  /** What the server's history has of a break; resolves when there is room for more. */
  readonly onHistory: (values: DeviceValues) => Promise<void>;
  /** After a break's history was read, as far as there was one. */
  readonly onHistoryRead: (read: HistoryRead) => void;
  /** Conditions, where the server is configured to be asked for them; see {@link ConditionEvent}. */
  readonly onCondition: (event: ConditionEvent) => void;
}

/** One attempt to be connected, from the first packet until nothing is left to repair. */
export interface Attempt extends ConnectionOptions {
  readonly opcua: Opcua;
  readonly identity: UserIdentityInfo;
  readonly state: { connected: boolean; trouble: Phrase | null; refusedNodes: string[] };
  readonly progress: {
    /** The last sign of life of a subscription, over all attempts. */
    lastSeenMs: number | null;
    /** Begin of the oldest break whose history was not read to its end. */
    unreadFromMs: number | null;
  };
  readonly signal: AbortSignal;
}

/** A connection that stands. */
export interface Line {
  readonly opcua: Opcua;
  readonly client: OPCUAClient;
  readonly session: ClientSession;
  readonly subscription: ClientSubscription;
  /** As they were when the nodes were subscribed. */
  readonly namespaces: readonly string[];
}

export const connectionLimits = {
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
