/** How long raw readings of a device class may be kept. Ten years: beyond it, rollups tell enough. */
export const rawKeepDaysMost = 3_650;
export const rawKeepReasonLength = 500;

const dayMs = 86_400_000;

/** What a class's readings are kept for. */
export interface RawKept {
  /** Days in force. */
  readonly days: number;
  /** Since when copies are there, epoch ms; null while there are none. */
  readonly keptSinceMs: number | null;
  readonly readingsPerDay: number;
  /** Bytes a reading takes; null while it is not known. */
  readonly bytesPerReading: number | null;
}

export interface Going {
  /** Days of readings that go, a part of one included. */
  readonly days: number;
  /** An estimate: three digits of it. */
  readonly readings: number;
  readonly bytes: number | null;
}

/** What goes, at today's rate, when a class is kept for fewer days than now. Pure. */
export function goingOf(kept: RawKept, days: number, nowMs: number): Going {
  const there =
    kept.keptSinceMs === null ? 0 : Math.min(kept.days, Math.max(0, (nowMs - kept.keptSinceMs) / dayMs));
  const gone = Math.max(0, there - days);
  const readings = Number((gone * kept.readingsPerDay).toPrecision(3));
  return {
    days: gone,
    readings,
    bytes: kept.bytesPerReading === null ? null : readings * kept.bytesPerReading,
  };
}
