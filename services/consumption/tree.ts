import type { MeterNode } from '#schemas/api/consumption.ts';
import type { IntervalConsumption } from './intervals.ts';
import type { MeterRow } from './store.ts';

/**
 * Hangs the sub-meters under their meters, with what each shows of its parent's consumption and what is lost between
 * them. Pure.
 * @returns null when the root is not among the meters
 */
export function meterTree(
  root: string,
  meters: readonly MeterRow[],
  consumption: ReadonlyMap<number, IntervalConsumption>,
): MeterNode | null {
  const below = Map.groupBy(meters, (meter) => meter.parentId);
  const hang = (meter: MeterRow, parentValue: number | null): MeterNode => {
    const { deviceId, name, provenance, pointId } = meter;
    const { value = null, coverage = 0, flags = [] } = consumption.get(pointId) ?? {};
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
