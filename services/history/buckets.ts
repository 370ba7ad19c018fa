import type { Queryable } from '#infra/postgres.ts';
import { dayAfter, type LocalCalendar } from '#schemas/local-time.ts';
import { quarterMs, quarterOf } from '#services/rollup/buckets.ts';
import { readRawCells, type Cell, type MeanKinds, type PointCell } from '#services/rollup/cell-store.ts';
import { foldCells } from '#services/rollup/fold.ts';
import { readDirty } from '#services/rollup/journal-store.ts';
import { readFoldedDays, readOpenCells, readPackedDays, type PackedDay } from './rollup-store.ts';

/** Buckets that are behind and are computed from raw in one answer; beyond it the answer says `pending`. */
const mostFromRaw = 10_000;
/** Cells read at once: memory is bounded by it, whatever is asked for. */
const cellsAtOnce = 100_000;
const hourMs = 3_600_000;

export interface BucketsQuery {
  readonly resolution: '15m' | '1h' | '1d';
  readonly pointIds: readonly number[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly calendar: LocalCalendar;
  readonly means: MeanKinds;
}

export interface Buckets {
  /** Whole buckets that overlap the range, in order, of each point. */
  readonly byPoint: ReadonlyMap<number, readonly Cell[]>;
  /** True when some are behind their readings. */
  readonly pending: boolean;
}

/** Buckets out of the rollups; those that the journal says are behind come from raw readings. */
export async function readRollups(db: Queryable, query: BucketsQuery): Promise<Buckets> {
  const days = coveredDays(query);
  const range = { fromMs: days[0]?.fromMs ?? query.fromMs, toMs: days.at(-1)?.toMs ?? query.toMs };
  // Only days are asked for whole; finer buckets end where the range does, so that as little as possible is behind.
  const wanted =
    query.resolution === '1d'
      ? range
      : { fromMs: alignDown(query, query.fromMs, days), toMs: alignUp(query, query.toMs, days) };
  const { cells, pending } = await readBehind(db, { ...query, ...wanted });
  const byPoint = new Map<number, readonly Cell[]>();
  const perPoint = Math.ceil(
    (range.toMs - range.fromMs) / (query.resolution === '1d' ? hourMs * 24 : quarterMs),
  );
  const atOnce = Math.max(1, Math.floor(cellsAtOnce / Math.max(perPoint, 1)));
  for (let at = 0; at < query.pointIds.length; at += atOnce) {
    const pointIds = query.pointIds.slice(at, at + atOnce);
    const part = { ...query, ...wanted, pointIds, days, behind: cells };
    const found = query.resolution === '1d' ? await readDays(db, part) : await readQuarters(db, part);
    for (const [pointId, buckets] of found) byPoint.set(pointId, buckets);
  }
  return { byPoint, pending };
}

interface Day {
  readonly day: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Whole local days that overlap the range. */
function coveredDays({ fromMs, toMs, calendar }: BucketsQuery): Day[] {
  return calendar.segments(fromMs, toMs).map(({ day }, index, all) => ({
    day,
    fromMs: index === 0 ? calendar.startOf(day) : (all[index]?.fromMs ?? 0),
    toMs: index === all.length - 1 ? calendar.startOf(dayAfter(day)) : (all[index]?.toMs ?? 0),
  }));
}

/** Hours count from local midnight. */
function alignDown({ resolution }: BucketsQuery, timeMs: number, days: readonly Day[]): number {
  const midnightMs = days[0]?.fromMs ?? 0;
  return resolution === '15m' ? quarterOf(timeMs) : timeMs - ((timeMs - midnightMs) % hourMs);
}

function alignUp({ resolution }: BucketsQuery, timeMs: number, days: readonly Day[]): number {
  const { fromMs, toMs } = days.at(-1) ?? { fromMs: 0, toMs: Infinity };
  const stepMs = resolution === '15m' ? quarterMs : hourMs;
  return Math.min(fromMs + Math.ceil((timeMs - fromMs) / stepMs) * stepMs, toMs);
}

/** Cells from raw of the buckets that are behind; none of them when there are too many. */
async function readBehind(
  db: Queryable,
  query: BucketsQuery,
): Promise<{ cells: ReadonlyMap<number, readonly PointCell[]>; pending: boolean }> {
  const dirty = await readDirty(db, { ...query, most: mostFromRaw + 1 });
  if (dirty.length > mostFromRaw) return { cells: new Map(), pending: true };
  const cells: PointCell[] = [];
  for (const [fromMs, behind] of Map.groupBy(dirty, ({ bucketMs }) => bucketMs)) {
    const pointIds = behind.map(({ pointId }) => pointId);
    const bucket = { fromMs, toMs: fromMs + quarterMs, pointIds, means: query.means };
    cells.push(...(await readRawCells(db, bucket)));
  }
  return { cells: Map.groupBy(cells, ({ pointId }) => pointId), pending: false };
}

interface Part extends BucketsQuery {
  readonly days: readonly Day[];
  /** Cells from raw, by point: they stand before all others. */
  readonly behind: ReadonlyMap<number, readonly PointCell[]>;
}

async function readQuarters(db: Queryable, part: Part): Promise<Map<number, Cell[]>> {
  const { pointIds, days, fromMs, toMs, resolution } = part;
  const packed = await readPackedDays(db, { pointIds, days: days.map(({ day }) => day) });
  const open = Map.groupBy(await readOpenCells(db, part), ({ pointId }) => pointId);
  const packedOf = Map.groupBy(packed, ({ pointId }) => pointId);
  return new Map(
    pointIds.map((pointId) => {
      const cells = [
        ...unpack(packedOf.get(pointId) ?? [], days),
        ...(open.get(pointId) ?? []),
        ...(part.behind.get(pointId) ?? []),
      ].filter(({ bucketMs }) => bucketMs >= fromMs && bucketMs < toMs);
      const quarters = lastOfEach(cells);
      return [pointId, resolution === '15m' ? quarters : foldHours(quarters, days)];
    }),
  );
}

function unpack(packed: readonly PackedDay[], days: readonly Day[]): Cell[] {
  const starts = new Map(days.map(({ day, fromMs }) => [day, fromMs]));
  return packed.flatMap((row) =>
    row.count.flatMap((count, place) => {
      if (count === null) return [];
      return {
        bucketMs: (starts.get(row.day) ?? 0) + place * quarterMs,
        count,
        summed: row.summed[place] ?? 0,
        min: row.min[place] ?? null,
        max: row.max[place] ?? null,
        sum: row.sum[place] ?? null,
        sumCos: row.sumCos?.[place] ?? null,
        quality: row.quality[place] ?? 0,
      };
    }),
  );
}

/** In order of time, of each bucket the cell that was given last. */
function lastOfEach(cells: readonly Cell[]): Cell[] {
  const byBucket = new Map(cells.map((cell) => [cell.bucketMs, cell]));
  return [...byBucket.values()].toSorted((a, b) => a.bucketMs - b.bucketMs);
}

function foldHours(quarters: readonly Cell[], days: readonly Day[]): Cell[] {
  let at = 0;
  const hourOf = ({ bucketMs }: Cell) => {
    while (bucketMs >= (days[at]?.toMs ?? Infinity)) at++;
    const midnightMs = days[at]?.fromMs ?? 0;
    return bucketMs - ((bucketMs - midnightMs) % hourMs);
  };
  return foldBy(quarters, hourOf);
}

function foldBy(cells: readonly Cell[], startOf: (cell: Cell) => number): Cell[] {
  return [...Map.groupBy(cells, startOf)].flatMap(([bucketMs, group]) => foldCells(group, bucketMs) ?? []);
}

/** Folded days as they stand; a day that has cells beside its packed row is folded here. */
async function readDays(db: Queryable, part: Part): Promise<Map<number, Cell[]>> {
  const { pointIds, days } = part;
  const open = await readOpenCells(db, part);
  const changed = [...open, ...pointIds.flatMap((pointId) => part.behind.get(pointId) ?? [])];
  const dayOf = dayFinder(days);
  const changedDays = new Set(changed.map(({ bucketMs }) => dayOf(bucketMs)));
  const changedIds = [...new Set(changed.map(({ pointId }) => pointId))];
  const folded = await readFoldedDays(db, {
    pointIds,
    fromDay: days[0]?.day ?? '',
    toDay: days.at(-1)?.day ?? '',
  });
  const packed =
    changed.length === 0 ? [] : await readPackedDays(db, { pointIds: changedIds, days: [...changedDays] });
  const starts = new Map(days.map(({ day, fromMs }) => [day, fromMs]));
  const ofPoint = <T extends { pointId: number }>(rows: readonly T[]) =>
    Map.groupBy(rows, (row) => row.pointId);
  const [changedOf, foldedOf, packedOf] = [ofPoint(changed), ofPoint(folded), ofPoint(packed)];
  return new Map(
    pointIds.map((pointId) => {
      const fresh = changedOf.get(pointId) ?? [];
      const ownDays = new Set(fresh.map(({ bucketMs }) => dayOf(bucketMs)));
      const before = (packedOf.get(pointId) ?? []).filter(({ day }) => ownDays.has(day));
      const refolded = foldBy(
        lastOfEach([...unpack(before, days), ...fresh]),
        ({ bucketMs }) => starts.get(dayOf(bucketMs)) ?? 0,
      );
      const kept = (foldedOf.get(pointId) ?? [])
        .filter(({ day }) => !ownDays.has(day))
        .map((row) => ({ ...row, bucketMs: starts.get(row.day) ?? 0 }));
      return [pointId, [...kept, ...refolded].toSorted((a, b) => a.bucketMs - b.bucketMs)];
    }),
  );
}

/** The day that an instant of the range lies in, by bisection: the calendar itself is slow. */
function dayFinder(days: readonly Day[]): (timeMs: number) => string {
  return (timeMs) => {
    let [low, high] = [0, days.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((days[middle]?.fromMs ?? Infinity) <= timeMs) low = middle;
      else high = middle - 1;
    }
    return days[low]?.day ?? '';
  };
}
