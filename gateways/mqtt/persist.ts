import type { Clock } from '#infra/clock.ts';
import type { Log } from '#infra/log.ts';
import type { Packet, ReadingSink } from '#schemas/reading.ts';

/** The first and the longest wait before a write that failed is tried again. */
const retryLimits = { firstMs: 100, longestMs: 5_000 } as const;

/** A sink that does not give up: what could not be made durable is offered again until it is. */
export interface Persist {
  /** Calls `durable` once the packet is; never, when it is stopped before. How many wait is the caller's to bound. */
  write(packet: Packet, durable: () => void): void;
  /** Why nothing is being committed now; null when the store takes what it gets. */
  trouble(): string | null;
}

export interface PersistOptions {
  readonly source: string;
  readonly sink: ReadingSink;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends the retries. */
  readonly stopping: AbortSignal;
  /** From 0 to 1, for pauses that do not keep step; Math.random unless given. */
  readonly random?: (() => number) | undefined;
}

interface Waiting {
  readonly order: number;
  readonly packet: Packet;
  readonly durable: () => void;
}

/**
 * After a failed write the oldest packet is offered alone, with growing pauses; once it is taken, all the rest in order
 * of arrival. Of two readings of one key the later commit stands, so a retry must not overtake.
 */
export function createPersist(options: PersistOptions): Persist {
  const { source, sink, clock, log, stopping, random = Math.random } = options;
  let kept: Waiting[] = [];
  let trouble: string | null = null;
  let count = 0;

  const submit = async (waiting: Waiting): Promise<boolean> => {
    try {
      await sink.write(waiting.packet);
    } catch (error) {
      kept.push(waiting);
      if (trouble === null && !stopping.aborted) {
        trouble = error instanceof Error ? error.message : String(error);
        log.warn({ err: error }, `${source}: the store is away; nothing is acknowledged until it is back`);
        void retryUntilTaken();
      }
      return false;
    }
    waiting.durable();
    return true;
  };

  const takeKept = (): Waiting[] => {
    const all = kept.sort((a, b) => a.order - b.order);
    kept = [];
    return all;
  };

  const retryUntilTaken = async () => {
    for (
      let pauseMs: number = retryLimits.firstMs;
      ;
      pauseMs = Math.min(pauseMs * 2, retryLimits.longestMs)
    ) {
      // Half of it is chance, so that several processes do not come back in step.
      if (!(await slept(clock, pauseMs * (0.5 + random() / 2), stopping))) return;
      const [oldest, ...rest] = takeKept();
      kept = rest;
      if (oldest === undefined || (await submit(oldest))) break;
    }
    const backlog = takeKept();
    trouble = null;
    log.info({ packets: backlog.length + 1 }, `${source}: the store is back`);
    for (const waiting of backlog) void submit(waiting);
  };

  return {
    write(packet, durable) {
      const waiting = { order: count++, packet, durable };
      if (trouble === null) void submit(waiting);
      else kept.push(waiting);
    },
    trouble: () => trouble,
  };
}

async function slept(clock: Clock, delayMs: number, signal: AbortSignal): Promise<boolean> {
  try {
    await clock.sleep(delayMs, signal);
    return true;
  } catch {
    return false;
  }
}
