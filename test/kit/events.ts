import type { EventEmitter } from 'node:events';

/**
 * A test that waits longer than this for what must come has failed. One figure for all of them, in the browser too: it
 * says nothing about speed and costs only who fails, so it is enough for a machine several times slower than ours.
 */
export const patienceMs = 60_000;
/** How often a condition is looked at that no event announces (rows, processes); milliseconds. */
const lookEveryMs = 15;

/**
 * Waits until `condition` gives something other than false, undefined or null, and resolves to that.
 * @param what ends the sentence "waited 60000 ms for …" of the failure
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  what: string,
  timeoutMs = patienceMs,
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
  timeoutMs = patienceMs,
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

/**
 * Fails with a sentence when the promise takes longer than a test should.
 * @param what ends the sentence "waited 60000 ms for …"; a function is asked when it has failed, and can tell how things stand
 */
export async function inTime<T>(
  promise: Promise<T>,
  what: string | (() => string),
  timeoutMs = patienceMs,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`waited ${timeoutMs} ms for ${typeof what === 'string' ? what : what()}`));
    }, timeoutMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
