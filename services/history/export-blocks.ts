import type { Queryable } from '#infra/postgres.ts';
import type { LocalCalendar } from '#schemas/local-time.ts';
import type { PointInfo } from '#schemas/registry.ts';
import { meanOf } from '#services/rollup/fold.ts';
import { readRollups } from './buckets.ts';
import { meanKind } from './readings.ts';
import { readRawPage } from './store.ts';

/** Rows of one point in order of time, as columns: what an export holds at once. */
export type Block = RawBlock | BucketBlock;

export interface RawBlock {
  readonly kind: 'raw';
  readonly point: PointInfo;
  /** Epoch µs. */
  readonly timesUs: number[];
  readonly values: number[];
  readonly qualities: number[];
}

export interface BucketBlock {
  readonly kind: 'buckets';
  readonly point: PointInfo;
  /** Start of the bucket, epoch µs. */
  readonly timesUs: number[];
  readonly avg: (number | null)[];
  readonly min: (number | null)[];
  readonly max: (number | null)[];
  readonly count: number[];
  readonly qualities: number[];
}

/** Rows of a block at most. */
export const blockRows = 10_000;
/** Local days of one block of quarters: fewer buckets than may be computed from raw where rollups are behind. */
const daysAtOnce = 90;

export interface ExportPlan {
  readonly points: readonly PointInfo[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly resolution: 'raw' | '15m' | '1h' | '1d';
  /** Raw readings beyond the horizon are asked for, too. */
  readonly isBeyond: boolean;
}

/**
 * Everything the plan asks for, point after point. Each block is read when it is asked for, by a statement of its own that ends with
 * it: no transaction and no connection is held while the reader is slow, and whoever stops reading has ended the query.
 */
export async function* exportBlocks(
  deps: { db: Queryable; calendar: LocalCalendar },
  plan: ExportPlan,
): AsyncGenerator<Block> {
  const { resolution } = plan;
  // The calendar is slow; all points share its windows.
  const windows = resolution === 'raw' ? [] : windowsOf(deps.calendar, plan);
  for (const point of plan.points) {
    if (resolution === 'raw') yield* rawBlocks(deps.db, point, plan);
    else for (const window of windows) yield* bucketBlock(deps, point, { ...window, resolution });
  }
}

async function* rawBlocks(
  db: Queryable,
  point: PointInfo,
  { fromMs, toMs, isBeyond }: ExportPlan,
): AsyncGenerator<RawBlock> {
  let from = { fromUs: fromMs * 1e3, behind: false };
  for (;;) {
    const page = { pointId: point.pointId, toMs, most: blockRows, isBeyond, ...from };
    const rows = await readRawPage(db, page);
    if (rows.length > 0) {
      yield {
        kind: 'raw',
        point,
        timesUs: rows.map(([timeUs]) => timeUs),
        values: rows.map(([, value]) => value),
        qualities: rows.map(([, , quality]) => quality),
      };
    }
    if (rows.length < blockRows) return;
    from = { fromUs: rows.at(-1)?.[0] ?? 0, behind: true };
  }
}

interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The range cut at local midnights, so that no bucket is in two windows. */
function windowsOf(calendar: LocalCalendar, { fromMs, toMs }: Window): Window[] {
  const days = calendar.segments(fromMs, toMs);
  const windows: Window[] = [];
  for (let at = 0; at < days.length; at += daysAtOnce) {
    const last = days[Math.min(at + daysAtOnce, days.length) - 1];
    windows.push({ fromMs: days[at]?.fromMs ?? fromMs, toMs: last?.toMs ?? toMs });
  }
  return windows;
}

async function* bucketBlock(
  { db, calendar }: { db: Queryable; calendar: LocalCalendar },
  point: PointInfo,
  window: Window & { resolution: '15m' | '1h' | '1d' },
): AsyncGenerator<BucketBlock> {
  const mean = meanKind(point);
  const ids = [point.pointId];
  const means = { energy: mean === 'energy' ? ids : [], circular: mean === 'circular' ? ids : [] };
  const { byPoint } = await readRollups(db, { ...window, pointIds: ids, calendar, means });
  const cells = byPoint.get(point.pointId) ?? [];
  if (cells.length === 0) return;
  yield {
    kind: 'buckets',
    point,
    timesUs: cells.map(({ bucketMs }) => bucketMs * 1e3),
    avg: cells.map((cell) => meanOf(cell, mean)),
    min: cells.map(({ min }) => min),
    max: cells.map(({ max }) => max),
    count: cells.map(({ count }) => count),
    qualities: cells.map(({ quality }) => quality),
  };
}
