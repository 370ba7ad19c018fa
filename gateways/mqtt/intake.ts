import type { Clock } from '#infra/clock.ts';
import type { Log } from '#infra/log.ts';
import type { ReadingSink } from '#schemas/reading.ts';
import { decode } from './decode.ts';
import { createPersist } from './persist.ts';

export interface Arrival {
  readonly topic: string;
  readonly bytes: Uint8Array;
  /** True when nobody waits for an acknowledgement: QoS 0, a last will. */
  readonly unacknowledged: boolean;
}

export interface IntakeCounts {
  readonly received: number;
  /** Committed or refused, where somebody waited for it. */
  readonly acknowledged: number;
  readonly unacknowledged: number;
  readonly waiting: number;
}

/** The part that both ways in share: bytes -> packet -> sink, until it is durable. */
export interface Intake extends AsyncDisposable {
  /**
   * Resolves when the packet is committed or refused. Never rejects; while the store is away it waits, and after
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
  readonly clock: Clock;
  readonly log: Log;
  /** See {@link createPersist}. */
  readonly random?: (() => number) | undefined;
}

export function createIntake(options: IntakeOptions): Intake {
  const { source, parkId, clock } = options;
  const stopping = new AbortController();
  const persist = createPersist({ ...options, stopping: stopping.signal });
  const counts = { received: 0, acknowledged: 0, unacknowledged: 0, waiting: 0 };
  let idle: (() => void) | null = null;
  return {
    receive({ topic, bytes, unacknowledged }) {
      const receivedAtMs = clock.nowMs();
      counts.received++;
      counts.waiting++;
      const { deviceId, content } = decode({ topic, bytes, receivedAtMs, parkId });
      const packet = { source, address: topic, deviceId, receivedAtMs, bytes, unacknowledged, content };
      return new Promise((resolve) => {
        persist.write(packet, () => {
          counts.waiting--;
          counts[unacknowledged ? 'unacknowledged' : 'acknowledged']++;
          resolve();
          if (counts.waiting === 0) idle?.();
        });
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
