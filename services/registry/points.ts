import type { Point } from '#schemas/api/registry.ts';
import type { MetricDefinition } from '#schemas/device-class.ts';
import { deviceClasses } from '#schemas/device-classes/index.ts';
import { pointKey } from '#schemas/ids.ts';
import type { Provenance } from '#schemas/reading.ts';
import type { PointInfo } from '#schemas/registry.ts';

/** A point as it stands in the store, with what it needs of its device. */
export interface PointRow {
  readonly pointId: number;
  readonly deviceId: string;
  readonly metric: string;
  /** Of a metric that the class does not name: what was said when it was adopted. */
  readonly definition: Partial<MetricDefinition> | null;
  readonly deviceClass: string;
  readonly spaceId: string | null;
  readonly provenance: Provenance;
}

/** How often a value of an adopted metric is due when nobody said. */
const adoptedIntervalS = 60;
const adoptedDecimals = 2;

/** What a metric means: by its device class, else by what was stored when it was adopted, else an open gauge. */
export function definitionOf(row: Pick<PointRow, 'metric' | 'definition' | 'deviceClass'>): MetricDefinition {
  const byClass = deviceClasses.get(row.deviceClass)?.metrics[row.metric];
  if (byClass !== undefined) return byClass;
  return {
    name: { zh: row.metric, en: row.metric },
    kind: 'gauge',
    expectedIntervalS: adoptedIntervalS,
    decimals: adoptedDecimals,
    mean: 'arithmetic',
    required: false,
    ...row.definition,
  };
}

/** The point as the ingest, live and alarm paths need it. */
export function toPointInfo(row: PointRow): PointInfo {
  const definition = definitionOf(row);
  return {
    pointId: row.pointId,
    deviceId: row.deviceId,
    metric: row.metric,
    kind: definition.kind,
    unit: definition.unit ?? '',
    states: definition.states?.map((state) => state.key) ?? [],
    min: definition.min ?? null,
    max: definition.max ?? null,
    expectedIntervalMs: definition.expectedIntervalS * 1_000,
    deviceClass: row.deviceClass,
    spaceId: row.spaceId,
    provenance: row.provenance,
  };
}

/** The point as the API shows it. */
export function toPoint(row: Pick<PointRow, 'deviceId' | 'metric' | 'definition' | 'deviceClass'>): Point {
  const definition = definitionOf(row);
  return {
    key: pointKey(row.deviceId, row.metric),
    deviceId: row.deviceId,
    metric: row.metric,
    name: definition.name,
    kind: definition.kind,
    unit: definition.unit ?? '',
    decimals: definition.decimals,
    states: definition.states ?? [],
    abnormal: definition.abnormal ?? {},
    expectedIntervalS: definition.expectedIntervalS,
  };
}

/** Orders points of one device as its page shows them: the class's headline, its other metrics, then adopted ones. */
export function byDisplayOrder(
  a: Pick<PointRow, 'metric' | 'deviceClass'>,
  b: Pick<PointRow, 'metric' | 'deviceClass'>,
): number {
  return displayRank(a) - displayRank(b) || a.metric.localeCompare(b.metric, 'en');
}

function displayRank({ metric, deviceClass }: Pick<PointRow, 'metric' | 'deviceClass'>): number {
  const definition = deviceClasses.get(deviceClass);
  const order = [...(definition?.headline ?? []), ...Object.keys(definition?.metrics ?? {})];
  const rank = order.indexOf(metric);
  return rank < 0 ? order.length : rank;
}
