/** What the ingest, live and alarm paths need to know of a point; kept in memory, refreshed when the registry changes. */
import type { Provenance } from './reading.ts';

export const metricKinds = ['gauge', 'counter', 'state'] as const;
export type MetricKind = (typeof metricKinds)[number];

export const lifecycles = ['planned', 'in-service', 'out-of-service', 'retired'] as const;
export type Lifecycle = (typeof lifecycles)[number];

export const spaceKinds = ['park', 'building', 'floor', 'zone', 'room', 'outdoor', 'road'] as const;
export type SpaceKind = (typeof spaceKinds)[number];

export interface PointInfo {
  readonly pointId: number;
  readonly deviceId: string;
  readonly metric: string;
  readonly kind: MetricKind;
  /** Canonical unit, empty for states. */
  readonly unit: string;
  /** State names by code (index), empty unless `kind` is `state`. */
  readonly states: readonly string[];
  /** Plausible range, inclusive; null where open. */
  readonly min: number | null;
  readonly max: number | null;
  /** How often a value is due, ms. */
  readonly expectedIntervalMs: number;
  readonly deviceClass: string;
  readonly spaceId: string | null;
  readonly provenance: Provenance;
}

/** The current points of the park, in memory. */
export interface PointDirectory {
  /** Undefined when the device or the metric is not known (or ignored, or retired). */
  find(deviceId: string, metric: string): PointInfo | undefined;
  byId(pointId: number): PointInfo | undefined;
  hasDevice(deviceId: string): boolean;
  /** `ignored` metrics are neither readings nor discoveries. */
  isIgnored(deviceId: string, metric: string): boolean;
  ofDevice(deviceId: string): readonly PointInfo[];
  /** Points of the space and of everything below it. */
  ofSpace(spaceId: string): readonly PointInfo[];
  /** Every point. */
  pointIds(): readonly number[];
  readonly size: number;
  /** Called after the directory has been reloaded; returns the unsubscribe function. */
  onChange(listener: () => void): () => void;
}
