import type { Queryable } from '#infra/postgres.ts';
import type { Alarm } from '#schemas/api/alarms.ts';
import type { Latest } from '#schemas/api/registry.ts';
import { limits } from '#schemas/limits.ts';
import { qualityWord, type Reading } from '#schemas/reading.ts';
import type { PointInfo } from '#schemas/registry.ts';
import { listAlarms } from '#services/alarms/alarm-store.ts';
import { readNewest } from '#services/alarms/reading-store.ts';
import { keyOf } from './subscription.ts';

export interface Snapshot {
  readonly latest: readonly Latest[];
  readonly readings: readonly Reading[];
  /** Active or unacknowledged, newest first. */
  readonly alarms: readonly Alarm[];
}

/** What a subscriber begins with. */
export async function readSnapshot(
  db: Queryable,
  wanted: { readonly points: ReadonlyMap<number, PointInfo>; readonly alarms: boolean },
): Promise<Snapshot> {
  const readings = wanted.points.size === 0 ? [] : await readNewest(db, [...wanted.points.keys()]);
  const alarms = wanted.alarms ? await listAlarms(db, { state: 'open', limit: limits.listLimit }) : [];
  return {
    readings,
    latest: readings.flatMap((reading) => {
      const point = wanted.points.get(reading.pointId);
      return point === undefined ? [] : [toLatest(point, reading)];
    }),
    alarms: alarms.map((listed) => listed.alarm),
  };
}

function toLatest(point: PointInfo, reading: Reading): Latest {
  const state = point.states[reading.value];
  return {
    point: keyOf(point),
    time: new Date(reading.timeMs).toISOString(),
    value: reading.value,
    quality: qualityWord(reading.quality),
    unit: point.unit,
    ...(state === undefined ? {} : { state }),
    provenance: point.provenance,
  };
}
