import type { OpcuaNode } from '#schemas/opcua.ts';
import type { DeviceClassSummary } from '../../app/api.ts';
import { guessMetric, unitFor, type Candidate } from './guess.ts';

/** The preview of a mapping of many nodes. Pure. */

export interface Target {
  readonly id: string;
  readonly class: string;
}

export interface Row {
  readonly candidate: Candidate;
  readonly device: Target | null;
  readonly metric: string | null;
  readonly unit: string | undefined;
  readonly isChosen: boolean;
}

type Metrics = DeviceClassSummary['metrics'];
export type MetricsOf = (deviceClass: string) => Metrics;

/** A row for each variable, with what is guessed of it; chosen where everything is. */
export function firstRows(
  candidates: readonly Candidate[],
  deviceOf: (candidate: Candidate) => Target | null,
  metricsOf: MetricsOf,
): Row[] {
  const rows = candidates.map((candidate) => ({
    candidate,
    device: deviceOf(candidate),
    metric: null,
    unit: undefined,
    isChosen: false,
  }));
  return guessed(rows, metricsOf);
}

/** All rows (or those named) belong to another device now: what they are is guessed anew. */
export function withDevice(
  rows: readonly Row[],
  { device, only }: { readonly device: Target | null; readonly only?: string | undefined },
  metricsOf: MetricsOf,
): Row[] {
  const moved = rows.map((row) =>
    only === undefined || row.candidate.nodeId === only
      ? { ...row, device, metric: null, unit: undefined }
      : row,
  );
  return guessed(moved, metricsOf);
}

/** Fills in what is not said yet. */
function guessed(rows: readonly Row[], metricsOf: MetricsOf): Row[] {
  const taken = new Map<string, Set<string>>();
  const of = (deviceId: string) => {
    const known = taken.get(deviceId) ?? new Set();
    taken.set(deviceId, known);
    return known;
  };
  for (const { device, metric } of rows) if (device !== null && metric !== null) of(device.id).add(metric);
  return rows.map((row) => {
    if (row.device === null) return { ...row, metric: null, isChosen: false };
    if (row.metric !== null) return row;
    const metrics = metricsOf(row.device.class);
    const metric = guessMetric(row.candidate, metrics, of(row.device.id));
    if (metric === null) return { ...row, isChosen: false };
    of(row.device.id).add(metric);
    return withMetric(row, metric, metrics);
  });
}

/** A person says, or a guess, what a row is. */
export function withMetric(row: Row, metric: string | null, metrics: Metrics): Row {
  if (metric === null) return { ...row, metric, unit: undefined, isChosen: false };
  return { ...row, metric, unit: unitFor(row.candidate.unit, metrics[metric]?.unit ?? ''), isChosen: true };
}

export function pointOf({ device, metric }: Row): string | null {
  return device === null || metric === null ? null : `${device.id}.${metric}`;
}

/** Points that two chosen rows would be. */
export function doublePoints(rows: readonly Row[]): ReadonlySet<string> {
  const [seen, double] = [new Set<string>(), new Set<string>()];
  for (const row of rows) {
    const point = row.isChosen ? pointOf(row) : null;
    if (point === null) continue;
    if (seen.has(point)) double.add(point);
    seen.add(point);
  }
  return double;
}

/** What is sent. */
export function nodesOf(rows: readonly Row[]): OpcuaNode[] {
  return rows.flatMap(({ candidate, device, metric, unit, isChosen }) =>
    !isChosen || device === null || metric === null
      ? []
      : [
          {
            nodeId: candidate.nodeId,
            deviceId: device.id,
            metric,
            ...(unit === undefined ? {} : { unit }),
          },
        ],
  );
}
