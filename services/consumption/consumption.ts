import type { Queryable } from '#infra/postgres.ts';
import type { ConsumptionAnswer, ConsumptionBucket, ConsumptionInterval } from '#schemas/api/consumption.ts';
import { ParkError } from '#schemas/errors.ts';
import { pointKey } from '#schemas/ids.ts';
import { limits } from '#schemas/limits.ts';
import type { PointInfo } from '#schemas/registry.ts';
import { bucketsOf, mostBuckets } from './buckets.ts';
import { counterFacts } from './facts.ts';
import { consumptionIn, totalOf, type Interval, type IntervalConsumption } from './intervals.ts';
import {
  openReviews,
  readDecisions,
  readOpenSteps,
  readReplacements,
  supersedeReviews,
} from './review-store.ts';
import { readLine, type SampleSource } from './samples.ts';
import { keptSamples, readCounters } from './store.ts';
import { compareSuspects, suspectsOf } from './suspects.ts';
import type { CounterContext, Unrolled } from './unroll.ts';

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
 * Consumption of counters over intervals in order, point by point. What is implausible in them goes to the review list.
 * @param source raw readings, and knots beyond them, when left out
 * @throws ParkError `invalid-request`, `too-many-values`
 */
export async function readConsumption(
  db: Queryable,
  query: { readonly points: readonly PointInfo[]; readonly intervals: readonly Interval[] },
  source: SampleSource = keptSamples(db),
): Promise<Map<number, IntervalConsumption[]>> {
  const { points, intervals } = query;
  const fromUs = intervals[0]?.fromUs ?? 0;
  const toUs = intervals.at(-1)?.toUs ?? 0;
  const contexts = await readContexts(db, points);
  const open = Map.groupBy(
    await readOpenSteps(db, { pointIds: [...contexts.keys()], fromUs, toUs }),
    (step) => step.pointId,
  );
  const found = new Map<number, IntervalConsumption[]>();
  // One counter after the other: its samples are forgotten before those of the next are read.
  for (const [pointId, context] of contexts) {
    const line = await readLine(source, { pointId, fromUs, toUs }, context);
    found.set(pointId, consumptionIn(line, intervals, context.facts));
    await noteSuspects(db, { pointId, line, range: { fromUs, toUs }, open: open.get(pointId) ?? [] });
  }
  return found;
}

/**
 * Brings the review list up to what a line says of a range: new cases are opened, open ones that the line no longer has
 * are superseded. Writes nothing when they agree.
 * @param found.open the open cases of the counter that end in the range
 */
export async function noteSuspects(
  db: Queryable,
  found: {
    readonly pointId: number;
    readonly line: Unrolled;
    readonly range: Interval;
    readonly open: readonly { readonly fromUs: number; readonly toUs: number }[];
  },
): Promise<void> {
  const { pointId, line, range, open } = found;
  const { fresh, gone } = compareSuspects(suspectsOf(line, range), open);
  if (fresh.length > 0) await openReviews(db, pointId, fresh);
  if (gone.length > 0) await supersedeReviews(db, pointId, gone);
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
export async function queryConsumption(db: Queryable, query: ConsumptionQuery): Promise<ConsumptionAnswer> {
  const { points } = query;
  if (mostBuckets(query) * points.length > limits.consumptionValues) {
    const detail = `The answer would hold more than ${limits.consumptionValues} values; ask for a longer interval or fewer points`;
    throw new ParkError('too-many-values', detail);
  }
  const found = await readConsumption(db, { points, intervals: bucketsOf(query) });
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
