import type { Client, PublishPacket } from 'aedes';
import { createAckQueue, type AckQueue } from '../ack-queue.ts';
import { isWill, pauseReading, readOn, resumeReading } from './aedes-internals.ts';

/** A publish on a field topic, in the form the gateway takes it. */
export interface FieldPublish {
  readonly topic: string;
  readonly bytes: Uint8Array;
  readonly qos: 0 | 1 | 2;
  /** The client that sent it, for logs; null for a last will whose client is unknown. */
  readonly clientId: string | null;
  /** True for a last will: the broker sends it, nobody waits for it. */
  readonly will: boolean;
  /** Whose credential does not cover the topic: to be refused and booked; null when it does. */
  readonly deniedTo: string | null;
}

/** Resolves when the publish is durable or refused; until then its acknowledgement is held. It never rejects. */
export type FieldHandler = (publish: FieldPublish) => Promise<void>;

/**
 * How much may be held before reading stops. A connection beyond its own window waits alone; beyond the total, every
 * connection that sends more does. What we hold unread stays in TCP and in the device.
 */
export const holdLimits = {
  packetsPerConnection: 1_000,
  bytesPerConnection: 2 * 1024 * 1024,
  bytesTotal: 128 * 1024 * 1024,
  /** Estimate of what a held packet takes in memory: its objects, and its payload as bytes, text and samples. */
  bytesPerPacket: 1_024,
  bytesPerPayloadByte: 6,
  wills: 10_000,
} as const;

export interface HoldStatus {
  readonly packets: number;
  /** Of memory, estimated. */
  readonly bytes: number;
  readonly pausedConnections: number;
  /** Last wills that could not be held. */
  readonly willsDropped: number;
}

/** What the broker knows of a publish beside its packet. */
export interface Held extends Pick<FieldPublish, 'clientId' | 'deniedTo'> {
  /** The acknowledgement waits for this, too: the sender is faster than its rate. */
  readonly until: Promise<void> | null;
  /** Lets the broker go on: acknowledge, then forward to subscribers. Never called for a closed connection. */
  done(): void;
}

/** Holds the acknowledgements of field publishes until their handler resolves, and bounds what is held. */
export interface Hold {
  take(client: Client | null, packet: PublishPacket, held: Held): void;
  status(): HoldStatus;
}

interface Connection {
  readonly client: Client;
  readonly queue: AckQueue;
  packets: number;
  bytes: number;
  paused: boolean;
  readScheduled: boolean;
}

export function createHold(handle: FieldHandler): Hold {
  const connectionOf = createConnections();
  const paused = new Set<Connection>();
  const total = { packets: 0, bytes: 0, wills: 0, willsDropped: 0 };

  const resumeWhatFits = () => {
    if (total.bytes > holdLimits.bytesTotal / 2) return;
    for (const connection of paused) {
      if (connection.client.closed) paused.delete(connection);
      else if (hasRoom(connection, 0.5)) {
        paused.delete(connection);
        connection.paused = false;
        resumeReading(connection.client);
      }
    }
  };

  const takeWill = (packet: PublishPacket, held: Held) => {
    if (total.wills >= holdLimits.wills) {
      total.willsDropped++;
      return held.done();
    }
    total.wills++;
    whenHandled(handle(toFieldPublish(packet, held, true)), () => {
      total.wills--;
      held.done();
    });
  };

  const takePublish = (client: Client, packet: PublishPacket, held: Held) => {
    const connection = connectionOf(client);
    const bytes = holdLimits.bytesPerPacket + holdLimits.bytesPerPayloadByte * packet.payload.length;
    connection.packets++;
    connection.bytes += bytes;
    total.packets++;
    total.bytes += bytes;
    const settle = connection.queue.push(() => {
      if (!client.closed) held.done();
    });
    if (!connection.paused && !(hasRoom(connection, 1) && total.bytes <= holdLimits.bytesTotal)) {
      connection.paused = true;
      paused.add(connection);
      pauseReading(client);
    } else if (!connection.paused) scheduleRead(connection);
    const handled = handle(toFieldPublish(packet, held, false));
    const { until } = held;
    whenHandled(until === null ? handled : handled.then(() => until), () => {
      connection.packets--;
      connection.bytes -= bytes;
      total.packets--;
      total.bytes -= bytes;
      settle();
      if (paused.size > 0) resumeWhatFits();
    });
  };

  return {
    take(client, packet, held) {
      if (client === null || isWill(client, packet)) takeWill(packet, held);
      else takePublish(client, packet, held);
    },
    status: () => ({
      packets: total.packets,
      bytes: total.bytes,
      pausedConnections: paused.size,
      willsDropped: total.willsDropped,
    }),
  };
}

function createConnections(): (client: Client) => Connection {
  const known = new WeakMap<Client, Connection>();
  return (client) => {
    const found = known.get(client);
    if (found !== undefined) return found;
    const queue = createAckQueue();
    const fresh = { client, queue, packets: 0, bytes: 0, paused: false, readScheduled: false };
    known.set(client, fresh);
    return fresh;
  };
}

function hasRoom(connection: Connection, share: number): boolean {
  return (
    connection.packets < holdLimits.packetsPerConnection * share &&
    connection.bytes < holdLimits.bytesPerConnection * share
  );
}

/** A handler never rejects; were it to, the acknowledgement stays held and the process hears of the bug. */
function whenHandled(handled: Promise<void>, then: () => void): void {
  // oxlint-disable-next-line promise/catch-or-return, promise/always-return
  void handled.then(then);
}

/** Once per chunk, after aedes has parsed all of it. */
function scheduleRead(connection: Connection): void {
  if (connection.readScheduled) return;
  connection.readScheduled = true;
  setImmediate(() => {
    connection.readScheduled = false;
    if (!connection.paused && !connection.client.closed) readOn(connection.client);
  });
}

function toFieldPublish(packet: PublishPacket, { clientId, deniedTo }: Held, will: boolean): FieldPublish {
  const bytes = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
  return { topic: packet.topic, bytes, qos: packet.qos, clientId, will, deniedTo };
}
