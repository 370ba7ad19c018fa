import type { Database, Queryable } from '#infra/postgres.ts';
import type { ConsumptionAnswer, ConsumptionBucket, ConsumptionInterval } from '#schemas/api/consumption.ts';
import { ParkError } from '#schemas/errors.ts';
import { pointKey } from '#schemas/ids.ts';
import { limits } from '#schemas/limits.ts';
import type { LocalCalendar } from '#schemas/local-time.ts';
import type { PointInfo } from '#schemas/registry.ts';
import { bucketsOf, mostBuckets } from './buckets.ts';
import { counterFacts } from './facts.ts';
import { planBuckets, readStanding, type Block, type Piece } from './days.ts';
import { computeMissing, computeParts } from './missing.ts';
import {
  joinParts,
  sumParts,
  totalOf,
  type ConsumptionPart,
  type Interval,
  type IntervalConsumption,
} from './parts.ts';
import { readDecisions, readReplacements } from './review-store.ts';
import type { SampleSource } from './samples.ts';
import { keptSamples, readCounters } from './store.ts';
import type { CounterContext } from './unroll.ts';

/**
 * What the lines of these counters depend on, beside their samples, by point number.
 * @throws ParkError `invalid-request` naming the first that is no counter
 */
export async function readContexts(
  db: Queryable,
  points: readonly Pick<PointInfo, 'pointId' | 'deviceId' | 'metric'>[],
): Promise<Map<number, CounterContext>> {
  const ids = points.map((point) => point.pointId);
  const counters = new Map((await readCounters(db, ids)).map((row) => [row.pointId, row]));
  const replacements = Map.groupBy(await readReplacements(db, ids), (row) => row.pointId);
  const decisions = Map.groupBy(await readDecisions(db, ids), (row) => row.pointId);
  return new Map(
    points.map(({ pointId, deviceId, metric }) => {
      const row = counters.get(pointId);
      const facts = row === undefined ? null : counterFacts(row);
      if (facts === null) {
        const message = `${pointKey(deviceId, metric)} is no counter`;
        throw new ParkError('invalid-request', message, [{ path: 'querystring/points', message }]);
      }
      const decided = (decisions.get(pointId) ?? []).map(({ decision }) => decision);
      return [pointId, { facts, replacements: replacements.get(pointId) ?? [], decisions: decided }];
    }),
  );
}

/**
 * Consumption of counters over intervals in order, point by point, from their samples alone: what everything that is
 * kept must equal.
 * @param source raw readings, and knots beyond them, when left out
 * @throws ParkError `invalid-request`, `too-many-values`
 */
export async function readConsumption(
  db: Queryable,
  query: { readonly points: readonly PointInfo[]; readonly intervals: readonly Interval[] },
  source: SampleSource = keptSamples(db),
): Promise<Map<number, IntervalConsumption[]>> {
  const { points, intervals } = query;
  const found = new Map<number, IntervalConsumption[]>();
  for (const [pointId, context] of await readContexts(db, points)) {
    const parts = await computeParts(db, { pointId, context, intervals }, source);
    found.set(
      pointId,
      parts.map((part) => joinParts([part])),
    );
  }
  return found;
}

/**
 * Consumption of counters over buckets in order. Whole days and months of the park that are kept ready and still stand
 * are read; everything else is computed from samples. Never stale: it equals what samples alone give, but for the last
 * bits of a bucket of several days, which is always the sum of its months, and they of their days.
 * @throws ParkError `invalid-request`, `too-many-values`
 */
export async function readKeptConsumption(
  db: Database,
  query: {
    readonly points: readonly PointInfo[];
    readonly intervals: readonly Interval[];
    readonly calendar: LocalCalendar;
  },
): Promise<Map<number, IntervalConsumption[]>> {
  const contexts = await readContexts(db, query.points);
  const plans = planBuckets(query.intervals, query.calendar);
  const blocks = plans.flat();
  const standing = await readStanding(db, { blocks, contexts });
  const kept = (pointId: number, { day }: Piece) => (day === null ? undefined : standing.day(pointId, day));
  const monthOf = (pointId: number, { month }: Block) =>
    month === null ? undefined : standing.month(pointId, month);
  const missingOf = (pointId: number) =>
    blocks.flatMap((block) =>
      monthOf(pointId, block) === undefined
        ? block.pieces.filter((piece) => kept(pointId, piece) === undefined)
        : [],
    );
  const missing = [...contexts].map(([pointId, context]) => ({
    pointId,
    context,
    intervals: missingOf(pointId),
  }));
  const computed = await computeMissing(db, missing);
  const found = new Map<number, IntervalConsumption[]>();
  for (const pointId of contexts.keys()) {
    const parts = new Map((computed.get(pointId) ?? []).map((part) => [part.fromUs, part]));
    const partOf = (interval: Interval, part: KeptFigures | undefined): ConsumptionPart | undefined =>
      part === undefined ? parts.get(interval.fromUs) : withFigures(interval, part);
    const sumOf = (block: Block): ConsumptionPart => {
      const month = monthOf(pointId, block);
      if (month !== undefined) return withFigures(block, month);
      return sumParts(block.pieces.flatMap((piece) => partOf(piece, kept(pointId, piece)) ?? []));
    };
    const sums = plans.map((plan) => joinParts(plan.map(sumOf)));
    found.set(pointId, sums);
  }
  return found;
}

type KeptFigures = Omit<ConsumptionPart, keyof Interval>;

function withFigures({ fromUs, toUs }: Interval, { value, coveredUs, bits }: KeptFigures): ConsumptionPart {
  return { fromUs, toUs, value, coveredUs, bits };
}

export interface ConsumptionQuery {
  readonly points: readonly PointInfo[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly interval: ConsumptionInterval;
  readonly timeZone: string;
}

/**
 * GET /consumption (DESIGN §4).
 * @throws ParkError `invalid-request`, `too-many-values`
 */
export async function queryConsumption(
  db: Database,
  query: ConsumptionQuery & { readonly calendar: LocalCalendar },
): Promise<ConsumptionAnswer> {
  const { points } = query;
  if (mostBuckets(query) * points.length > limits.consumptionValues) {
    const detail = `The answer would hold more than ${limits.consumptionValues} values; ask for a longer interval or fewer points`;
    throw new ParkError('too-many-values', detail);
  }
  const { calendar } = query;
  const intervals = bucketsOf(query, query.timeZone === calendar.timeZone ? calendar : undefined);
  const found = await readKeptConsumption(db, { points, intervals, calendar });
  const series = points.map((point) => ({ point, buckets: found.get(point.pointId) ?? [] }));
  const byUnit = Map.groupBy(series, ({ point }) => point.unit);
  return {
    items: series.map(({ point, buckets }) => ({
      point: pointKey(point.deviceId, point.metric),
      unit: point.unit,
      provenance: point.provenance,
      buckets: buckets.map(toBucket),
    })),
    totals: [...byUnit].map(([unit, group]) => ({
      unit,
      points: group.length,
      buckets: totalOf(group.map(({ buckets }) => buckets)).map(toBucket),
    })),
    nextCursor: null,
  };
}

function toBucket({ fromUs, toUs, value, coverage, flags }: IntervalConsumption): ConsumptionBucket {
  return { from: isoOf(fromUs), to: isoOf(toUs), value, coverage, flags: [...flags] };
}

/** RFC 3339 of epoch µs; digits after the millisecond only where there are any. */
export function isoOf(timeUs: number): string {
  const text = new Date(Math.floor(timeUs / 1_000)).toISOString();
  const restUs = timeUs - Math.floor(timeUs / 1_000) * 1_000;
  return restUs === 0 ? text : text.replace('Z', `${String(restUs).padStart(3, '0')}Z`);
}
