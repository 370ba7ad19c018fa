import type { Clock } from '#infra/clock.ts';
import type { Log } from '#infra/log.ts';
import type { Packet, ReadingSink } from '#schemas/reading.ts';
import { decode } from './decode.ts';

/** The first and the longest wait before a write that failed is tried again. */
const retryLimits = { firstMs: 100, longestMs: 5_000 } as const;

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

/** The part that both ways in share: bytes -> packet -> sink, in order of arrival, until it is durable. */
export interface Intake extends AsyncDisposable {
  /**
   * Resolves when the packet is committed or refused. Never rejects; while the store is away it waits, and after
   * disposal it never resolves. How many may wait is bounded by the caller, who must not acknowledge before.
   */
  receive(arrival: Arrival): Promise<void>;
  /** Why nothing is being committed now; null when the store takes what it gets. */
  readonly trouble: string | null;
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
}

interface Waiting {
  readonly order: number;
  readonly packet: Packet;
  readonly resolve: () => void;
}

/**
 * What the sink could not make durable is kept and offered again: the oldest first and alone, with growing pauses;
 * once it is taken, all the rest in order of arrival. Of two readings of one key the later commit stands, so a retry
 * must not overtake.
 */
export function createIntake(options: IntakeOptions): Intake {
  const { source, parkId, sink, clock, log } = options;
  const stopping = new AbortController();
  const counts = { received: 0, acknowledged: 0, unacknowledged: 0, waiting: 0 };
  let kept: Waiting[] = [];
  let trouble: string | null = null;
  let idle: (() => void) | null = null;

  const finish = ({ packet, resolve }: Waiting) => {
    counts.waiting--;
    if (packet.unacknowledged) counts.unacknowledged++;
    else counts.acknowledged++;
    resolve();
    if (counts.waiting === 0) idle?.();
  };

  const submit = async (waiting: Waiting): Promise<boolean> => {
    try {
      await sink.write(waiting.packet);
    } catch (error) {
      kept.push(waiting);
      if (trouble === null && !stopping.signal.aborted) {
        trouble = error instanceof Error ? error.message : String(error);
        log.warn({ err: error }, `${source}: the store is away; nothing is acknowledged until it is back`);
        void retryUntilTaken();
      }
      return false;
    }
    finish(waiting);
    return true;
  };

  const retryUntilTaken = async () => {
    for (
      let pauseMs: number = retryLimits.firstMs;
      ;
      pauseMs = Math.min(pauseMs * 2, retryLimits.longestMs)
    ) {
      // Half of it is chance, so that several processes do not come back in step.
      if (!(await pause(pauseMs * (0.5 + Math.random() / 2)))) return;
      kept.sort((a, b) => a.order - b.order);
      const oldest = kept.shift();
      if (oldest === undefined || (await submit(oldest))) break;
    }
    const backlog = kept.sort((a, b) => a.order - b.order);
    kept = [];
    trouble = null;
    log.info({ packets: backlog.length + 1 }, `${source}: the store is back`);
    for (const waiting of backlog) void submit(waiting);
  };

  const pause = (delayMs: number): Promise<boolean> =>
    clock.sleep(delayMs, stopping.signal).then(
      () => true,
      () => false,
    );

  return {
    receive({ topic, bytes, unacknowledged }) {
      const receivedAtMs = clock.nowMs();
      const order = counts.received++;
      counts.waiting++;
      const { deviceId, content } = decode({ topic, bytes, receivedAtMs, parkId });
      const packet = { source, address: topic, deviceId, receivedAtMs, bytes, unacknowledged, content };
      return new Promise((resolve) => {
        const waiting = { order, packet, resolve };
        if (trouble === null) void submit(waiting);
        else kept.push(waiting);
      });
    },
    get trouble() {
      return trouble;
    },
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
