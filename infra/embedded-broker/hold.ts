import type { Client, PublishPacket } from 'aedes';
import { createAckQueue, type AckQueue } from '../ack-queue.ts';
import type { Clock } from '../clock.ts';
import { isWill, pauseReading, readOn, resumeReading, writeTo } from './aedes-internals.ts';
import { encodePubacks, type RawPublish } from './publish-reader.ts';

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
 * connection that sends more does. Once a good deal is held, a connection's window is narrow: more than keeps the store
 * busy only takes memory. While nothing of a connection is acknowledged it is wider again: those that send much wait by
 * then, and those that send little stay connected through a long stall. What we hold unread stays in TCP and in the device.
 */
export const holdLimits = {
  packetsPerConnection: 1_000,
  bytesPerConnection: 2 * 1024 * 1024,
  bytesTotal: 128 * 1024 * 1024,
  /** From here on the narrow window holds. */
  bytesBusy: 12 * 1024 * 1024,
  bytesPerConnectionBusy: 160 * 1024,
  bytesPerConnectionStalled: 512 * 1024,
  /** For how long a connection has held something and nothing of it was acknowledged, then the store stands still. */
  stalledMs: 2_000,
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
  /** The same for a publish at QoS 1 that did not pass through the broker: it is acknowledged here, then `done`. */
  takeRaw(client: Client, publish: RawPublish, held: Held): void;
  status(): HoldStatus;
}

interface Connection {
  readonly client: Client;
  readonly queue: AckQueue;
  packets: number;
  bytes: number;
  paused: boolean;
  /** When it last held nothing, or something of it was acknowledged; monotonic ms. */
  movedMs: number;
  readScheduled: boolean;
  /** Packet ids whose PUBACK leaves with the next write. */
  acks: number[];
}

export function createHold(handle: FieldHandler, clock: Pick<Clock, 'monotonicMs'>): Hold {
  const connectionOf = createConnections();
  const paused = new Set<Connection>();
  const total = { packets: 0, bytes: 0, wills: 0, willsDropped: 0 };
  let isResumeDue = false;

  const hasRoom = ({ packets, bytes, movedMs }: Connection, share: number, nowMs: number): boolean => {
    if (packets >= holdLimits.packetsPerConnection * share) return false;
    if (total.bytes <= holdLimits.bytesBusy) return bytes < holdLimits.bytesPerConnection * share;
    const isStalled = nowMs - movedMs >= holdLimits.stalledMs;
    const { bytesPerConnectionBusy, bytesPerConnectionStalled } = holdLimits;
    return bytes < (isStalled ? bytesPerConnectionStalled : bytesPerConnectionBusy) * share;
  };

  const resumeWhatFits = () => {
    isResumeDue = false;
    const nowMs = clock.monotonicMs();
    if (total.bytes > holdLimits.bytesTotal / 2) return;
    for (const connection of paused) {
      if (connection.client.closed) paused.delete(connection);
      else if (hasRoom(connection, 0.5, nowMs)) {
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

  const hold = (
    connection: Connection,
    publish: FieldPublish,
    way: Pick<Held, 'until'> & { release(): void },
  ) => {
    const bytes = holdLimits.bytesPerPacket + holdLimits.bytesPerPayloadByte * publish.bytes.length;
    const nowMs = clock.monotonicMs();
    if (connection.packets === 0) connection.movedMs = nowMs;
    connection.packets++;
    connection.bytes += bytes;
    total.packets++;
    total.bytes += bytes;
    const settle = connection.queue.push(() => way.release());
    if (!connection.paused && !(hasRoom(connection, 1, nowMs) && total.bytes <= holdLimits.bytesTotal)) {
      connection.paused = true;
      paused.add(connection);
      pauseReading(connection.client);
    }
    const handled = handle(publish);
    const { until } = way;
    whenHandled(until === null ? handled : handled.then(() => until), () => {
      connection.packets--;
      connection.bytes -= bytes;
      total.packets--;
      total.bytes -= bytes;
      connection.movedMs = clock.monotonicMs();
      settle();
      if (paused.size === 0 || isResumeDue) return;
      // A flush settles many at once: all paused connections are looked at once.
      isResumeDue = true;
      process.nextTick(resumeWhatFits);
    });
  };

  const takePublish = (client: Client, packet: PublishPacket, held: Held) => {
    const connection = connectionOf(client);
    const release = () => {
      // What was acknowledged before has to leave before.
      writeAcks(connection);
      if (!client.closed) held.done();
    };
    hold(connection, toFieldPublish(packet, held, false), { until: held.until, release });
    if (!connection.paused) scheduleRead(connection);
  };

  const takeRaw = (client: Client, { topic, payload, packetId }: RawPublish, held: Held) => {
    const connection = connectionOf(client);
    const release = () => {
      if (client.closed) return;
      // A flush releases many at once: they leave in one write.
      if (connection.acks.push(packetId) === 1) process.nextTick(writeAcks, connection);
      held.done();
    };
    const { clientId, deniedTo, until } = held;
    hold(connection, { topic, bytes: payload, qos: 1, clientId, will: false, deniedTo }, { until, release });
  };

  return {
    take(client, packet, held) {
      if (client === null || isWill(client, packet)) takeWill(packet, held);
      else takePublish(client, packet, held);
    },
    takeRaw,
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
    const fresh: Connection = {
      client,
      queue,
      packets: 0,
      bytes: 0,
      paused: false,
      movedMs: 0,
      readScheduled: false,
      acks: [],
    };
    known.set(client, fresh);
    return fresh;
  };
}

function writeAcks(connection: Connection): void {
  if (connection.acks.length === 0) return;
  writeTo(connection.client, encodePubacks(connection.acks));
  connection.acks = [];
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
