import type { PointDirectory, PointInfo } from '#schemas/registry.ts';

/** A directory that a test fills by hand. */
export interface FakeDirectory extends PointDirectory {
  /** Adds a point (and its device); a gauge without limits unless told otherwise. */
  add(deviceId: string, metric: string, more?: Partial<PointInfo>): PointInfo;
  ignore(deviceId: string, metric: string): void;
  /** Tells the listeners, as after a reload. */
  changed(): void;
}

export function fakeDirectory(): FakeDirectory {
  const devices = new Map<string, Map<string, PointInfo>>();
  const byId = new Map<number, PointInfo>();
  const ignored = new Set<string>();
  const listeners = new Set<() => void>();
  const ofDevice = (deviceId: string) => [...(devices.get(deviceId)?.values() ?? [])];
  return {
    add(deviceId, metric, more = {}) {
      const point: PointInfo = {
        pointId: byId.size + 1,
        deviceId,
        metric,
        kind: 'gauge',
        unit: '',
        states: [],
        min: null,
        max: null,
        expectedIntervalMs: 10_000,
        deviceClass: 'energy-meter',
        spaceId: null,
        provenance: 'simulated',
        ...more,
      };
      const metrics = devices.get(deviceId) ?? new Map<string, PointInfo>();
      devices.set(deviceId, metrics.set(metric, point));
      byId.set(point.pointId, point);
      return point;
    },
    ignore(deviceId, metric) {
      if (!devices.has(deviceId)) devices.set(deviceId, new Map());
      ignored.add(`${deviceId}.${metric}`);
    },
    changed: () => {
      for (const listener of listeners) listener();
    },
    find: (deviceId, metric) => devices.get(deviceId)?.get(metric),
    byId: (pointId) => byId.get(pointId),
    hasDevice: (deviceId) => devices.has(deviceId),
    isIgnored: (deviceId, metric) => ignored.has(`${deviceId}.${metric}`),
    ofDevice,
    ofSpace: (spaceId) => [...byId.values()].filter((point) => point.spaceId === spaceId),
    pointIds: () => [...byId.keys()],
    get size() {
      return byId.size;
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
