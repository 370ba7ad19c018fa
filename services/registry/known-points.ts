import type { Queryable } from '#infra/postgres.ts';
import { ParkError } from '#schemas/errors.ts';
import { parsePointKey, pointKey } from '#schemas/ids.ts';
import type { PointDirectory, PointInfo } from '#schemas/registry.ts';
import { readFormerPoints, readFormerPointsOf } from './former-store.ts';
import { toPointInfo } from './points.ts';

/** What history needs to find points: those of today are in memory, former ones in the registry's tables. */
export interface KnownPointsDeps {
  readonly db: Queryable;
  readonly directory: PointDirectory;
}

/**
 * Points by key, in the order of the keys. What a device has measured outlives it: also of one that is retired or gone.
 * @throws ParkError `not-found` naming the first that was never known
 */
export async function knownPoints(
  { db, directory }: KnownPointsDeps,
  keys: readonly string[],
): Promise<PointInfo[]> {
  const parsed = keys.map((key) => ({ key, at: parsePointKey(key) }));
  const present = new Map<string, PointInfo>();
  for (const { key, at } of parsed) {
    const found = at === null ? undefined : directory.find(at.deviceId, at.metric);
    if (found !== undefined) present.set(key, found);
  }
  const missing = parsed.flatMap(({ key, at }) => (at === null || present.has(key) ? [] : at));
  for (const row of missing.length === 0 ? [] : await readFormerPoints(db, missing)) {
    present.set(pointKey(row.deviceId, row.metric), toPointInfo(row));
  }
  return keys.map((key) => {
    const point = present.get(key);
    if (point === undefined) throw new ParkError('not-found', `There is no point ${key}`);
    return point;
  });
}

/**
 * All points of a device, also of one that is retired or gone.
 * @throws ParkError `not-found`
 */
export async function knownPointsOf(
  { db, directory }: KnownPointsDeps,
  deviceId: string,
): Promise<readonly PointInfo[]> {
  if (directory.hasDevice(deviceId)) return directory.ofDevice(deviceId);
  const rows = await readFormerPointsOf(db, deviceId);
  if (rows.length === 0) throw new ParkError('not-found', `There is no device ${deviceId}`);
  return rows.map(toPointInfo);
}

/** Units by number of the point, also of devices that are gone; empty where nobody knows. */
export async function knownUnits(
  { db, directory }: KnownPointsDeps,
  rows: readonly Pick<PointInfo, 'pointId' | 'deviceId' | 'metric'>[],
): Promise<(pointId: number) => string> {
  const former = rows.filter(({ pointId }) => directory.byId(pointId) === undefined);
  const found = former.length === 0 ? [] : await readFormerPoints(db, former);
  const units = new Map(found.map((row) => [row.pointId, toPointInfo(row).unit]));
  return (pointId) => directory.byId(pointId)?.unit ?? units.get(pointId) ?? '';
}
