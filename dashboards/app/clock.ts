import { useSyncExternalStore } from 'react';

/** The browser's clock: the only file of the console that reads the time or sets a timer. */
export function nowMs(): number {
  return Date.now();
}

/** Calls `task` once after `delayMs`; dispose to cancel. */
export function after(delayMs: number, task: () => void): Disposable {
  const timer = setTimeout(task, delayMs);
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}

const tickMs = 1_000;
const listeners = new Set<() => void>();
let ticker: ReturnType<typeof setInterval> | undefined;
let tick = 0;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  ticker ??= setInterval(() => {
    tick = nowMs();
    for (const each of listeners) each();
  }, tickMs);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(ticker);
      ticker = undefined;
    }
  };
}

/** The present, epoch ms, renewed every `stepMs` (one timer for all that ask). */
export function useNow(stepMs = tickMs): number {
  const step = () => Math.floor((tick === 0 ? nowMs() : tick) / stepMs) * stepMs;
  return useSyncExternalStore(subscribe, step);
}

/** Calls `task` again and again, `intervalMs` apart; dispose to stop. */
export function every(intervalMs: number, task: () => void): Disposable {
  const timer = setInterval(task, intervalMs);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
