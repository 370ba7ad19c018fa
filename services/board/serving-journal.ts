import type { Clock } from '#infra/clock.ts';
import type { Log } from '#infra/log.ts';
import type { Database } from '#infra/postgres.ts';
import type { EnvironmentMedium } from '#schemas/environment-media.ts';
import { addServings, type Serving } from './store.ts';

const minuteMs = 60_000;
const flushIntervalMs = 5_000;
/** An hour of a store that is away; then the oldest minutes are given up, and told. */
const mostWaiting = 3 * 60;

/** Counts how often the public board was served; written down a few seconds later. */
export interface ServingJournal extends AsyncDisposable {
  /** @param newest source time of the newest value shown of each medium, ms */
  count(newest: ReadonlyMap<EnvironmentMedium, number>): void;
  /** Writes what was counted. */
  flush(): Promise<void>;
}

/** Starts the journal of servings; disposing writes the rest. */
export function startServingJournal(deps: { db: Database; clock: Clock; log: Log }): ServingJournal {
  const { db, clock, log } = deps;
  const waiting = new Map<string, Serving>();
  let running: Promise<void> = Promise.resolve();

  const add = (serving: Serving) => {
    const key = `${serving.minuteMs} ${serving.medium}`;
    const found = waiting.get(key);
    waiting.set(key, {
      ...serving,
      servings: serving.servings + (found?.servings ?? 0),
      newestMs: Math.max(serving.newestMs, found?.newestMs ?? -Infinity),
    });
    const [oldest] = waiting.keys();
    if (waiting.size > mostWaiting && oldest !== undefined) {
      waiting.delete(oldest);
      log.warn('the store is away: a minute of board servings is not journalled');
    }
  };
  const write = async () => {
    const batch = [...waiting.values()];
    if (batch.length === 0) return;
    waiting.clear();
    try {
      await addServings(db, batch);
    } catch (error) {
      for (const serving of batch) add(serving);
      throw error;
    }
  };
  const flush = () => {
    running = running.catch(() => undefined).then(write);
    return running;
  };
  const timer = clock.every(flushIntervalMs, () => {
    flush().catch((error: unknown) => log.warn({ err: error }, 'board servings wait for the store'));
  });
  return {
    count(newest) {
      const nowMs = clock.nowMs();
      for (const [medium, newestMs] of newest) {
        add({ minuteMs: nowMs - (nowMs % minuteMs), medium, servings: 1, newestMs });
      }
    },
    flush,
    async [Symbol.asyncDispose]() {
      timer[Symbol.dispose]();
      await flush().catch((error: unknown) => log.warn({ err: error }, 'board servings were not journalled'));
    },
  };
}
