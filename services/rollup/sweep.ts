/** Where the job stands between its turns. Nothing here must outlive the process: it only says what may wait. */
export interface Sweep {
  /** Days that are over are looked at from here on. */
  fromMs: number;
  /** Late readings of these points' day were packed. */
  note(day: string, pointIds: readonly number[], nowMs: number): void;
  /** Whether late readings of the day were packed since an instant. */
  isBusyDay(day: string, sinceMs: number): boolean;
  /** The points of which late readings were packed since an instant. */
  busyPoints(sinceMs: number): ReadonlySet<number>;
  /** Forgets what is older. */
  forget(beforeMs: number): void;
}

export function startSweep(): Sweep {
  const days = new Map<string, number>();
  const points = new Map<number, number>();
  return {
    fromMs: -Infinity,
    note(day, pointIds, nowMs) {
      days.set(day, nowMs);
      for (const pointId of pointIds) points.set(pointId, nowMs);
    },
    isBusyDay: (day, sinceMs) => (days.get(day) ?? -Infinity) >= sinceMs,
    busyPoints: (sinceMs) =>
      new Set([...points].flatMap(([pointId, at]) => (at >= sinceMs ? [pointId] : []))),
    forget(beforeMs) {
      for (const [day, at] of days) if (at < beforeMs) days.delete(day);
      for (const [pointId, at] of points) if (at < beforeMs) points.delete(pointId);
    },
  };
}
