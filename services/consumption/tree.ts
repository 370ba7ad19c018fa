import type { MeterNode } from '#schemas/api/consumption.ts';
import type { PointInfo } from '#schemas/registry.ts';
import type { IntervalConsumption } from './intervals.ts';
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
  const hang = (meter: Meter, parentValue: number | null): MeterNode => {
    const { deviceId, name, provenance, pointId } = meter;
    const {
      value = null,
      coverage = 0,
      flags = [],
    } = (pointId === null ? undefined : consumption.get(pointId)) ?? {};
    const children = (below.get(deviceId) ?? []).map((child) => hang(child, value));
    const loss = lossOf(value, children);
    return {
      deviceId,
      name,
      provenance,
      value,
      coverage,
      flags: [...flags],
      share: shareOf(value, parentValue),
      loss,
      lossShare: shareOf(loss, value),
      children,
    };
  };
  const top = meters.find((meter) => meter.deviceId === root);
  return top === undefined ? null : hang(top, null);
}

function lossOf(value: number | null, children: readonly MeterNode[]): number | null {
  const shown = children.flatMap((child) => child.value ?? []);
  if (value === null || children.length === 0 || shown.length < children.length) return null;
  return value - shown.reduce((sum, one) => sum + one, 0);
}

function shareOf(part: number | null, whole: number | null): number | null {
  return part === null || whole === null || whole === 0 ? null : part / whole;
}
