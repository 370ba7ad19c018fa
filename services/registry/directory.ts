import type { Bus } from '#infra/bus.ts';
import { systemClock, type Clock } from '#infra/clock.ts';
import { startFollowed } from '#infra/followed.ts';
import type { Log } from '#infra/log.ts';
import type { Database } from '#infra/postgres.ts';
import type { PointDirectory, PointInfo } from '#schemas/registry.ts';
import { ensurePoints, readDirectory, registryChannel, type DirectoryRows } from './directory-store.ts';
import { toPointInfo } from './points.ts';

/** The directory while it runs: it follows the registry, and can be told to look again. */
export interface RunningPointDirectory extends PointDirectory, AsyncDisposable {
  /** Resolves when the registry as it stands now has been loaded; calls that meet share one load. */
  reload(): Promise<void>;
}

interface DeviceEntry {
  readonly spaceId: string | null;
  readonly byMetric: ReadonlyMap<string, PointInfo>;
  readonly ignored: ReadonlySet<string>;
  readonly points: readonly PointInfo[];
}

interface Snapshot {
  readonly devices: ReadonlyMap<string, DeviceEntry>;
  readonly byId: ReadonlyMap<number, PointInfo>;
  readonly ids: readonly number[];
  readonly childSpaces: ReadonlyMap<string, readonly string[]>;
  readonly spaceDevices: ReadonlyMap<string, readonly DeviceEntry[]>;
}

/** Arranges the rows for lookup. */
export function buildSnapshot(rows: DirectoryRows): Snapshot {
  const devices = new Map<string, DeviceEntry>();
  const byId = new Map<number, PointInfo>();
  const childSpaces = new Map<string, string[]>();
  const spaceDevices = new Map<string, DeviceEntry[]>();
  for (const { points, ...device } of rows.devices) {
    const known = points
      .filter((point) => !point.ignored)
      .map((point) => toPointInfo({ ...device, ...point }));
    const entry: DeviceEntry = {
      spaceId: device.spaceId,
      points: known,
      byMetric: new Map(known.map((point) => [point.metric, point])),
      ignored: new Set(points.filter((point) => point.ignored).map((point) => point.metric)),
    };
    devices.set(device.deviceId, entry);
    for (const point of known) byId.set(point.pointId, point);
    if (device.spaceId !== null) append(spaceDevices, device.spaceId, entry);
  }
  for (const space of rows.spaces) {
    if (space.parentId !== null) append(childSpaces, space.parentId, space.id);
  }
  return { devices, byId, ids: [...byId.keys()], childSpaces, spaceDevices };
}

function append<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

function pointsBelow(snapshot: Snapshot, spaceId: string): PointInfo[] {
  const found: PointInfo[] = [];
  const waiting = [spaceId];
  const seen = new Set(waiting);
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    for (const entry of snapshot.spaceDevices.get(id) ?? []) found.push(...entry.points);
    for (const child of snapshot.childSpaces.get(id) ?? []) {
      if (seen.has(child)) continue;
      seen.add(child);
      waiting.push(child);
    }
  }
  return found;
}

/**
 * Loads the current points of the park and follows the registry: this process's bus, and PostgreSQL notifications of
 * all others. A load that fails keeps what was known and is logged.
 */
export async function startPointDirectory(deps: {
  db: Database;
  bus: Bus;
  log: Log;
  clock?: Clock;
}): Promise<RunningPointDirectory> {
  const { db, bus, log, clock = systemClock() } = deps;
  await ensurePoints(db);
  const registry = await startFollowed({
    db,
    clock,
    log,
    channel: registryChannel,
    what: 'the registry',
    none: buildSnapshot({ devices: [], spaces: [] }),
    read: async () => buildSnapshot(await readDirectory(db)),
  });
  const unsubscribe = bus.subscribe('registry', ({ changed }) => {
    if (changed === 'points') registry.notice();
  });
  const deviceOf = (deviceId: string) => registry.value().devices.get(deviceId);
  return {
    find: (deviceId, metric) => deviceOf(deviceId)?.byMetric.get(metric),
    byId: (pointId) => registry.value().byId.get(pointId),
    hasDevice: (deviceId) => registry.value().devices.has(deviceId),
    isIgnored: (deviceId, metric) => deviceOf(deviceId)?.ignored.has(metric) ?? false,
    ofDevice: (deviceId) => deviceOf(deviceId)?.points ?? [],
    ofSpace: (spaceId) => pointsBelow(registry.value(), spaceId),
    pointIds: () => registry.value().ids,
    get size() {
      return registry.value().byId.size;
    },
    onChange(listener) {
      const following = registry.onChange(listener);
      return () => following[Symbol.dispose]();
    },
    reload: registry.reload,
    async [Symbol.asyncDispose]() {
      unsubscribe();
      await registry[Symbol.asyncDispose]();
    },
  };
}
