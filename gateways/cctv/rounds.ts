import type { Clock } from '#infra/clock.ts';

/** Asks many things one after the other, evenly over an interval, some at the same time. */
export interface RoundsOptions<T> {
  readonly items: readonly T[];
  readonly intervalMs: number;
  readonly concurrency: number;
  readonly clock: Clock;
  /** Never rejects. */
  readonly ask: (item: T) => Promise<void>;
}

export interface Rounds extends AsyncDisposable {
  /** Turns that were left out because the one before was not over, or we were too late by a whole interval. */
  readonly skipped: number;
}

/** Begins at once with the first; the last of a round begins just before the first of the next. */
export function startRounds<T>({ items, intervalMs, concurrency, clock, ask }: RoundsOptions<T>): Rounds {
  const stop = new AbortController();
  const running = new Set<number>();
  const asked = new Set<Promise<void>>();
  const spacingMs = intervalMs / items.length;
  let skipped = 0;

  const work = async (): Promise<void> => {
    const beganMs = clock.monotonicMs();
    for (let turn = 0; !stop.signal.aborted; turn++) {
      const aheadMs = beganMs + turn * spacingMs - clock.monotonicMs();
      if (aheadMs > 0) await clock.sleep(aheadMs, stop.signal).catch(() => undefined);
      if (asked.size >= concurrency) await Promise.race(asked);
      if (stop.signal.aborted) return;
      const index = turn % items.length;
      const item = items[index];
      if (item === undefined) return;
      if (running.has(index) || aheadMs < -intervalMs) {
        skipped += 1;
        continue;
      }
      running.add(index);
      const one: Promise<void> = ask(item).finally(() => {
        running.delete(index);
        asked.delete(one);
      });
      asked.add(one);
    }
  };
  const working = work();
  return {
    get skipped() {
      return skipped;
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await working;
      await Promise.allSettled(asked);
    },
  };
}
