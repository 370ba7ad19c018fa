import type { Clock } from '#infra/clock.ts';
import type { Log } from '#infra/log.ts';
import { say } from '#schemas/phrases.ts';
import type { Packet, PacketContent, ReadingSink } from '#schemas/reading.ts';
import { parseFieldTopic } from '#schemas/topics.ts';
import { NativePacket, type Received } from './native-packet.ts';
import { createPersist } from './persist.ts';

export interface Arrival {
  readonly topic: string;
  readonly bytes: Uint8Array;
  /** True when nobody waits for an acknowledgement: QoS 0, a last will. */
  readonly unacknowledged: boolean;
  /** The sender's MQTT client id, where the broker tells it. */
  readonly clientId?: string | null | undefined;
  /** Whose credential does not cover the topic; null or absent when it does. */
  readonly deniedTo?: string | null | undefined;
}

/** What a message means; one that speaks of several devices is that many packets. Never empty. */
export type ReadMessage = (message: Arrival & { readonly receivedAtMs: number }) => readonly {
  readonly deviceId: string | null;
  readonly content: PacketContent;
}[];

export interface IntakeCounts {
  readonly received: number;
  /** Committed or refused, where somebody waited for it. */
  readonly acknowledged: number;
  readonly unacknowledged: number;
  readonly waiting: number;
}

/** The part that every way in shares: bytes -> packets -> sink, until they are durable. */
export interface Intake extends AsyncDisposable {
  /**
   * Resolves when all of the message is committed or refused. Never rejects; while the store is away it waits, and after
   * disposal it never resolves. How many may wait is bounded by the caller, who must not acknowledge before.
   */
  receive(arrival: Arrival): Promise<void>;
  /** Why nothing is being committed now; null when the store takes what it gets. */
  trouble(): string | null;
  counts(): IntakeCounts;
  /** Resolves when nothing waits; the caller has stopped handing over. */
  drained(): Promise<void>;
}

export interface IntakeOptions {
  readonly source: string;
  readonly parkId: string;
  readonly sink: ReadingSink;
  /** Absent: the native contract. */
  readonly read?: ReadMessage | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** See {@link createPersist}. */
  readonly random?: (() => number) | undefined;
}

export function createIntake(options: IntakeOptions): Intake {
  const { source, clock, read, parkId } = options;
  const stopping = new AbortController();
  const persist = createPersist({ ...options, stopping: stopping.signal });
  const counts = { received: 0, acknowledged: 0, unacknowledged: 0, waiting: 0 };
  let idle: (() => void) | null = null;
  const packetsOf = (received: Received, arrival: Arrival): Packet[] => {
    const { deniedTo = null } = arrival;
    if (deniedTo !== null) return [{ ...received, ...denied(arrival.topic, deniedTo) }];
    if (read === undefined) return [new NativePacket(received, parkId)];
    const { receivedAtMs } = received;
    return read({ ...arrival, receivedAtMs }).map((meant) => ({ ...received, ...meant }));
  };
  return {
    receive(arrival) {
      const { topic, bytes, unacknowledged } = arrival;
      const receivedAtMs = clock.nowMs();
      const received = { source, address: topic, receivedAtMs, bytes, unacknowledged };
      const packets = packetsOf(received, arrival);
      counts.received += packets.length;
      counts.waiting += packets.length;
      let left = packets.length;
      return new Promise((resolve) => {
        const durable = () => {
          counts.waiting--;
          counts[unacknowledged ? 'unacknowledged' : 'acknowledged']++;
          if (--left === 0) resolve();
          if (counts.waiting === 0) idle?.();
        };
        for (const packet of packets) persist.write(packet, durable);
      });
    },
    trouble: () => persist.trouble(),
    counts: () => ({ ...counts }),
    drained: () =>
      new Promise((resolve) => {
        idle = resolve;
        if (counts.waiting === 0) resolve();
      }),
    [Symbol.asyncDispose]() {
      stopping.abort(new Error('the gateway is stopping'));
      return Promise.resolve();
    },
  };
}

/** Refused and booked under the device that it was to speak for: there it is looked for. */
function denied(topic: string, owner: string): ReturnType<ReadMessage>[number] {
  const deviceId = parseFieldTopic(topic)?.deviceId ?? null;
  const detail = say('not-covered', { owner });
  return { deviceId, content: { kind: 'refused', reason: 'not-permitted', detail } };
}
