import type { Queryable } from '#infra/postgres.ts';
import type { Alarm } from '#schemas/api/alarms.ts';
import type { Latest } from '#schemas/api/registry.ts';
import { limits } from '#schemas/limits.ts';
import type { PointInfo } from '#schemas/registry.ts';
import { listAlarms } from '#services/alarms/alarm-store.ts';
import { toLatest } from '#services/history/readings.ts';
import { readLatest, type LatestRow } from '#services/history/store.ts';

export interface Snapshot {
  readonly latest: readonly Latest[];
  readonly readings: readonly LatestRow[];
  /** Active or unacknowledged, newest first. */
  readonly alarms: readonly Alarm[];
}

/** What a subscriber begins with. */
export async function readSnapshot(
  db: Queryable,
  wanted: { readonly points: ReadonlyMap<number, PointInfo>; readonly alarms: boolean },
): Promise<Snapshot> {
  const readings = wanted.points.size === 0 ? [] : await readLatest(db, [...wanted.points.keys()]);
  const alarms = wanted.alarms
    ? await listAlarms(db, { state: 'open', order: 'urgency', limit: limits.listLimit })
    : [];
  return {
    readings,
    latest: readings.flatMap((reading) => {
      const point = wanted.points.get(reading.pointId);
      return point === undefined ? [] : [toLatest(point, reading)];
    }),
    alarms: alarms.map((listed) => listed.alarm),
  };
}
