import type { MeterNode } from '#schemas/api/consumption.ts';
import type { PointInfo } from '#schemas/registry.ts';
import type { IntervalConsumption } from './parts.ts';
import type { MeterRow } from './store.ts';

/** A meter of the tree with the point of it that is compared; null when it has none. */
export interface Meter extends MeterRow {
  readonly pointId: number | null;
}

/** What these classes count is made, not used: it is no part of what the meter above them shows. */
const producers: ReadonlySet<string> = new Set(['pv-inverter']);

/**
 * The counter of a sub-meter that stands for the same thing as one of its root: the same metric, else its only counter
 * of that unit (a charger's `energy` below a meter's `active_energy_import`). Pure.
 */
export function comparablePoint(top: PointInfo, points: readonly PointInfo[]): PointInfo | undefined {
  const counters = points.filter((point) => point.kind === 'counter' && point.unit === top.unit);
  const same = counters.find((point) => point.metric === top.metric);
  if (same !== undefined) return same;
  const [only] = counters;
  return counters.length === 1 && only !== undefined && !producers.has(only.deviceClass) ? only : undefined;
}

/**
 * Hangs the sub-meters under their meters, with what each shows of its parent's consumption and what is lost between
 * them. Pure.
 * @returns null when the root is not among the meters
 */
export function meterTree(
  root: string,
  meters: readonly Meter[],
  consumption: ReadonlyMap<number, IntervalConsumption>,
): MeterNode | null {
  const below = Map.groupBy(meters, (meter) => meter.parentId);
  const hang = (meter: Meter, parent: number | null): MeterNode => {
    const { deviceId, name, provenance, pointId } = meter;
    const { value = null, coverage = 0, flags = [] } = found(pointId) ?? {};
    const comparable = comparableOf(pointId);
    const subMeters = below.get(deviceId) ?? [];
    const children = subMeters.map((child) => hang(child, comparable));
    const loss = lossOf(
      comparable,
      subMeters.map((child) => comparableOf(child.pointId)),
    );
    return {
      deviceId,
      name,
      provenance,
      value,
      coverage,
      flags: [...flags],
      share: shareOf(comparable, parent),
      loss,
      lossShare: shareOf(loss, comparable),
      children,
    };
  };
  const found = (pointId: number | null) => (pointId === null ? undefined : consumption.get(pointId));
  /** Meters that are known over different parts of the range cannot be compared. */
  const comparableOf = (pointId: number | null): number | null => {
    const one = found(pointId);
    return one?.isWhole === true ? one.value : null;
  };
  const top = meters.find((meter) => meter.deviceId === root);
  return top === undefined ? null : hang(top, null);
}

function lossOf(value: number | null, subMeters: readonly (number | null)[]): number | null {
  const shown = subMeters.flatMap((one) => one ?? []);
  if (value === null || shown.length === 0 || shown.length < subMeters.length) return null;
  return value - shown.reduce((sum, one) => sum + one, 0);
}

function shareOf(part: number | null, whole: number | null): number | null {
  return part === null || whole === null || whole === 0 ? null : part / whole;
}
