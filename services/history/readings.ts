import type { Clock } from '#infra/clock.ts';
import type { Queryable } from '#infra/postgres.ts';
import type { Latest, LatestWithAge } from '#schemas/api/registry.ts';
import type { Fill, Resolution, Series } from '#schemas/api/readings.ts';
import type { MetricDefinition } from '#schemas/device-class.ts';
import { deviceClasses } from '#schemas/device-classes/index.ts';
import { ParkError } from '#schemas/errors.ts';
import { pointKey } from '#schemas/ids.ts';
import { limits } from '#schemas/limits.ts';
import { localCalendar } from '#schemas/local-time.ts';
import { qualityWord } from '#schemas/reading.ts';
import type { PointDirectory, PointInfo } from '#schemas/registry.ts';
import { knownPoints, knownPointsOf, type KnownPointsDeps } from '#services/registry/known-points.ts';
import type { Cell } from '#services/rollup/cell-store.ts';
import { meanOf } from '#services/rollup/fold.ts';
import { fillBuckets, type BucketSeries } from './fill.ts';
import { gapsOf } from './gaps.ts';
import { gridOf } from './grid.ts';
import type { NewestReadings } from './latest-text.ts';
import { lttb } from './lttb.ts';
import { beyondHorizon, horizonOf, isLate, readReach, type ReachDeps } from './reach.ts';
import { autoResolutions, bucketCount, isBeyondHorizon, type HistoryRange } from './resolution.ts';
import { readRollups } from './buckets.ts';
import {
  readLatest,
  readMinutes,
  readRaw,
  readRawPage,
  type LatestRow,
  type PointRange,
  type RawColumns,
  type RawExtent,
} from './store.ts';

export interface HistoryDeps extends ReachDeps {
  readonly directory: PointDirectory;
}

export interface HistoryQuery {
  /** Point keys. */
  readonly points: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly resolution: Resolution | 'auto';
  /** Of raw readings: keep at most so many of each point, those that give the line its shape. */
  readonly lttb?: number | undefined;
  /** What stands in an empty bucket; absent, it is left out. */
  readonly fill?: Fill | undefined;
}

/**
 * GET /readings (DESIGN §4).
 * @throws ParkError `not-found`, `beyond-horizon`, `too-many-values`; `invalid-request` when what is asked for does not go
 *   together
 */
export async function queryReadings(
  deps: HistoryDeps,
  query: HistoryQuery,
): Promise<{ resolution: Resolution } & Answer> {
  const points = await knownPoints(deps, query.points);
  refuseContradictions(query, points);
  const range: HistoryRange = {
    fromMs: query.fromMs,
    toMs: query.toMs,
    points: points.length,
    intervalMs: Math.min(...points.map((point) => point.expectedIntervalMs)),
    horizonMs: await readReach(deps, points, query.fromMs),
  };
  const isBeyond = query.fromMs < horizonOf(deps);
  for (const resolution of candidates(query, range)) {
    if (
      isBeyondHorizon(resolution, range) &&
      !(resolution === 'raw' && query.lttb === undefined && (await isLate(deps, points, range)))
    ) {
      throw beyondHorizon(resolution, range);
    }
    const answer = await readSeries(deps, { ...query, resolution, points, range, isBeyond });
    if (answer !== null) return { resolution, ...answer };
  }
  throw new ParkError(
    'too-many-values',
    `The answer would hold more than ${limits.readingsValues} values; ask for a coarser resolution or a shorter ` +
      'range, or use the export',
  );
}

/** LTTB draws from raw readings; buckets are what can be filled. */
function candidates(query: HistoryQuery, range: HistoryRange): readonly Resolution[] {
  if (query.resolution !== 'auto') return [query.resolution];
  if (query.lttb !== undefined) return ['raw'];
  const found = autoResolutions(range);
  if (query.fill === undefined) return found;
  const filled = found.filter((resolution) => resolution !== 'raw');
  return filled.length > 0 ? filled : ['1m'];
}

function refuseContradictions(query: HistoryQuery, points: readonly PointInfo[]): void {
  const { lttb: kept, fill, resolution } = query;
  const state = points.find(({ kind }) => kind === 'state');
  const faults: [string, string][] = [];
  if (kept !== undefined && resolution !== 'raw' && resolution !== 'auto') {
    faults.push(['lttb', 'draws from raw readings; buckets have their min and max already']);
  }
  if (fill !== undefined && (resolution === 'raw' || kept !== undefined)) {
    faults.push(['fill', 'fills buckets; raw readings have none']);
  }
  if (fill === 'linear' && state !== undefined) {
    faults.push([
      'fill',
      `nothing lies between two states of ${state.deviceId}.${state.metric}; use previous`,
    ]);
  }
  if (faults.length === 0) return;
  const errors = faults.map(([name, message]) => ({ path: `querystring/${name}`, message }));
  throw new ParkError(
    'invalid-request',
    errors.map(({ path, message }) => `${path}: ${message}`).join('; '),
    errors,
  );
}

/**
 * Points by keys, by device, or by space with everything below it; by key or device also those of devices that are gone.
 * @throws ParkError `not-found`
 */
export async function pointsOf(
  deps: KnownPointsDeps,
  wanted: { points?: readonly string[] | undefined; device?: string | undefined; space?: string | undefined },
): Promise<readonly PointInfo[]> {
  if (wanted.points !== undefined) return knownPoints(deps, wanted.points);
  if (wanted.space !== undefined) return deps.directory.ofSpace(wanted.space);
  return knownPointsOf(deps, wanted.device ?? '');
}

interface Answer {
  readonly series: Series[];
  /** True when some buckets are behind their readings (DESIGN §5); absent when none is. */
  readonly pending?: true;
}

interface SeriesQuery extends Pick<HistoryQuery, 'lttb' | 'fill'> {
  readonly resolution: Resolution;
  readonly points: readonly PointInfo[];
  readonly range: HistoryRange;
  /** Readings beyond the horizon are asked for, too. */
  readonly isBeyond: boolean;
}

/** One series a point; null when they would hold too many values together. */
async function readSeries(deps: HistoryDeps, query: SeriesQuery): Promise<Answer | null> {
  const { resolution, points, range } = query;
  if (bucketCount(resolution, range) > limits.readingsValues) return null;
  if (resolution === 'raw') return readRawSeries(deps, query);
  const found =
    resolution === '1m'
      ? await readMinuteSeries(deps, query)
      : await readBuckets(deps, { points, range, resolution });
  if (found === null) return null;
  return { ...found, series: finish(deps, { ...query, resolution }, found.series) };
}

/** One point after the other: what is read is bounded by what may be answered. */
async function readRawSeries(deps: HistoryDeps, query: SeriesQuery): Promise<Answer | null> {
  const { points, range, lttb: kept } = query;
  const most = kept === undefined ? limits.readingsValues : limits.lttbReadings;
  let [left, answered] = [most, 0];
  const series: Series[] = [];
  for (const point of points) {
    const { fromMs, toMs } = range;
    const asked = { pointId: point.pointId, fromMs, toMs, most: left + 1, isBeyond: query.isBeyond };
    const columns = await (kept === undefined ? readRaw(deps.db, asked) : readRawPages(deps.db, asked));
    left -= columns.t.length;
    if (left < 0) return null;
    const drawn = kept === undefined ? columns : drawShape(columns, kept, 2 * point.expectedIntervalMs);
    answered += drawn.t.length;
    if (answered > limits.readingsValues) return null;
    const gaps = gapsOf({ t: columns.t, endOf: (timeMs) => timeMs }, knownRange(deps, range, point));
    series.push({ ...rawSeries(point, drawn), gaps });
  }
  return { series };
}

/** Rows of one page when many are read: what the driver holds at once. */
const rawPageRows = 50_000;

/** As {@link readRaw}, for more rows than should be held as rows. */
async function readRawPages(db: Queryable, range: PointRange & RawExtent): Promise<RawColumns> {
  const columns: RawColumns = { t: [], v: [], q: [] };
  let from = { fromUs: range.fromMs * 1e3, behind: false };
  for (let left = range.most; left > 0;) {
    const most = Math.min(left, rawPageRows);
    const rows = await readRawPage(db, { ...range, most, ...from });
    for (const [timeUs, value, quality] of rows) {
      columns.t.push(timeUs / 1e3);
      columns.v.push(value);
      columns.q.push(quality);
    }
    if (rows.length < most) break;
    left -= rows.length;
    from = { fromUs: rows.at(-1)?.[0] ?? 0, behind: true };
  }
  return columns;
}

function drawShape({ t, v, q }: RawColumns, most: number, gapMs: number): RawColumns & { of: number } {
  const kept = lttb({ t, v: v.map((value) => value ?? 0), q }, most, gapMs);
  const take = <T>(column: readonly T[]) => kept.flatMap((place) => column.slice(place, place + 1));
  return { t: take(t), v: take(v), q: take(q), of: t.length };
}

async function readMinuteSeries(deps: HistoryDeps, query: SeriesQuery): Promise<Answer | null> {
  const { points, range, isBeyond } = query;
  let left: number = limits.readingsValues;
  const series: CellSeries[] = [];
  for (const point of points) {
    const asked = {
      pointId: point.pointId,
      fromMs: range.fromMs,
      toMs: range.toMs,
      most: left + 1,
      isBeyond,
    };
    const found = cellSeries(point, await readMinutes(deps.db, { ...asked, mean: meanKind(point) }));
    left -= found.t.length;
    if (left < 0) return null;
    series.push(found);
  }
  return { series };
}

/** Marks what is missing, and fills it where that is asked for. */
function finish(
  deps: HistoryDeps,
  query: SeriesQuery & { resolution: Exclude<Resolution, 'raw'> },
  found: readonly Series[],
): Series[] {
  const { points, range, resolution, fill } = query;
  const grid = gridOf(resolution, range, localCalendar(deps.timeZone));
  return found.map((series, index) => {
    const point = points[index];
    if (point === undefined) return series;
    const gaps = gapsOf({ t: series.t, endOf: (at) => grid.endOf(at) }, knownRange(deps, range, point));
    if (fill === undefined) return { ...series, gaps };
    const circular = meanKind(point) === 'circular';
    return { ...series, ...fillBuckets(series as CellSeries, { grid: grid.starts, fill, circular }), gaps };
  });
}

/** Up to now: what is still to come is not missing. */
function knownRange({ clock }: HistoryDeps, { fromMs, toMs }: HistoryRange, point: PointInfo) {
  return { fromMs, toMs: Math.min(toMs, clock.nowMs()), expectedIntervalMs: point.expectedIntervalMs };
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

/** How the mean of a point's values is formed; its class says so. */
export function meanKind(point: PointInfo): MetricDefinition['mean'] {
  return deviceClasses.get(point.deviceClass)?.metrics[point.metric]?.mean ?? 'arithmetic';
}

function rawSeries(point: PointInfo, columns: RawColumns): Series {
  return { point: pointKey(point.deviceId, point.metric), unit: point.unit, ...columns };
}

type CellSeries = Series & BucketSeries;

function cellSeries(point: PointInfo, cells: readonly Cell[]): CellSeries {
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

export interface LatestDeps {
  readonly db: Queryable;
  readonly clock: Clock;
  /** What is known in memory; undefined of a point that was not read yet. */
  readonly latest: { of(pointId: number): LatestRow | null | undefined };
}

/**
 * GET /latest: the newest reading of each point that has one, with its age. From memory; from rows only of points that are new.
 * @throws ParkError `too-many-values`
 */
export async function queryLatest(deps: LatestDeps, points: readonly PointInfo[]): Promise<LatestWithAge[]> {
  const { rows, nowMs } = await readNewest(deps, points);
  return points.flatMap((point, place) => {
    const row = rows[place];
    return row === undefined || row === null
      ? []
      : [{ ...toLatest(point, row), ageS: Math.max(0, Math.round(nowMs - row.timeMs)) / 1e3 }];
  });
}

/**
 * The newest reading of each point, as it stands in this moment.
 * @throws ParkError `too-many-values`
 */
export async function readNewest(deps: LatestDeps, points: readonly PointInfo[]): Promise<NewestReadings> {
  if (points.length > limits.latestPoints) {
    const detail = `${points.length} points were asked for, at most ${limits.latestPoints} are answered`;
    throw new ParkError('too-many-values', detail);
  }
  const rows = points.map(({ pointId }) => deps.latest.of(pointId));
  const unread = points.filter((_, place) => rows[place] === undefined);
  if (unread.length > 0) {
    const read = await readLatest(deps.db, [...new Set(unread.map(({ pointId }) => pointId))]);
    const byId = new Map(read.map((row) => [row.pointId, row]));
    for (const [place, { pointId }] of points.entries()) rows[place] ??= byId.get(pointId);
  }
  return { points, rows, nowMs: deps.clock.nowMs() };
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
