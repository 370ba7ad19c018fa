import type { EventEmitter } from 'node:events';

/** A test that waits longer than this has failed. */
const deadlineMs = 10_000;
/** How often a condition is looked at that no event announces (rows, processes); milliseconds. */
const lookEveryMs = 15;

/**
 * Waits until `condition` gives something other than false, undefined or null, and resolves to that.
 * @param what ends the sentence "waited 10000 ms for …" of the failure
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  what: string,
  timeoutMs = deadlineMs,
): Promise<Exclude<T, false | undefined | null>> {
  const endMs = performance.now() + timeoutMs;
  let lastError: unknown;
  for (;;) {
    try {
      const value = await condition();
      lastError = undefined;
      if (value !== false && value !== undefined && value !== null) {
        return value as Exclude<T, false | undefined | null>;
      }
    } catch (error) {
      lastError = error;
    }
    if (performance.now() > endMs) {
      throw new Error(`waited ${timeoutMs} ms for ${what}`, { cause: lastError });
    }
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
}

/** Resolves to the arguments of the next `event`, or fails with a sentence. */
export function nextEvent(
  emitter: Pick<EventEmitter, 'once' | 'off'>,
  event: string,
  timeoutMs = deadlineMs,
): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    const onEvent = (...args: unknown[]) => {
      clearTimeout(timer);
      resolve(args);
    };
    const timer = setTimeout(() => {
      emitter.off(event, onEvent);
      reject(new Error(`waited ${timeoutMs} ms for the event ${event}`));
    }, timeoutMs);
    emitter.once(event, onEvent);
  });
}

/** Fails with a sentence when the promise takes longer than a test should. */
export async function inTime<T>(promise: Promise<T>, what: string, timeoutMs = deadlineMs): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${timeoutMs} ms for ${what}`)), timeoutMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
