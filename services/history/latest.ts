import type { Bus } from '#infra/bus.ts';
import type { Clock } from '#infra/clock.ts';
import type { Log } from '#infra/log.ts';
import type { Queryable } from '#infra/postgres.ts';
import type { PointDirectory } from '#schemas/registry.ts';
import { LatestBook } from './latest-book.ts';
import { readLatest, type LatestRow } from './store.ts';

/** Points read in one statement. */
const pointsAtOnce = 2_000;
/** Every so often a few points are read again, all in turn: what a process committed and did not live to tell is found so. */
const sweepMs = 2_000;
const sweptAtOnce = 500;
/** Pause after the store did not answer. */
const retryMs = 1_000;

/** The newest reading of every point of the park, in memory. */
export interface RunningLatest extends AsyncDisposable {
  /** Of points that are known; of others see {@link LatestBook.of}. */
  of(pointId: number): LatestRow | null | undefined;
  /** Resolves when no point waits to be read. */
  settled(): Promise<void>;
  readonly size: number;
}

/**
 * Follows the bus from the first instant on and reads every point once; holes of the bus, contradictions and points that are new
 * are read again from their rows.
 */
export function startLatest(deps: {
  db: Queryable;
  bus: Bus;
  directory: Pick<PointDirectory, 'pointIds' | 'onChange'>;
  clock: Clock;
  log: Log;
}): RunningLatest {
  const { db, bus, directory, clock, log } = deps;
  const book = new LatestBook();
  const stop = new AbortController();
  let healing: Promise<void> | null = null;
  const heal = () => {
    healing ??= readDoubtful().finally(() => {
      healing = null;
      if (book.waiting > 0 && !stop.signal.aborted) heal();
    });
  };
  const readDoubtful = async () => {
    while (book.waiting > 0 && !stop.signal.aborted) {
      const pointIds = book.takeDoubtful(pointsAtOnce);
      try {
        book.settle(pointIds, await readLatest(db, pointIds));
      } catch (error) {
        book.giveBack(pointIds);
        if (stop.signal.aborted) return;
        log.warn({ err: error }, 'the newest readings could not be read; trying again');
        await clock.sleep(retryMs, stop.signal).catch(() => undefined);
      }
    }
  };
  const doubt = (pointIds: Iterable<number>) => {
    book.doubt(pointIds);
    if (book.waiting > 0) heal();
  };
  const follow = [
    bus.subscribe('readings', (frame) => {
      book.offer(frame);
      if (book.waiting > 0) heal();
    }),
    bus.subscribe('hole', () => {
      book.doubtAll();
      heal();
    }),
    directory.onChange(() => doubt(book.unknown(directory.pointIds()))),
  ];
  let swept = 0;
  const sweep = clock.every(sweepMs, () => {
    const pointIds = directory.pointIds();
    if (swept >= pointIds.length) swept = 0;
    doubt(pointIds.slice(swept, swept + sweptAtOnce));
    swept += sweptAtOnce;
  });
  doubt(directory.pointIds());
  return {
    of: (pointId) => book.of(pointId),
    async settled() {
      while (healing !== null) await healing;
    },
    get size() {
      return book.size;
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      sweep[Symbol.dispose]();
      for (const unsubscribe of follow) unsubscribe();
      await healing;
    },
  };
}
