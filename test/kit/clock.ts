import type { Clock } from '#infra/clock.ts';

/** A clock that stands still until a test moves it. */
export interface FakeClock extends Clock {
  /**
   * Moves time on by `ms`, running what is due in order of time, each at its own time; promises that a task settles
   * are followed up before the next task runs.
   */
  advance(ms: number): Promise<void>;
  /** How many timers and sleepers wait. */
  readonly waiting: number;
}

interface Task {
  dueMs: number;
  readonly intervalMs: number | undefined;
  readonly run: () => void;
}

/** 2026-01-05 08:00 in Shanghai, a Monday. */
const defaultStartMs = Date.UTC(2026, 0, 5);

/** @param startMs epoch milliseconds */
export function fakeClock(startMs = defaultStartMs): FakeClock {
  const tasks = new Set<Task>();
  let nowMs = startMs;
  const add = (delayMs: number, run: () => void, intervalMs?: number): Disposable => {
    const task: Task = { dueMs: nowMs + Math.max(delayMs, 0), intervalMs, run };
    tasks.add(task);
    return { [Symbol.dispose]: () => tasks.delete(task) };
  };
  const nextDue = (untilMs: number): Task | undefined =>
    [...tasks].filter((task) => task.dueMs <= untilMs).toSorted((a, b) => a.dueMs - b.dueMs)[0];
  return {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs - startMs,
    sleep: (delayMs, signal) => sleepOn(add, delayMs, signal),
    after: (delayMs, run) => add(delayMs, run),
    every: (intervalMs, run) => add(intervalMs, run, Math.max(intervalMs, 1)),
    get waiting() {
      return tasks.size;
    },
    async advance(ms) {
      const untilMs = nowMs + ms;
      await settle();
      for (let task = nextDue(untilMs); task !== undefined; task = nextDue(untilMs)) {
        nowMs = Math.max(nowMs, task.dueMs);
        if (task.intervalMs === undefined) tasks.delete(task);
        else task.dueMs += task.intervalMs;
        task.run();
        await settle();
      }
      nowMs = untilMs;
    },
  };
}

function sleepOn(
  add: (delayMs: number, run: () => void) => Disposable,
  delayMs: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error);
    const stop = () => {
      timer[Symbol.dispose]();
      reject(signal?.reason as Error);
    };
    const timer = add(delayMs, () => {
      signal?.removeEventListener('abort', stop);
      resolve();
    });
    signal?.addEventListener('abort', stop, { once: true });
  });
}

/** Lets every promise that can go on do so: a macrotask comes after all microtasks. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
