/** Counts failures by key, for a window each; bounded. */
export interface Throttle {
  isBlocked(key: string, nowMs: number): boolean;
  failed(key: string, nowMs: number): void;
}

interface Failures {
  count: number;
  readonly sinceMs: number;
}

export function createThrottle(limits: {
  readonly failures: number;
  readonly windowMs: number;
  /** Keys that are remembered; beyond it the oldest is forgotten. */
  readonly keys: number;
}): Throttle {
  const byKey = new Map<string, Failures>();
  const current = (key: string, nowMs: number): Failures | undefined => {
    const found = byKey.get(key);
    if (found === undefined || nowMs - found.sinceMs < limits.windowMs) return found;
    byKey.delete(key);
    return undefined;
  };
  return {
    isBlocked: (key, nowMs) => (current(key, nowMs)?.count ?? 0) >= limits.failures,
    failed(key, nowMs) {
      const found = current(key, nowMs);
      if (found !== undefined) {
        found.count++;
        return;
      }
      const [oldest] = byKey.keys();
      if (byKey.size >= limits.keys && oldest !== undefined) byKey.delete(oldest);
      byKey.set(key, { count: 1, sinceMs: nowMs });
    },
  };
}
