import type { Clock } from '#infra/clock.ts';
import type { Log } from '#infra/log.ts';
import type { Packet, ReadingSink } from '#schemas/reading.ts';
import { ValuesPacket } from './packets.ts';

/**
 * Packets between a server that has been answered already and a store that may be slow or away: kept in order, tried
 * again, bounded. The OPC UA stack acknowledges on receipt, so what does not fit is lost, and is counted and told.
 */
export interface Pending extends AsyncDisposable {
  push(packet: Packet): void;
  /** Resolves when half of the room is free, or the gateway stops: what can wait at its source does. */
  room(): Promise<void>;
  counts(): PendingCounts;
}

export interface PendingCounts {
  readonly packetsCommitted: number;
  readonly packetsWaiting: number;
  readonly valuesWaiting: number;
  readonly valuesLost: number;
  /** Why the store does not take them; null while it does. */
  readonly trouble: string | null;
}

export const pendingLimits = {
  /** About 60 s of a server with 10,000 nodes that change every 6 s. */
  values: 100_000,
  /** Values offered to the store at once: a flush of each of its connections, since small ones cost it twice as much. */
  inFlightValues: 20_000,
  inFlightPackets: 4_000,
  retryFirstMs: 250,
  retryMostMs: 5_000,
  /** How long a stopping gateway goes on offering. */
  drainMs: 5_000,
} as const;

export interface PendingOptions {
  readonly sink: ReadingSink;
  readonly clock: Clock;
  readonly log: Log;
  /** Values kept at most. */
  readonly valuesMost?: number;
}

export function startPending(options: PendingOptions): Pending {
  const { sink, clock, log, valuesMost = pendingLimits.values } = options;
  const queue: Packet[] = [];
  let valuesWaiting = 0;
  let valuesLost = 0;
  let packetsCommitted = 0;
  let trouble: string | null = null;
  let wake = Promise.withResolvers<void>();
  const stop = new AbortController();

  let roomy = Promise.withResolvers<void>();
  const hasRoom = () => valuesWaiting * 2 <= valuesMost || stop.signal.aborted;
  const settleRoom = () => {
    if (!hasRoom()) return;
    roomy.resolve();
    roomy = Promise.withResolvers();
  };

  const offer = async (): Promise<boolean> => {
    const batch = queue.slice(0, batchLength(queue));
    const results = await Promise.allSettled(batch.map((packet) => sink.write(packet)));
    const refused = batch.filter((_, index) => results[index]?.status === 'rejected');
    queue.splice(0, batch.length, ...refused);
    packetsCommitted += batch.length - refused.length;
    valuesWaiting -= sumOf(batch) - sumOf(refused);
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined && trouble === null)
      log.warn({ err: failed.reason as Error }, 'the store is away; values wait');
    if (failed === undefined && trouble !== null) log.info({ waiting: queue.length }, 'the store is back');
    settleRoom();
    trouble = failed === undefined ? null : (failed.reason as Error).message;
    return failed === undefined;
  };
  const work = async (): Promise<void> => {
    let retryMs: number = pendingLimits.retryFirstMs;
    for (;;) {
      if (queue.length === 0) {
        if (stop.signal.aborted) return;
        await wake.promise;
        continue;
      }
      if (await offer()) {
        retryMs = pendingLimits.retryFirstMs;
        continue;
      }
      if (stop.signal.aborted) return;
      await clock.sleep(retryMs, stop.signal).catch(() => undefined);
      retryMs = Math.min(pendingLimits.retryMostMs, retryMs * 2);
    }
  };
  const working = work();
  return {
    push: (packet) => {
      const values = valuesOf(packet);
      if (valuesWaiting + values > valuesMost) {
        if (valuesLost === 0)
          log.error({ valuesMost }, 'no room for values while the store is away; values are lost');
        valuesLost += values;
        return;
      }
      queue.push(packet);
      valuesWaiting += values;
      wake.resolve();
      wake = Promise.withResolvers();
    },
    room: () => (hasRoom() ? Promise.resolve() : roomy.promise),
    counts: () => ({ packetsCommitted, packetsWaiting: queue.length, valuesWaiting, valuesLost, trouble }),
    async [Symbol.asyncDispose]() {
      stop.abort();
      settleRoom();
      wake.resolve();
      const done = new AbortController();
      const late = clock.sleep(pendingLimits.drainMs, done.signal).catch(() => undefined);
      await Promise.race([working, late]);
      done.abort();
      if (queue.length > 0) {
        valuesLost += valuesWaiting;
        log.error({ values: valuesWaiting }, 'stopped before the store took them; values are lost');
      }
    },
  };
}

/** How many of the first are offered together: at least one. */
function batchLength(queue: readonly Packet[]): number {
  let values = 0;
  let packets = 0;
  for (const packet of queue) {
    if (packets === pendingLimits.inFlightPackets) break;
    values += valuesOf(packet);
    if (packets > 0 && values > pendingLimits.inFlightValues) break;
    packets++;
  }
  return packets;
}

function valuesOf(packet: Packet): number {
  if (packet instanceof ValuesPacket) return packet.values;
  const { content } = packet;
  return content.kind === 'telemetry' ? content.samples.length + content.rejected.length : 1;
}

function sumOf(packets: readonly Packet[]): number {
  return packets.reduce((sum, packet) => sum + valuesOf(packet), 0);
}
