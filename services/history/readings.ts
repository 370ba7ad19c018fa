import type { Clock } from '#infra/clock.ts';
import type { Queryable } from '#infra/postgres.ts';
import type { Latest } from '#schemas/api/registry.ts';
import type { Resolution, Series } from '#schemas/api/readings.ts';
import type { MetricDefinition } from '#schemas/device-class.ts';
import { deviceClasses } from '#schemas/device-classes/index.ts';
import { ParkError } from '#schemas/errors.ts';
import { parsePointKey, pointKey } from '#schemas/ids.ts';
import { limits } from '#schemas/limits.ts';
import { localCalendar } from '#schemas/local-time.ts';
import { qualityWord } from '#schemas/reading.ts';
import type { PointDirectory, PointInfo } from '#schemas/registry.ts';
import type { Cell } from '#services/rollup/cell-store.ts';
import { meanOf } from '#services/rollup/fold.ts';
import { autoResolutions, bucketCount, isBeyondHorizon, type HistoryRange } from './resolution.ts';
import { readRollups } from './buckets.ts';
import { readLatest, readMinutes, readRaw, type LatestRow, type RawColumns } from './store.ts';

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
): Promise<{ resolution: Resolution } & Answer> {
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
    const answer = await readSeries(deps, { resolution, points, range });
    if (answer !== null) return { resolution, ...answer };
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

interface Answer {
  readonly series: Series[];
  /** True when some buckets are behind their readings (DESIGN §5); absent when none is. */
  readonly pending?: true;
}

/** One series a point; null when they would hold too many values together. */
async function readSeries(
  deps: HistoryDeps,
  query: { resolution: Resolution; points: readonly PointInfo[]; range: HistoryRange },
): Promise<Answer | null> {
  const { resolution, points, range } = query;
  if (bucketCount(resolution, range) > limits.readingsValues) return null;
  if (resolution !== 'raw' && resolution !== '1m') return readBuckets(deps, { ...query, resolution });
  let left: number = limits.readingsValues;
  const series: Series[] = [];
  // One point after the other: what is read is bounded by what may be answered.
  for (const point of points) {
    const asked = { pointId: point.pointId, fromMs: range.fromMs, toMs: range.toMs, most: left + 1 };
    const found =
      resolution === 'raw'
        ? rawSeries(point, await readRaw(deps.db, asked))
        : cellSeries(point, await readMinutes(deps.db, { ...asked, mean: meanKind(point) }));
    left -= found.t.length;
    if (left < 0) return null;
    series.push(found);
  }
  return { series };
}

async function readBuckets(
  deps: HistoryDeps,
  query: { resolution: '15m' | '1h' | '1d'; points: readonly PointInfo[]; range: HistoryRange },
): Promise<Answer> {
  const { points, range, resolution } = query;
  const ofKind = (mean: MetricDefinition['mean']) =>
    points.filter((point) => meanKind(point) === mean).map(({ pointId }) => pointId);
  const { byPoint, pending } = await readRollups(deps.db, {
    resolution,
    pointIds: [...new Set(points.map(({ pointId }) => pointId))],
    fromMs: range.fromMs,
    toMs: range.toMs,
    calendar: localCalendar(deps.timeZone),
    means: { energy: ofKind('energy'), circular: ofKind('circular') },
  });
  const series = points.map((point) => cellSeries(point, byPoint.get(point.pointId) ?? []));
  return pending ? { series, pending } : { series };
}

function meanKind(point: PointInfo): MetricDefinition['mean'] {
  return deviceClasses.get(point.deviceClass)?.metrics[point.metric]?.mean ?? 'arithmetic';
}

function rawSeries(point: PointInfo, columns: RawColumns): Series {
  return { point: pointKey(point.deviceId, point.metric), unit: point.unit, ...columns };
}

function cellSeries(point: PointInfo, cells: readonly Cell[]): Series {
  const avg = cells.map((cell) => meanOf(cell, meanKind(point)));
  return {
    point: pointKey(point.deviceId, point.metric),
    unit: point.unit,
    t: cells.map(({ bucketMs }) => bucketMs),
    v: avg,
    avg,
    min: cells.map(({ min }) => min),
    max: cells.map(({ max }) => max),
    q: cells.map(({ quality }) => quality),
    count: cells.map(({ count }) => count),
  };
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
