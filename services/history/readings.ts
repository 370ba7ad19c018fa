import type { Clock } from '#infra/clock.ts';
import type { Queryable } from '#infra/postgres.ts';
import type { Latest } from '#schemas/api/registry.ts';
import type { Resolution, Series } from '#schemas/api/readings.ts';
import { deviceClasses } from '#schemas/device-classes/index.ts';
import { ParkError } from '#schemas/errors.ts';
import { parsePointKey, pointKey } from '#schemas/ids.ts';
import { limits } from '#schemas/limits.ts';
import { qualityWord } from '#schemas/reading.ts';
import type { PointDirectory, PointInfo } from '#schemas/registry.ts';
import { autoResolutions, bucketCount, isBeyondHorizon, type HistoryRange } from './resolution.ts';
import {
  readBuckets,
  readLatest,
  readRaw,
  type BucketColumns,
  type LatestRow,
  type RawColumns,
} from './store.ts';

export interface HistoryDeps {
  readonly db: Queryable;
  readonly directory: PointDirectory;
  readonly clock: Clock;
  /** How far back raw readings are kept. */
  readonly horizonDays: number;
  /** IANA zone of the park. */
  readonly timeZone: string;
}

export interface HistoryQuery {
  /** Point keys. */
  readonly points: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly resolution: Resolution | 'auto';
}

const dayMs = 86_400_000;

/**
 * Looks point keys up.
 * @throws ParkError `not-found` naming the first that is not known
 */
export function findPoints(directory: PointDirectory, keys: readonly string[]): PointInfo[] {
  return keys.map((key) => {
    const parsed = parsePointKey(key);
    const point = parsed === null ? undefined : directory.find(parsed.deviceId, parsed.metric);
    if (point === undefined) throw new ParkError('not-found', `There is no point ${key}`);
    return point;
  });
}

/**
 * GET /readings (DESIGN §4).
 * @throws ParkError `not-found`, `beyond-horizon`, `too-many-values`
 */
export async function queryReadings(
  deps: HistoryDeps,
  query: HistoryQuery,
): Promise<{ resolution: Resolution; series: Series[] }> {
  const points = findPoints(deps.directory, query.points);
  const range: HistoryRange = {
    fromMs: query.fromMs,
    toMs: query.toMs,
    points: points.length,
    intervalMs: Math.min(...points.map((point) => point.expectedIntervalMs)),
    horizonMs: deps.clock.nowMs() - deps.horizonDays * dayMs,
  };
  const candidates = query.resolution === 'auto' ? autoResolutions(range) : [query.resolution];
  for (const resolution of candidates) {
    if (isBeyondHorizon(resolution, range)) throw beyondHorizon(resolution, range);
    const series = await readSeries(deps, { resolution, points, range });
    if (series !== null) return { resolution, series };
  }
  throw new ParkError(
    'too-many-values',
    `The answer would hold more than ${limits.readingsValues} values; ask for a coarser resolution or a shorter ` +
      'range, or use the export',
  );
}

function beyondHorizon(resolution: Resolution, range: HistoryRange): ParkError {
  const since = new Date(range.horizonMs).toISOString();
  return new ParkError(
    'beyond-horizon',
    `${resolution} readings are kept since ${since}; ask for 15m or coarser`,
  );
}

/** One series a point; null when they would hold too many values together. */
async function readSeries(
  deps: HistoryDeps,
  query: { resolution: Resolution; points: readonly PointInfo[]; range: HistoryRange },
): Promise<Series[] | null> {
  const { resolution, points, range } = query;
  if (bucketCount(resolution, range) > limits.readingsValues) return null;
  let left: number = limits.readingsValues;
  const series: Series[] = [];
  // One point after the other: what is read is bounded by what may be answered.
  for (const point of points) {
    const asked = { pointId: point.pointId, fromMs: range.fromMs, toMs: range.toMs, most: left + 1 };
    const mean = deviceClasses.get(point.deviceClass)?.metrics[point.metric]?.mean ?? 'arithmetic';
    const columns =
      resolution === 'raw'
        ? await readRaw(deps.db, asked)
        : await readBuckets(deps.db, { ...asked, resolution, mean, timeZone: deps.timeZone });
    left -= columns.t.length;
    if (left < 0) return null;
    series.push(toSeries(point, columns));
  }
  return series;
}

function toSeries(point: PointInfo, columns: RawColumns | BucketColumns): Series {
  const key = { point: pointKey(point.deviceId, point.metric), unit: point.unit };
  return 'count' in columns ? { ...key, ...columns, avg: columns.v } : { ...key, ...columns };
}

/** GET /latest: the newest reading of each point that has one. */
export async function queryLatest(
  deps: Pick<HistoryDeps, 'db' | 'directory'>,
  points: readonly PointInfo[],
): Promise<Latest[]> {
  if (points.length > limits.latestPoints) {
    const detail = `${points.length} points were asked for, at most ${limits.latestPoints} are answered`;
    throw new ParkError('too-many-values', detail);
  }
  const byId = new Map(points.map((point) => [point.pointId, point]));
  const rows = await readLatest(deps.db, [...byId.keys()]);
  return rows.flatMap((row) => {
    const point = byId.get(row.pointId);
    return point === undefined ? [] : [toLatest(point, row)];
  });
}

/** A newest reading as the API and `/live` tell it. */
export function toLatest(point: PointInfo, { timeMs, value, quality }: LatestRow): Latest {
  const state = point.states[value];
  return {
    point: pointKey(point.deviceId, point.metric),
    time: new Date(timeMs).toISOString(),
    value,
    quality: qualityWord(quality),
    unit: point.unit,
    ...(state === undefined ? {} : { state }),
    provenance: point.provenance,
  };
}
