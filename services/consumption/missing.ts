import type { Queryable } from '#infra/postgres.ts';
import { partsIn } from './intervals.ts';
import type { ConsumptionPart, Interval } from './parts.ts';
import { readAhead } from './read-ahead.ts';
import { openReviews, readOpenSteps, supersedeReviews } from './review-store.ts';
import { readLine, type SampleSource } from './samples.ts';
import { keptSamples, readKeptSince } from './store.ts';
import { compareSuspects, suspectsOf } from './suspects.ts';
import type { CounterContext, Unrolled } from './unroll.ts';

/** Samples of many counters that are read ahead together, about 30 bytes each. */
const samplesAtOnce = 500_000;
/** What is read is not more than this many times of what the expected interval lets expect. */
const mostOverdue = 2;
/** A counter that should have more in a range is read by itself. */
const mostAhead = 50_000;

/** Intervals of a counter in order that nothing is kept of. */
export interface Missing {
  readonly pointId: number;
  readonly context: CounterContext;
  readonly intervals: readonly Interval[];
}

/**
 * Computes what is not kept, from samples; many counters over the same range by a few statements together. What is
 * implausible in it goes to the review list.
 * @throws ParkError `too-many-values`
 */
export async function computeMissing(
  db: Queryable,
  missing: readonly Missing[],
): Promise<ReadonlyMap<number, readonly ConsumptionPart[]>> {
  const found = new Map<number, ConsumptionPart[]>();
  const runs = missing.flatMap(({ intervals, ...of }) =>
    runsOf(intervals).map((run) => ({ ...of, intervals: run })),
  );
  if (runs.length === 0) return found;
  const sinceUs = await readKeptSince(db);
  const alike = Map.groupBy(runs, ({ intervals }) => {
    const { fromUs, toUs } = rangeOf(intervals);
    return `${fromUs} ${toUs}`;
  });
  for (const group of alike.values()) {
    const range = rangeOf(group[0]?.intervals ?? []);
    for (const some of chunksOf(group, range)) {
      const pointIds = some.map(({ pointId }) => pointId);
      const page = keptSamples(db).page;
      const query = { ...range, pointIds, sinceUs, mostSamples: mostOverdue * samplesAtOnce, page };
      // Before that instant knots are read, which are few.
      const isRaw = range.fromUs >= sinceUs && mostSamplesOf(some, range) <= mostAhead;
      const source = keptSamples(db, isRaw ? await readAhead(db, query) : undefined);
      const open = Map.groupBy(await readOpenSteps(db, { pointIds, ...range }), ({ pointId }) => pointId);
      for (const one of some) {
        const parts = await computeParts(db, { ...one, open: open.get(one.pointId) ?? [] }, source);
        const known = found.get(one.pointId);
        if (known === undefined) found.set(one.pointId, parts);
        else known.push(...parts);
      }
    }
  }
  return found;
}

/** Parts of a counter over intervals in order; what is implausible in them goes to the review list. */
export async function computeParts(
  db: Queryable,
  of: Missing & { readonly open?: readonly { readonly fromUs: number; readonly toUs: number }[] },
  source: SampleSource,
): Promise<ConsumptionPart[]> {
  const { pointId, context, intervals } = of;
  const range = rangeOf(intervals);
  const line = await readLine(source, { pointId, ...range }, context);
  const open = of.open ?? (await readOpenSteps(db, { pointIds: [pointId], ...range }));
  await noteSuspects(db, { pointId, line, range, open });
  return partsIn(line, intervals, context.facts);
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

function rangeOf(intervals: readonly Interval[]): Interval {
  return { fromUs: intervals[0]?.fromUs ?? 0, toUs: intervals.at(-1)?.toUs ?? 0 };
}

/** Intervals in order, as runs without holes. Pure. */
function runsOf(intervals: readonly Interval[]): Interval[][] {
  const runs: Interval[][] = [];
  for (const { fromUs, toUs } of intervals) {
    const run = runs.at(-1);
    if (run?.at(-1)?.toUs === fromUs) run.push({ fromUs, toUs });
    else runs.push([{ fromUs, toUs }]);
  }
  return runs;
}

/** How many samples the counter that reports most often should have in a range. */
function mostSamplesOf(counters: readonly Missing[], { fromUs, toUs }: Interval): number {
  const fastestUs = Math.min(...counters.map(({ context }) => context.facts.expectedIntervalUs));
  return (toUs - fromUs) / fastestUs;
}

/** Counters whose samples are in memory together. */
function chunksOf(counters: readonly Missing[], range: Interval): Missing[][] {
  const size = Math.max(1, Math.floor(samplesAtOnce / Math.max(1, mostSamplesOf(counters, range))));
  return Array.from({ length: Math.ceil(counters.length / size) }, (_, at) =>
    counters.slice(at * size, (at + 1) * size),
  );
}
