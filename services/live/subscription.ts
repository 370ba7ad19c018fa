import type { Subscribe } from '#schemas/api/live.ts';
import { parsePointKey, pointKey } from '#schemas/ids.ts';
import type { PointDirectory, PointInfo } from '#schemas/registry.ts';

/** Points that one client may watch at a time. */
export const pointsPerClient = 5_000;

/** The points a subscription means today, by id; what the park does not know (yet) is left out. */
export function resolvePoints(
  directory: Pick<PointDirectory, 'find' | 'ofDevice' | 'ofSpace'>,
  subscribe: Subscribe,
): Map<number, PointInfo> {
  const found = new Map<number, PointInfo>();
  for (const key of subscribe.points ?? []) {
    const parsed = parsePointKey(key);
    const point = parsed === null ? undefined : directory.find(parsed.deviceId, parsed.metric);
    if (point !== undefined) found.set(point.pointId, point);
  }
  for (const deviceId of subscribe.devices ?? []) {
    for (const point of directory.ofDevice(deviceId)) found.set(point.pointId, point);
  }
  for (const spaceId of subscribe.spaces ?? []) {
    for (const point of directory.ofSpace(spaceId)) found.set(point.pointId, point);
  }
  return found;
}

export function keyOf(point: PointInfo): string {
  return pointKey(point.deviceId, point.metric);
}
