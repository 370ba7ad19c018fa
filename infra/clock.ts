/** The only place that reads the time or sets a timer; tests pass a fake one. */
export interface Clock {
  /** Epoch milliseconds. */
  nowMs(): number;
  /** Monotonic milliseconds, for durations. */
  monotonicMs(): number;
  /** Resolves after `delayMs`; rejects with the signal's reason when aborted. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
  /** Calls `task` once after `delayMs`; dispose to cancel. */
  after(delayMs: number, task: () => void): Disposable;
  /** Calls `task` again and again, `intervalMs` apart; dispose to stop. The timer does not keep the process alive. */
  every(intervalMs: number, task: () => void): Disposable;
}

export function systemClock(): Clock {
  return {
    nowMs: () => Date.now(),
    monotonicMs: () => performance.now(),
    sleep: (delayMs, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason as Error);
        const timer = setTimeout(() => {
          signal?.removeEventListener('abort', stop);
          resolve();
        }, delayMs);
        const stop = () => {
          clearTimeout(timer);
          reject(signal?.reason as Error);
        };
        signal?.addEventListener('abort', stop, { once: true });
      }),
    after: (delayMs, task) => {
      const timer = setTimeout(task, delayMs);
      return { [Symbol.dispose]: () => clearTimeout(timer) };
    },
    every: (intervalMs, task) => {
      const timer = setInterval(task, intervalMs).unref();
      return { [Symbol.dispose]: () => clearInterval(timer) };
    },
  };
}
