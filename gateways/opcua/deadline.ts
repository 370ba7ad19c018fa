import type { Clock } from '#infra/clock.ts';
import { opcuaApiLimits } from '#schemas/api/opcua.ts';
import { ParkError } from '#schemas/errors.ts';

/** @throws ParkError `unavailable` when a server takes longer than a person waits */
export async function inTime<T>(clock: Clock, work: Promise<T>): Promise<T> {
  const done = new AbortController();
  const late = clock.sleep(opcuaApiLimits.deadlineMs, done.signal).then(
    () => {
      throw new ParkError('unavailable', 'The OPC UA server did not answer in time.');
    },
    // Nobody waits any more.
    () => new Promise<never>(() => undefined),
  );
  work.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    done.abort();
  }
}
